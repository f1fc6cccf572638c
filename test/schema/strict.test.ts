// A declaration is strict: each error of its types is also a mistake of the model, with its path and the nearest right name.
import { defineRelations, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { ModelError } from '../../src/schema/declare/model-error.ts'
import { buildGatewayModel } from '../../src/server/gateway-model.ts'
import { jwt } from '../../src/server/auth/jwt.ts'

const lists = pgTable('lists', {
  id: integer().primaryKey(),
  name: text().notNull(),
  note: text(),
  version: integer().notNull(),
})
const items = pgTable('items', {
  id: integer().primaryKey(),
  listId: integer()
    .notNull()
    .references(() => lists.id),
  name: text(),
})
const relations = defineRelations({ lists, items }, (r) => ({
  lists: { items: r.many.items({ from: r.lists.id, to: r.items.listId }) },
  items: { list: r.one.lists({ from: r.items.listId, to: r.lists.id }) },
}))
const caller = z.object({ user: z.string() }).partial()
const words = declare({ relations, caller })
const { access } = words

type Members = Readonly<Record<string, unknown>>

/** The words as JavaScript has them. */
const resource = words.resource as (table: string, rules: unknown) => never
const operation = words.operation as (rules: unknown) => never

/** A declaration with every possible member, as plain data; `of` replaces the functions of `declare`. */
const everything = {
  gateway: {
    name: 'Lists',
    description: 'Lists.',
    auth: [jwt()],
    graphql: () => {},
    rest: () => {},
    seed: async () => {},
    apiPrefix: '/api/v1',
    migrations: './drizzle',
    export: access.signedIn,
    config: { port: 4000, host: '127.0.0.1' },
    limits: {
      depth: 3,
      filterNodes: 10,
      filterDepth: 3,
      together: 5,
      nestedRows: 5,
      maxBytes: 9,
      cost: 50,
      roles: { staff: { cost: 60 } },
    },
  },
  declare: { caller },
  list: {
    description: 'A list.',
    deprecated: 'Soon gone.',
    access: {
      read: access.everyone,
      create: access.signedIn,
      update: access.signedIn,
      delete: access.role('staff'),
    },
    fields: {
      note: {
        description: 'A note.',
        deprecated: 'No.',
        read: access.signedIn,
        write: access.signedIn,
        settable: true,
        validate: (schema: unknown) => schema,
      },
      version: { hidden: true },
    },
    computed: {
      shout: {
        type: 'text',
        sql: () => sql`upper(name)`,
        nullable: true,
        description: 'Loud.',
        deprecated: 'No.',
        read: access.signedIn,
      },
    },
    relations: { items: { description: 'Its items.' } },
    key: ['id'],
    names: { plural: 'lists', type: 'List', path: 'lists', nodeId: 'globalId', version: 'mark' },
    nested: ['items'],
    search: { columns: ['name'], language: 'english', weights: { name: 'A' } },
    version: 'version',
    writes: ['updateMany'],
    export: { access: access.signedIn, rows: 5 },
    page: { default: 5, max: 50, groups: 10 },
  },
  item: {
    access: { read: access.everyone, create: access.signedIn, update: access.signedIn },
    relations: { list: { hidden: true } },
    requireVersion: true,
    search: ['name'],
  },
  operations: {
    clear: {
      kind: 'mutation',
      rest: 'POST /clear',
      description: 'Clears.',
      deprecated: 'No.',
      status: 202,
      access: access.signedIn,
      input: z.object({ id: z.int32() }),
      output: z.object({ ok: z.boolean() }),
      only: { face: 'rest', reason: 'It is.' },
      errors: { TOO_LATE: { status: 410, message: 'Late.', details: z.object({ by: z.int32() }) } },
      handle: async () => ({ ok: true }),
    },
  },
}
type Everything = Record<keyof typeof everything, Members>

function mistakesOf(given: Members): readonly string[] {
  const { gateway, declare: options, list, item, operations } = given as Everything
  const own = declare({ relations, ...options }) as unknown as {
    resource: typeof resource
    operation: typeof operation
  }
  try {
    buildGatewayModel({
      ...gateway,
      relations,
      resources: { list: own.resource('lists', list), item: own.resource('items', item) },
      operations: Object.fromEntries(
        Object.entries(operations).map(([name, rules]) => [name, own.operation(rules)]),
      ),
    } as never)
    return []
  } catch (error) {
    if (error instanceof ModelError) return error.mistakes
    throw error
  }
}

const isPlain = (value: unknown): value is Members =>
  typeof value === 'object' &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  Object.getOwnPropertySymbols(value).length === 0

type Path = readonly string[]

/** Paths of all members. Of members that a team names, such as computed fields, only the inner ones. */
function pathsOf(value: Members, at: Path = []): readonly Path[] {
  const free = [
    '',
    'operations',
    'list.computed',
    'operations.clear.errors',
    'gateway.auth',
    'gateway.limits.roles',
  ].includes(at.join('.'))
  return Object.entries(value).flatMap(([name, member]) => [
    ...(free ? [] : [[...at, name]]),
    ...(isPlain(member) ? pathsOf(member, [...at, name]) : []),
  ])
}

const paths = pathsOf(everything)

function changed(
  value: Members,
  [name = '', ...rest]: Path,
  change: (members: Record<string, unknown>, name: string) => void,
): Members {
  const copy: Record<string, unknown> = { ...value }
  if (rest.length === 0) change(copy, name)
  else copy[name] = changed(copy[name] as Members, rest, change) // the path leads through objects
  return copy
}

/** A name with a letter left out, doubled, or changed places with the next. */
const misspellings = (name: string): readonly string[] =>
  name
    .split('')
    .flatMap((letter, i) => [
      name.slice(0, i) + name.slice(i + 1),
      name.slice(0, i) + letter + name.slice(i),
      name.slice(0, i) + (name[i + 1] ?? '') + letter + name.slice(i + 2),
    ])
    .filter((other) => other !== name && other !== '')

test('a declaration with every member has no mistake', () => {
  expect(mistakesOf(everything)).toEqual([])
  expect(paths.length).toBeGreaterThan(80)
})

test('every misspelt member at every level is a mistake with its path and the nearest name', () => {
  const spelt = paths.flatMap((path) =>
    misspellings(path.at(-1) ?? '').map((wrong) => ({ path, wrong })),
  )
  fc.assert(
    fc.property(fc.constantFrom(...spelt), ({ path, wrong }) => {
      const place = [...path.slice(0, -1), wrong].join('.')
      const mistakes = mistakesOf(
        changed(everything, path, (members, name) => {
          members[wrong] = members[name]
          delete members[name]
        }),
      )
      const found = mistakes.find((mistake) => mistake.startsWith(`${place} `))
      expect(found, `${place} in ${JSON.stringify(mistakes)}`).toMatch(
        /is no (member|column|relation) of/,
      )
      if (wrong.length > 3) expect(found).toContain(`Did you mean ${path.at(-1)}?`)
    }),
    { numRuns: 600 },
  )
})

test('every undefined member at every level is a mistake', () => {
  for (const path of paths) {
    const mistakes = mistakesOf(
      changed(everything, path, (members, name) => {
        members[name] = undefined
      }),
    )
    expect(
      mistakes.filter((mistake) =>
        mistake.startsWith(`${path.join('.')} is undefined; it must be `),
      ),
      path.join('.'),
    ).toHaveLength(1)
  }
})

test.each(['a symbol', 'nothing', 'a number', 'a text', 'a list', 'an object'])(
  'every member at every level that is %s is a mistake or valid, and never an exception',
  (what) => {
    const given = {
      'a symbol': Symbol('x'),
      nothing: null,
      'a number': 7.5,
      'a text': 'x',
      'a list': [{}],
      'an object': { x: 1 },
    }[what]
    for (const path of paths)
      expect(
        () =>
          mistakesOf(
            changed(everything, path, (members, name) => {
              members[name] = given
            }),
          ),
        path.join('.'),
      ).not.toThrow()
  },
)

describe('a wrong declaration that was once served', () => {
  const member = access.role('member')
  const read = { access: { read: access.everyone } }
  const rules = (name: Members): Members => ({ ...everything, list: { ...read, fields: { name } } })
  const withOperation = (change: Members, without?: string): Members => {
    const { [without ?? '']: _gone, ...rest } = everything.operations.clear as Members
    return { ...everything, operations: { clear: { ...rest, ...change } } }
  }
  const fieldMembers =
    'Allowed are description, deprecated, hidden, read, write, settable, validate.'
  const accessMembers = 'Allowed are read, create, update, delete.'

  test.each<[string, Members, string]>([
    [
      'hiden',
      rules({ hiden: true }),
      `list.fields.name.hiden is no member of the rules of a field. Did you mean hidden? ${fieldMembers}`,
    ],
    [
      'raed',
      rules({ raed: member }),
      `list.fields.name.raed is no member of the rules of a field. Did you mean read? ${fieldMembers}`,
    ],
    [
      'an undefined policy',
      rules({ read: (access as unknown as Members)['rol'] }),
      'list.fields.name.read is undefined; it must be a policy.',
    ],
    [
      'feilds',
      { ...everything, list: { ...read, feilds: { name: { hidden: true } } } },
      'list.feilds is no member of the rules of a resource. Did you mean fields? Allowed are ',
    ],
    [
      'creat',
      { ...everything, list: { access: { creat: access.everyone } } },
      `list.access.creat is no member of \`access\`. Did you mean create? ${accessMembers}`,
    ],
    [
      'evryone',
      { ...everything, list: { access: { create: (access as unknown as Members)['evryone'] } } },
      'list.access.create is undefined; it must be a policy.',
    ],
    [
      'mutatoin',
      withOperation({ kind: 'mutatoin' }),
      'operations.clear.kind is "mutatoin"; it must be "query" or "mutation". Did you mean mutation?',
    ],
    [
      'handel',
      withOperation({ handel: async () => ({ ok: true }) }, 'handle'),
      'operations.clear.handel is no member of an operation. Did you mean handle? Allowed are ',
    ],
    [
      'no handler',
      withOperation({}, 'handle'),
      'operations.clear.handle is missing; it must be a function.',
    ],
    [
      'no output',
      withOperation({}, 'output'),
      'operations.clear.output is missing; it must be a resource, list(resource) or a Zod object.',
    ],
    ['no place', withOperation({}, 'rest'), 'operations.clear.rest is missing; it must be text.'],
    [
      'an undefined access',
      withOperation({ access: undefined }),
      'operations.clear.access is undefined; it must be a policy.',
    ],
    [
      'no rules',
      { ...everything, item: undefined },
      'item is undefined; it must be the rules of a resource.',
    ],
    ['no access', { ...everything, item: {} }, 'item.access is missing; it must be `access`.'],
    [
      'upsret',
      { ...everything, item: { ...read, writes: ['upsret'] } },
      'item.writes.0 is "upsret"; it must be "upsert", "updateMany" or "deleteMany". Did you mean upsert?',
    ],
    [
      'hidden: "yes"',
      rules({ hidden: 'yes' }),
      'list.fields.name.hidden is "yes"; it must be true.',
    ],
    [
      'a weight that is not a letter',
      { ...everything, item: { ...read, search: { columns: ['name'], weights: { name: 'E' } } } },
      'item.search.weights.name is "E"; it must be "A", "B", "C" or "D".',
    ],
    [
      'a secret in the settings',
      { ...everything, gateway: { ...everything.gateway, config: { jwtSecret: 'x' } } },
      'gateway.config.jwtSecret is no member of `config`.',
    ],
  ])('%s', (_, given, expected) => {
    expect(mistakesOf(given).filter((mistake) => mistake.startsWith(expected))).toHaveLength(1)
  })

  test('all mistakes are reported at once, with those that only the build finds', () => {
    const mistakes = mistakesOf({
      ...everything,
      gateway: { name: 'Lists', limitz: {} },
      list: {
        access: { raed: access.everyone, read: access.everyone, update: { nmae: { eq: 'x' } } },
        fields: { naem: {}, name: { hiden: true } },
        page: { max: 0, defalt: 3 },
        computed: { name: { type: 'text', sql: () => sql`1` } },
      },
      item: { access: { read: access.any(undefined as never) } },
      operations: {
        clear: { kind: 'mutatoin' },
        fill: { ...everything.operations.clear, rest: 'nowhere', only: undefined },
      },
    }).map((mistake) => mistake.split(' ')[0])
    for (const place of [
      'gateway.limitz',
      'list.access.raed',
      'list.access.update.nmae',
      'list.fields.naem',
      'list.fields.name.hiden',
      'resources.list.page.max',
      'list.page.defalt',
      'list.computed.name',
      'item.access.read',
      'operations.clear.kind',
      'operations.clear.output',
      'operations.clear.rest',
      'operations.clear.handle',
      'operations.fill.only',
    ])
      expect(mistakes).toContain(place)
  })

  test.each<[string, Members, string]>([
    [
      'undefined',
      { list: undefined },
      'resources.list is undefined; it must be what `resource` returned.',
    ],
    [
      'rules alone',
      { list: read },
      'resources.list is an object; it must be what `resource` returned.',
    ],
    [
      'an operation',
      { list: operation(everything.operations.clear) },
      'resources.list is an object; it must be what `resource` returned.',
    ],
  ])('a resource that is %s', (_, resources, expected) => {
    expect(() =>
      buildGatewayModel({
        name: 'Lists',
        relations,
        resources: { item: resource('items', read), ...resources },
      }),
    ).toThrow(expected)
  })

  test('a misspelt option of an authenticator is a mistake', () => {
    const build = (options: unknown) => () =>
      buildGatewayModel({
        name: 'Lists',
        relations,
        resources: { item: resource('items', read) },
        auth: [jwt(options as never)],
      })
    expect(build({ audience: 'lists', issuer: 'https://id.example' })).not.toThrow()
    expect(build({ audince: 'lists' })).toThrow(
      'gateway.auth.jwt.audince is no member of `jwt`. Did you mean audience?',
    )
    expect(build({ audience: undefined })).toThrow(/gateway\.auth\.jwt\.audience is undefined/)
    expect(build({ issuer: 5 })).toThrow(/gateway\.auth\.jwt\.issuer/)
  })

  test('gateways with a missing part, invalid operations, and calls without arguments are mistakes', () => {
    const build = (given: unknown) => () => buildGatewayModel(given as never)
    expect(build({ nmae: 'Lists', relations, resource: {} })).toThrow(
      /gateway\.name is missing[^]*gateway\.nmae is no member of `gateway`\. Did you mean name\?[^]*gateway\.resource is no member of `gateway`\. Did you mean resources\?/,
    )
    expect(
      build({
        name: 'Lists',
        relations,
        resources: { item: resource('items', read) },
        operations: { clear: everything.operations.clear, fill: operation(undefined) },
      }),
    ).toThrow(
      /operations\.clear is an object; it must be what `operation` returned\.[^]*operations\.fill is undefined; it must be an operation\./,
    )
    const { resource: other } = declare({ relations, caler: caller } as never)
    expect(
      build({
        name: 'Lists',
        relations,
        resources: { item: other('items' as never, read as never) },
      }),
    ).toThrow('declare.caler is no member of the options of `declare`. Did you mean caller?')
  })
})
