// Mistakes of a declaration: the build of the model reports all at once, in the declaration's own names.
import { defineRelations, sql } from 'drizzle-orm'
import {
  customType,
  integer,
  pgEnum,
  pgSchema,
  pgTable,
  pgView,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildModel, type ModelDeclaration } from '../../src/schema/build/build-model.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { ModelError } from '../../src/schema/declare/model-error.ts'

const clashing = pgEnum('clashing', ['a b', 'a-b'])
const size = pgEnum('size', ['S'])
const otherSize = pgSchema('other').enum('size', ['S', 'M'])
const things = pgTable('things', {
  id: integer().primaryKey(),
  name: text().notNull(),
  ownerId: text(),
  labels: clashing(),
  boxId: integer(),
})
const boxes = pgTable('boxes', {
  id: text().primaryKey(),
  'bad-name': text(),
  size: size(),
  NOT: text(),
  nodeId: text(),
})
const keyless = pgTable('keyless', { name: text(), size: otherSize() })
const summary = pgView('summary', { kind: text() }).as(sql`select 'a' as kind`)
const relations = defineRelations({ things, boxes, keyless, summaries: summary }, (r) => ({
  things: { box: r.one.boxes({ from: r.things.name, to: r.boxes.id }) },
  boxes: { OR: r.many.things({ from: r.boxes.id, to: r.things.name }) },
}))
const otherRelations = defineRelations({ things })
const { resource, operation, access } = declare({
  relations,
  caller: z.object({ user: z.string() }).partial(),
})
const everyone = access.everyone
const read = { access: { read: everyone } }
const plain = resource('things', { access: { read: everyone } })

function mistakesOf(parts: Partial<ModelDeclaration>): readonly string[] {
  try {
    buildModel({ name: 'Wrong', relations, resources: {}, ...parts })
    return []
  } catch (error) {
    if (error instanceof ModelError) return error.mistakes
    throw error
  }
}

test('all mistakes are reported at once, each once', () => {
  const mistakes = mistakesOf({
    resources: {
      thing: resource('things', {
        access: {
          read: access.any(
            { colour: { eq: 'red' } } as never,
            { name: {} },
            access.owner('owner' as never, 'user') as never,
          ),
          update: access.owner('ownerId', 'tenant' as never),
          delete: {},
        },
        fields: {
          colour: {},
          id: { read: access.role('staff') },
          name: {
            validate: () => {
              throw new Error('no such check')
            },
          },
        } as never,
        computed: {
          ownerId: { type: 'text', sql: () => sql`1` },
          box: { type: 'text', sql: () => sql`1` },
        },
        page: { max: 0 },
      }),
      box: resource('boxes', { access: { read: { size: { eq: 'XL' } } as never } }),
      keyless: resource('keyless', { access: { read: everyone, create: everyone } }),
    },
  })
  const expected = [
    'thing.fields.colour is no column of the table; it has id, name, ownerId, labels, boxId.',
    'thing.fields.name.validate threw: no such check',
    'thing.labels has the labels "a b" and "a-b", which are both a_b in GraphQL.',
    'thing.computed.ownerId has the name of a column.',
    'thing.box is both a field and a relation; rename the relation.',
    'resources.thing.fields.id.read stands on a column of the key, which cursors and ids show; restrict the resource instead.',
    'resources.thing.page.max is a whole number from 1 to 10000.',
    'resources.thing.page.default is a whole number from 1 to the maximum.',
    'box.bad-name is no name that GraphQL allows; rename the column in TypeScript.',
    'box.NOT is a word of the filter language; rename it in TypeScript.',
    'box.OR is a word of the filter language; rename the relation.',
    'box.nodeId has the name of the global id; set `names.nodeId`.',
    'resources.keyless has no primary key; name unique columns in `key`.',
    "resources.keyless.access allows writes, but views, tables without a primary key and the gateway's own tables are read-only.",
    'keyless takes the name keyless, which it has already; override it with `names`.',
    'keyless takes the name createKeyless, which it has already; override it with `names`.',
    'keyless.size is an enum Size of other labels than another of that name.',
    'thing.access.read.colour There is no colour here. Allowed are id, name, ownerId, labels, boxId, box, AND, OR, NOT.',
    'thing.access.read.name An empty object would match everything; leave it out, or name what it compares.',
    'thing.access.read names the column owner, which thing does not have. Did you mean ownerId?',
    'thing.access.update names the claim tenant; callers have user.',
    'thing.access.delete is an empty filter, which every row passes; say `access.everyone`.',
    'box.access.read.size.eq Expected one of "S".',
  ]
  expect(mistakes.toSorted()).toEqual(expected.toSorted())
  expect(new ModelError(mistakes).message).toContain(
    `The declaration has ${mistakes.length} mistakes:\n  - `,
  )
})

test.each<[string, Partial<ModelDeclaration>, readonly string[]]>([
  ['no resource', {}, ['resources is empty; a gateway serves at least one resource.']],
  [
    'one table twice',
    { resources: { thing: plain, other: resource('things', read) } },
    [
      'resources.other is the table things, which thing is already.',
      ...[
        'things',
        'thingsAggregate',
        '/things',
        'GET /things/{}',
        'POST /things/query',
        'GET /things',
        'GET /things/aggregate',
      ].map(
        (name) =>
          `other takes the name ${name}, which thing has already; override it with \`names\`.`,
      ),
    ],
  ],
  [
    'a view that is written, without a key',
    { resources: { summary: resource('summaries', { access: { create: everyone } }) } },
    [
      "resources.summary.access allows writes, but views, tables without a primary key and the gateway's own tables are read-only.",
      'resources.summary has no primary key; name unique columns in `key`.',
    ],
  ],
  [
    'a hidden key',
    { resources: { thing: resource('things', { ...read, fields: { id: { hidden: true } } }) } },
    ['resources.thing has id in its key, which is hidden or no column; a key is always served.'],
  ],
  [
    'a key of an unknown column',
    { resources: { summary: resource('summaries', { ...read, key: ['nothing' as never] }) } },
    [
      'resources.summary has nothing in its key, which is hidden or no column; a key is always served.',
    ],
  ],
  [
    'other relations than declared with',
    { relations: otherRelations, resources: { thing: plain } },
    ['relations are not those that `declare` was given.'],
  ],
  [
    'functions of another declare',
    {
      resources: {
        thing: plain,
        box: declare({ relations }).resource('keyless', {
          access: { read: { name: { eq: 'x' } } },
          key: ['name'],
        }),
      },
    },
    ['resources.box was declared with another `declare` than thing.'],
  ],
  [
    "a type of a scalar's name",
    { resources: { date: resource('things', { ...read, fields: { labels: { hidden: true } } }) } },
    [
      'date takes the name Date, which bifrons itself has already; override it with `names`.',
      'date takes the name DateFilter, which bifrons itself has already; override it with `names`.',
      'date takes the name DateListFilter, which bifrons itself has already; override it with `names`.',
    ],
  ],
  [
    'a plural that is a key',
    {
      resources: {
        thing: resource('things', {
          ...read,
          fields: { labels: { hidden: true } },
          names: { plural: 'thing' },
        }),
      },
    },
    ['thing takes the name thing, which it has already; override it with `names`.'],
  ],
  [
    'an invalid path',
    {
      resources: {
        thing: resource('things', {
          ...read,
          fields: { labels: { hidden: true } },
          names: { path: 'a/b' },
        }),
      },
    },
    ['thing has the path "a/b"; a path is small letters and digits, joined by hyphens.'],
  ],
])('%s', (_, parts, expected) => {
  expect(mistakesOf(parts).filter((line) => !line.includes('labels "a b"'))).toEqual(expected)
})

test('opted-in writes need their verbs, and columns to write', () => {
  const wrong = declare({
    relations: defineRelations({
      boxes: pgTable('boxes', {
        id: integer().primaryKey().generatedAlwaysAsIdentity(),
        name: text(),
      }),
      ties: pgTable('ties', { id: integer().primaryKey() }),
      created: pgTable('created', { id: integer().primaryKey(), name: text() }),
    }),
  })
  const open = {
    read: wrong.access.everyone,
    create: wrong.access.everyone,
    update: wrong.access.everyone,
  }
  const box = wrong.resource('boxes', { access: open, writes: ['upsert', 'deleteMany'] })
  const tie = wrong.resource('ties', {
    access: { update: wrong.access.everyone },
    writes: ['upsert', 'updateMany'],
  })
  const created = wrong.resource('created', {
    access: open,
    writes: ['upsert'],
    names: { plural: 'creations' },
  })
  expect(
    mistakesOf({ relations: box.vocabulary.relations, resources: { box, tie, created } }),
  ).toEqual([
    'resources.box.writes has upsert, and no unique key whose columns callers may give.',
    'resources.box.writes has deleteMany, for which access has to name delete too.',
    'resources.tie.writes has upsert, for which access has to name read and create too.',
    'resources.tie.writes has updateMany, for which access has to name read too.',
    'resources.tie.writes has updateMany, and no field that an update may change.',
    'resources.created has upsert and the name of what an upsert says beside the row; name it otherwise.',
  ])
})

test('addresses, inputs and outputs of operations that a face cannot serve are mistakes', () => {
  const answer = {
    kind: 'mutation',
    access: everyone,
    output: z.object({ ok: z.boolean() }),
    handle: async () => ({ ok: true }),
  } as const
  const free = resource('summaries', { ...read, key: ['kind'] })
  const mistakes = mistakesOf({
    resources: { summary: free },
    operations: {
      'bad-name': operation({ ...answer, rest: 'POST /bad' }),
      fetches: operation({ ...answer, rest: 'GET /fetches' }),
      asks: operation({ ...answer, kind: 'query', rest: 'POST /asks' }),
      lost: operation({ ...answer, rest: 'POST /lost/{id}' }),
      shouts: operation({ ...answer, rest: 'POST /Shouts' }),
      one: operation({ ...answer, rest: 'POST /same/{id}', input: z.object({ id: z.int32() }) }),
      two: operation({ ...answer, rest: 'POST /same/{key}', input: z.object({ key: z.int32() }) }),
      list: operation({ ...answer, kind: 'query', rest: 'GET /summaries' }),
      asked: operation({ ...answer, rest: 'POST /summaries/query' }),
      summary: operation({ ...answer, rest: 'POST /named' }),
      rows: operation({
        kind: 'query',
        rest: 'GET /rows',
        access: access.any({ kind: { eq: 'a' } } as never),
        output: free,
        handle: async () => null,
      }),
      owned: operation({
        ...answer,
        rest: 'POST /owned',
        access: access.owner('ownerId', 'user') as never,
      }),
      elsewhere: operation({
        kind: 'query',
        rest: 'GET /elsewhere',
        access: everyone,
        output: resource('boxes', read),
        handle: async () => null,
      }),
      shapes: operation({
        ...answer,
        rest: 'POST /shapes',
        output: z.object({ any: z.any(), when: z.date(), ok: z.boolean() }),
        handle: async () => ({ any: 1, when: new Date(), ok: true }),
        input: z.object({
          map: z.record(z.string(), z.string()),
          pair: z.tuple([z.string(), z.string()]),
          either: z.union([z.string(), z.number()]),
          whole: z.int(),
          big: z.bigint(),
          five: z.literal(5),
          none: z.object({}),
          deep: z.array(z.object({ set: z.set(z.string()) })),
          fine: z.object({ id: z.int32(), tags: z.array(z.string()).default([]) }).optional(),
        }),
      }),
    },
  })
  const types =
    'which GraphQL has no type for; use objects, arrays, text, numbers, booleans and enums.'
  expect(mistakes).toEqual([
    'operations.bad-name is no name that GraphQL allows.',
    'operations.fetches.rest gives a mutation the method GET; queries are GET, mutations are not.',
    'operations.asks.rest gives a query the method POST; queries are GET, mutations are not.',
    'operations.lost.rest has {id}, which the input does not.',
    'operations.shouts.rest is "POST /Shouts", not a method and a path such as "POST /orders/place" or "POST /orders/{id}/ship".',
    'operations.elsewhere.output is a resource that the gateway does not have; add it to `resources`.',
    `operations.shapes.input.map is Zod's record, ${types}`,
    `operations.shapes.input.pair is Zod's tuple, ${types}`,
    `operations.shapes.input.either is Zod's union, ${types}`,
    'operations.shapes.input.whole is z.int(), which has 53 bits where GraphQL has 32; use z.int32().',
    `operations.shapes.input.big is Zod's bigint, ${types}`,
    'operations.shapes.input.five is a literal that is no text, which GraphQL has no type for.',
    'operations.shapes.input.none is an object without members, which GraphQL has no type for.',
    `operations.shapes.input.deep[].set is Zod's set, ${types}`,
    `operations.shapes.output.any is Zod's any, ${types}`,
    `operations.shapes.output.when is Zod's date, ${types}`,
    'operations.summary takes the name summary, which summary has already; override it with `names`.',
    'operations.two takes the name POST /same/{}, which operations.one has already; override it with `names`.',
    'operations.list takes the name GET /summaries, which summary has already; override it with `names`.',
    'operations.asked takes the name POST /summaries/query, which summary has already; override it with `names`.',
    'operations.rows.access is about rows; an operation asks about its caller only.',
    'operations.owned.access is about rows; an operation asks about its caller only.',
  ])
})

describe('versions', () => {
  const clocks = pgTable('clocks', {
    id: integer().primaryKey(),
    name: text(),
    version: integer().notNull(),
    born: integer().generatedAlwaysAs(sql`1`),
    counts: integer().array(),
    coarse: timestamp({ withTimezone: true, precision: 3 }),
    fine: timestamp({ precision: 6 }),
    ifVersion: integer(),
  })
  const ticks = pgView('ticks', { id: integer(), at: timestamp() }).as(
    sql`select 1 as id, now()::timestamp as at`,
  )
  const own = declare({ relations: defineRelations({ clocks, ticks }) })
  const open = { access: { read: own.access.everyone } }
  const build = (...resources: ReturnType<typeof own.resource>[]) => ({
    relations: own.resource('clocks', open).vocabulary.relations,
    resources: Object.fromEntries(resources.map((one, i) => [`one${i}`, one])),
  })
  const named = { ...open, names: { version: 'mark' } }

  test.each<[string, Parameters<typeof own.resource>[1], readonly string[]]>([
    [
      'a column has the name of the version',
      open,
      ["one0.version has the name of the row's version; set `names.version`."],
    ],
    [
      'no column',
      { ...named, version: 'nothing' },
      ['resources.one0.version is nothing, which is no column of the table.'],
    ],
    [
      'of the key',
      { ...named, version: 'id' },
      ['resources.one0.version is id, which is of the key and never changes.'],
    ],
    [
      'of text',
      { ...named, version: 'name' },
      [
        'resources.one0.version is name, which cannot be counted up; a version is an integer, a bigint or a timestamp.',
      ],
    ],
    [
      'of a list',
      { ...named, version: 'counts' },
      [
        'resources.one0.version is counts, which cannot be counted up; a version is an integer, a bigint or a timestamp.',
      ],
    ],
    [
      'generated',
      { ...named, version: 'born' },
      [
        'resources.one0.version is born, which the database generates; the gateway could not count it up.',
      ],
    ],
    [
      'too coarse',
      { ...named, version: 'coarse' },
      [
        'resources.one0.version is coarse, of 3 digits, in which two changes may look alike; leave the precision out.',
      ],
    ],
    [
      'required without versions',
      { ...named, version: false, requireVersion: true },
      [
        'resources.one0.requireVersion asks for versions that the rows do not have; name a column in `version`.',
      ],
    ],
    [
      'an invalid name',
      { ...open, names: { version: 'a b' } },
      ['one0 has the name "a b", which GraphQL does not allow.'],
    ],
    [
      'an argument in the key',
      { ...named, key: ['ifVersion'] },
      [
        'one0.ifVersion is of the key and has the name of an argument; rename the column in TypeScript.',
      ],
    ],
  ])('%s', (_, rules, expected) => {
    expect(mistakesOf(build(own.resource('clocks', rules as never)))).toEqual(expected)
  })

  test('come from a column or from the table itself, for a view from a column, and a note names resources without them', () => {
    const versionsOf = (...resources: ReturnType<typeof own.resource>[]) => {
      const model = buildModel({ name: 'Clocks', ...build(...resources) })
      return {
        notes: model.notes,
        columns: [...model.resources.values()].map(({ version }) =>
          version === null ? 'none' : (version.column?.name ?? 'its own'),
        ),
      }
    }
    expect(
      versionsOf(own.resource('clocks', named), own.resource('ticks', { ...open, key: ['id'] })),
    ).toEqual({
      columns: ['its own', 'none'],
      notes: [
        'one1 has no versions: it is a view; a column named in `version` would give it some.',
      ],
    })
    expect(
      versionsOf(
        own.resource('clocks', { ...named, version: 'fine' }),
        own.resource('ticks', { ...open, key: ['id'], version: 'at' }),
      ),
    ).toEqual({ columns: ['fine', 'at'], notes: [] })
    expect(versionsOf(own.resource('clocks', { ...open, version: false }))).toEqual({
      columns: ['none'],
      notes: ['one0 has no versions: it says so; a column named in `version` would give it some.'],
    })
  })
})

test('an expression in a view needs a type', () => {
  const counts = pgView('counts').as((builder) =>
    builder
      .select({ name: things.name, count: sql<number>`count(*)`.as('count') })
      .from(things)
      .groupBy(things.name),
  )
  const own = declare({ relations: defineRelations({ counts }) })
  const count = own.resource('counts', { access: { read: own.access.everyone }, key: ['name'] })
  expect(mistakesOf({ relations: count.vocabulary.relations, resources: { count } })).toEqual([
    'count.count is an expression, whose type Drizzle does not know; declare the view with its columns: pgView(name, { … }).',
  ])
})

test('an operation without access is closed, with a note', () => {
  const closed = operation({
    kind: 'query',
    rest: 'GET /closed',
    output: z.object({ a: z.string() }),
    handle: async () => ({ a: '' }),
  } as never)
  const model = buildModel({
    name: 'Closed',
    relations,
    resources: { summary: resource('summaries', { ...read, key: ['kind'] }) },
    operations: { closed },
  })
  expect(model.operations.map((one) => one.name)).toEqual([
    'summary',
    'summaries',
    'summariesAggregate',
  ])
  expect(model.notes).toContain('closed is not served: it names no access.')
})

test('a column of an unserved type is not a field', () => {
  const halfvec = customType({ dataType: () => 'halfvec(3)' })
  const only = declare({
    relations: defineRelations({
      points: pgTable('points', { id: integer().primaryKey(), at: halfvec() }),
    }),
  })
  const point = only.resource('points', { access: { read: only.access.everyone } })
  const model = buildModel({
    name: 'Points',
    relations: point.vocabulary.relations,
    resources: { point },
  })
  expect([...(model.resources.get('point')?.fields.keys() ?? [])]).toEqual(['id'])
})

test('a search that no caller may use, or in columns that are not text, is a mistake', () => {
  const search = (rules: object, fields = {}) =>
    mistakesOf({
      resources: { thing: resource('things', { ...read, fields, search: rules as never }) },
    }).filter((mistake) => mistake.startsWith('thing.search'))
  expect(search(['name'])).toEqual([])
  expect(search({ columns: ['name'], language: 'public.own' })).toEqual([])
  expect(search([])).toEqual(['thing.search names no column.'])
  expect(search(['id', 'colour', 'labels'])).toEqual(
    ['id', 'colour', 'labels'].map(
      (name) => `thing.search names ${name}, which is no column of text and no tsvector.`,
    ),
  )
  expect(search(['ownerId'], { ownerId: { hidden: true } })).toEqual([
    'thing.search names ownerId, which is hidden: nobody may read it, so nobody could search.',
  ])
  expect(search({ columns: ['name'], weights: { ownerId: 'A' } })).toEqual([
    'thing.search.weights.ownerId is no column of the search.',
  ])
  expect(search({ columns: ['name'], language: "english'); drop" })).toEqual([
    expect.stringContaining(
      'thing.search has the language "english\'); drop", which PostgreSQL does not come with; it has simple, arabic,',
    ),
  ])
})

test('wrong, reserved and ambiguous codes of errors, and details without a type, are mistakes', () => {
  const answer = {
    kind: 'mutation',
    access: everyone,
    output: z.object({ ok: z.boolean() }),
    handle: async () => ({ ok: true }),
  } as const
  const shared = { status: 409, message: 'Shared.' } as const
  expect(
    mistakesOf({
      resources: {
        free: resource('summaries', { ...read, key: ['kind'], names: { type: 'LateProblem' } }),
      },
      operations: {
        one: operation({
          ...answer,
          rest: 'POST /one',
          errors: {
            outOfStock: { status: 409, message: 'No capitals.' },
            CONFLICT: { status: 409, message: 'Taken.' },
            PAIR: {
              status: 409,
              message: 'A tuple.',
              details: z.object({ a: z.tuple([z.string()]) }),
            },
            SHARED: shared,
            TWICE: { status: 409, message: 'Once.' },
            LATE: { status: 410, message: 'Late.' },
          },
        }),
        two: operation({
          ...answer,
          rest: 'POST /two',
          errors: { SHARED: shared, TWICE: { status: 409, message: 'Twice.' } },
        }),
      },
    }),
  ).toEqual([
    'operations.one.errors.outOfStock is no code; a code is of capitals and digits, joined by _, such as OUT_OF_STOCK.',
    'operations.one.errors.CONFLICT is a code that every operation may answer already; choose another.',
    "operations.one.errors.PAIR.details.a is Zod's tuple, which GraphQL has no type for; use objects, arrays, text, numbers, booleans and enums.",
    'the error LATE takes the name LateProblem, which free has already; override it with `names`.',
    'operations.two.errors.TWICE is declared by one already; declare it once, in a constant, and give it to both.',
  ])
})
