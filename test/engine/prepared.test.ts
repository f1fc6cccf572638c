// Cached reads against the full path: other values, wrong values, other callers, and policies whose answers change.
import * as fc from 'fast-check'
import { defineRelations } from 'drizzle-orm'
import { bigint, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { anonymous, type Caller } from '../../src/schema/declare/caller.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { type Resource, targetOf } from '../../src/schema/model/model.ts'
import type { ListInput, RelationSelection, Selection } from '../../src/engine/request.ts'
import { openEverything, readSamples } from '../../src/parity/generate/open-model.ts'
import { fillMuseum, museum, relations as museumRelations } from '../parity/museum.ts'
import { eachDatabase } from '../support/databases.ts'
import {
  type KnownOrder,
  listArgumentsOf,
  type Source,
} from '../graphql/documents/generate-arguments.ts'
import { ASKED, type ListArguments } from '../graphql/documents/parts.ts'
import { variantOf } from '../graphql/documents/write.ts'
import { runFullPath, runCached, formOf } from './forms.ts'
import { openFixture, related, select, signedIn, fixtureOf, type Fixture } from './support.ts'

const callers: readonly Caller[] = [
  anonymous,
  signedIn({}),
  signedIn({ lender: 'ann' }),
  signedIn({ lender: 'bob', wing: 'west' }),
  signedIn({}, 'curator'),
]
const curator = signedIn({}, 'curator')

interface Shape {
  readonly name: string
  readonly selection: Selection
  /** The list's own arguments, then those of the related lists in the order of the selection. */
  readonly lists: readonly ListArguments[]
  readonly total: boolean
  readonly callers: readonly number[]
}

type Below = readonly [selection: Selection, lists: readonly ListArguments[]]

function selectionOf(source: Source, resource: Resource, depth: number): fc.Arbitrary<Below> {
  const fields = fc.subarray([...resource.fields.keys()], {
    minLength: 1,
    maxLength: Math.min(4, resource.fields.size),
  })
  const relations =
    depth === 0
      ? []
      : [...resource.relations.values()].map(
          (relation): fc.Arbitrary<readonly [RelationSelection, readonly ListArguments[]]> => {
            const target = targetOf(source.model, relation)
            const args = relation.many
              ? listArgumentsOf(source, target).map((one) => [one])
              : fc.constant([])
            return fc
              .tuple(selectionOf(source, target, depth - 1), args, fc.boolean())
              .map(([[selection, below], own, total]) => [
                related(relation.name, selection, {}, { total: total && relation.many }),
                [...own, ...below],
              ])
          },
        )
  const some =
    relations.length === 0
      ? fc.constant([])
      : fc.uniqueArray(fc.oneof(...relations), {
          maxLength: 2,
          selector: ([{ relation }]) => relation,
        })
  return fc
    .tuple(fields, some)
    .map(([names, asked]): Below => [
      { fields: names, relations: asked.map(([relation]) => relation) },
      asked.flatMap(([, lists]) => lists),
    ])
}

eachDatabase((kind, open) => {
  describe('requests of the schema of all column types', () => {
    let fixture: Fixture
    let shapes: fc.Arbitrary<Shape>
    beforeAll(async () => {
      const database = await open({ relations: museumRelations })
      await fillMuseum(database)
      fixture = fixtureOf(database, museum)
      const { model } = fixture
      const lists = model.operations.flatMap((operation) =>
        operation.standard === 'list' ? [operation] : [],
      )
      const orders = new Map<string, readonly KnownOrder[]>()
      for (const { name, resource } of lists) {
        const key = resource.primaryKey.fields[0]?.name ?? ''
        const known = [
          [],
          [{ [key]: 'DESC' }],
          ...[...resource.fields.values()]
            .filter(({ kind: { ordered }, list }) => ordered && !list)
            .slice(1, 6)
            .map((field) => [{ [field.name]: 'ASC_NULLS_FIRST' }]),
        ]
        orders.set(
          resource.key,
          await Promise.all(
            known.map(async (orderBy) => ({
              orderBy,
              cursors: (
                await fixture.page(name, {
                  caller: curator,
                  list: { orderBy, first: 5 },
                  selection: select(key),
                })
              ).cursors,
            })),
          ),
        )
      }
      const source: Source = {
        model,
        orders,
        samples: await readSamples(openEverything(model, database)),
      }
      const caller = fc.nat(callers.length - 1)
      shapes = fc.oneof(
        ...lists.map(({ name, resource }) =>
          fc
            .record({
              name: fc.constant(name),
              own: listArgumentsOf(source, resource),
              below: selectionOf(source, resource, 2),
              total: fc.boolean(),
              callers: fc.oneof(
                fc.array(caller, { minLength: ASKED, maxLength: ASKED }),
                caller.map((one) => Array<number>(ASKED).fill(one)),
              ),
            })
            .map(({ own, below: [selection, related_], ...rest }): Shape => ({
              ...rest,
              selection,
              lists: [own, ...related_],
            })),
        ),
      )
    })

    test(
      'each request has its own values, and faults give the usual errors',
      { timeout: 120_000 },
      async () => {
        const counts = { prepared: 0, refused: 0 }
        await fc.assert(
          fc.asyncProperty(shapes, async ({ name, selection, lists, total, callers: who }) => {
            const form = formOf(fixture, name, selection)
            for (const [i, caller] of who.entries()) {
              const ask = {
                total,
                caller: callers[caller] ?? anonymous,
                lists: lists.map(({ values }) => variantOf(values, i) as ListInput),
              }
              fixture.statements.length = 0
              const before = fixture.engine.prepared.size
              const prepared = await runCached(fixture, form, ask)
              const statements = [...fixture.statements]
              expect(prepared, JSON.stringify(ask)).toBe(await runFullPath(fixture, form, ask))
              if (prepared.startsWith('{"code"')) counts.refused += 1
              else if (prepared !== 'denied') {
                expect(statements).toHaveLength(1)
                if (i > 0 && fixture.engine.prepared.size === before) counts.prepared += 1
              }
            }
          }),
          { seed: 2026, numRuns: kind === 'postgres' ? 500 : 60 },
        )
        expect(counts.prepared).toBeGreaterThan(kind === 'postgres' ? 400 : 40)
        expect(counts.refused).toBeGreaterThan(kind === 'postgres' ? 50 : 5)
      },
    )
  })

  const things = pgTable('things', {
    id: integer().primaryKey(),
    title: text().notNull(),
    secret: text(),
    big: bigint({ mode: 'bigint' }),
    code: uuid(),
    place: integer(),
    parent: integer(),
  })
  const relations = defineRelations({ things }, (r) => ({
    things: {
      parts: r.many.things({ from: r.things.id, to: r.things.parent, alias: 'parts' }),
      whole: r.one.things({ from: r.things.parent, to: r.things.id, alias: 'parts' }),
    },
  }))
  const { resource, access } = declare({
    relations,
    caller: z.object({ big: z.unknown(), code: z.unknown(), title: z.unknown() }).partial(),
  })
  const state: { answer: unknown } = { answer: true }
  const worldOfThings = async (
    read: NonNullable<Parameters<typeof resource<'things'>>[1]['access']['read']>,
  ): Promise<Fixture> => {
    const fixture = await openFixture(
      open,
      { things },
      {
        name: 'Things',
        relations,
        resources: {
          thing: resource('things', {
            access: { read },
            fields: { secret: { read: access.role('staff') } },
            page: { max: 20 },
          }),
        },
      },
    )
    await fixture.sql(
      `insert into things select i, 'T' || i, 'secret', i, md5(i::text)::uuid, i % 2, nullif(i / 2, 0) from generate_series(1, 12) i`,
    )
    return fixture
  }

  describe('requests with the same fingerprint', () => {
    let fixture: Fixture
    beforeAll(async () => {
      fixture = await worldOfThings(access.everyone)
    })
    beforeEach(() => {
      fixture.statements.length = 0
    })
    const titles = () =>
      formOf(fixture, 'things', select('title', related('parts', select('place'))))

    test('take one statement each, named from its second use on, and read the selected columns', async () => {
      const form = titles()
      for (const first of [1, 5, 3])
        await runCached(fixture, form, { caller: anonymous, lists: [{ first }, { first: 2 }] })
      expect(fixture.statements).toHaveLength(3)
      const [one, two, three] = fixture.statements
      expect([one?.name, two?.name]).toEqual([undefined, expect.stringMatching(/^bifrons_/)])
      expect(three?.name).toBe(two?.name)
      expect(new Set(fixture.statements.map((statement) => statement.text)).size).toBe(1)
      const cells = [
        ...new Set(
          one?.text
            .match(/"t\d+"\."(?!bifrons_)\w+"/g)
            ?.map((cell) => cell.replace(/^"t\d+"\./, '')),
        ),
      ].toSorted()
      expect(cells).toEqual(['"id"', '"parent"', '"place"', '"title"'])
    })

    test.each([
      ['a limit over the maximum', [{ first: 21 }, {}]],
      ['a related limit over the maximum', [{ first: 2 }, { first: 21 }]],
      ['a limit that is not a number', [{ first: '2' }, {}]],
      ['a limit of half a row', [{ first: 1.5 }, {}]],
      ['a negative limit', [{ first: -1 }, {}]],
      ['a value of another type', [{ where: { id: { eq: 'x' } } }, {}]],
      ['a number that is too large', [{ where: { id: { eq: 2 ** 31 } } }, {}]],
      ['null in place of a value', [{ where: { id: { eq: null } } }, {}]],
      [
        'a list that is too long',
        [{ where: { id: { in: Array.from({ length: 1001 }, (_, i) => i) } } }, {}],
      ],
      ['no list', [{ where: { id: { in: 5 } } }, {}]],
      ['text with a NUL', [{ where: { title: { eq: 'a\0' } } }, {}]],
      ['half of a surrogate pair', [{ where: { title: { eq: '\ud800' } } }, {}]],
      ['a pattern that ends in a backslash', [{ where: { title: { like: 'x\\' } } }, {}]],
      ['an invalid uuid', [{ where: { code: { eq: 'x' } } }, {}]],
      ['a bigint that is too large', [{ where: { big: { eq: '9223372036854775808' } } }, {}]],
      [
        'a cursor of another order',
        [
          {
            after: Buffer.from('["thing:title ASC,id ASC","T1","1"]').toString('base64url'),
            orderBy: [{ id: 'ASC' }],
          },
          {},
        ],
      ],
      [
        'a cursor with an invalid value',
        [{ after: Buffer.from('["thing:id ASC","x"]').toString('base64url') }, {}],
      ],
      [
        'a cursor with too many values',
        [{ after: Buffer.from('["thing:id ASC","1","2"]').toString('base64url') }, {}],
      ],
      ['an offset that is too large', [{ offset: 2 ** 31 }, {}]],
      ['an offset below zero', [{ offset: -1 }, {}]],
    ] satisfies readonly (readonly [string, readonly ListInput[]])[])(
      '%s is refused as on a new one',
      async (_what, lists) => {
        const sound: Readonly<Record<string, unknown>> = { eq: 1, in: [1], like: 'T%' }
        const good = (list: ListInput): ListInput =>
          JSON.parse(JSON.stringify(list), (name, value: unknown) => {
            if (name === 'eq' && typeof value === 'string')
              return value === 'x'
                ? 'f47ac10b-58cc-4372-a567-0e02b2c3d479'
                : value.startsWith('9')
                  ? '5'
                  : 'T1'
            if (name === 'after') return Buffer.from('["thing:id ASC","1"]').toString('base64url')
            return name === 'first' || name === 'offset' ? 1 : (sound[name] ?? value)
          }) as ListInput
        const form = titles()
        await runCached(fixture, form, { caller: anonymous, lists: lists.map(good) })
        const refused = await runCached(fixture, form, { caller: anonymous, lists })
        expect(refused).toMatch(/VALIDATION_FAILED|BAD_REQUEST/)
        expect(refused).toBe(await runCached(fixture, titles(), { caller: anonymous, lists }))
        expect(refused).toBe(await runFullPath(fixture, titles(), { caller: anonymous, lists }))
      },
    )

    test('of staff are not shared with other callers', async () => {
      const form = formOf(fixture, 'things', select('secret'))
      for (const caller of [
        signedIn({}, 'staff'),
        anonymous,
        signedIn({}),
        signedIn({}, 'staff'),
        signedIn({}, 'staffer'),
      ]) {
        expect(await runCached(fixture, form, { caller })).toBe(
          await runFullPath(fixture, form, { caller }),
        )
      }
      expect(await runCached(fixture, form, { caller: anonymous })).toBe('denied')
    })
  })

  test("claims in every form of a token find the caller's own rows, or none", async () => {
    const fixture = await worldOfThings(
      access.any(
        access.owner('big', 'big'),
        access.owner('code', 'code'),
        access.owner('title', 'title'),
      ),
    )
    const form = formOf(fixture, 'things', select('id'))
    const claims: readonly Readonly<Record<string, unknown>>[] = [
      { big: 3 },
      { big: '4' },
      { big: '3' },
      { big: 'x' },
      { big: 1.5 },
      { big: '9223372036854775808' },
      { big: null },
      { big: true },
      { big: [3] },
      { big: { eq: 3 } },
      {},
      { title: 'T5' },
      { title: 5 },
      { title: 'T6', big: 6 },
      { title: 'T7', big: 'x' },
      { code: 'x', big: 8 },
      { code: 'c4ca4238-a0b9-2382-0dcc-509a6f75849b' },
      { code: 'C4CA4238-A0B9-2382-0DCC-509A6F75849B', title: 'T2' },
    ]
    const ask = fc.constantFrom(...claims)
    await fc.assert(
      fc.asyncProperty(fc.array(ask, { minLength: 2, maxLength: 12 }), async (asked) => {
        for (const one of asked) {
          const caller = signedIn(one)
          expect(await runCached(fixture, form, { caller }), JSON.stringify(one)).toBe(
            await runFullPath(fixture, form, { caller }),
          )
        }
      }),
      { seed: 2026, numRuns: 30 },
    )
    expect(await runCached(fixture, form, { caller: signedIn({ big: '4' }) })).toContain('"id":4')
  })

  test('another filter of a function gives the same caller other rows', async () => {
    const fixture = await worldOfThings(() => state.answer as boolean)
    const form = formOf(fixture, 'things', select('id'))
    const caller = signedIn()
    for (const id of [1, 2, 1]) {
      state.answer = { id: { eq: id } }
      expect(await runFullPath(fixture, form, { caller })).toContain(`[{"id":${id}}]`)
      expect(await runCached(fixture, form, { caller })).toContain(`[{"id":${id}}]`)
    }
  })

  test('a function of the caller runs every time, and its result counts', async () => {
    const fixture = await worldOfThings(() => state.answer as boolean)
    const form = formOf(fixture, 'things', select('id', related('parts', select('id'))))
    const caller = signedIn()
    const answers: readonly unknown[] = [
      true,
      { place: { eq: 1 } },
      { place: { eq: 0 } },
      false,
      { place: { eq: 1 }, id: { lt: 4 } },
      { place: { in: [0, 1] } },
      { place: { in: [1] } },
      { place: { eq: 1 }, id: undefined },
      { place: { eq: undefined } },
      { place: { eq: Number.NaN } },
      { place: { eq: null } },
      {},
      true,
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...answers), { minLength: 2, maxLength: 10 }),
        async (given) => {
          for (const one of given) {
            state.answer = one
            expect(
              await runCached(fixture, form, { caller, lists: [{}, {}] }),
              JSON.stringify(one),
            ).toBe(await runFullPath(fixture, form, { caller, lists: [{}, {}] }))
          }
        },
      ),
      { seed: 2026, numRuns: 60 },
    )
  })
})
