// Compiled operations against graphql-js: the same document, variables and caller are answered alike, whatever the document.
import * as fc from 'fast-check'
import { defaultFieldResolver, isObjectType } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GraphqlExtension } from '../../src/graphql/schema/builder.ts'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { anonymous, type Caller } from '../../src/schema/declare/caller.ts'
import { openEverything, readSamples } from '../../src/parity/generate/open-model.ts'
import { onDatabase } from '../support/databases.ts'
import { inTier } from '../support/tier.ts'
import { fillMuseum, museum, relations } from '../parity/museum.ts'
import { documentsOf } from './documents/generate.ts'
import { readOrders } from './documents/orders.ts'
import { ASKED, type Asked, type Item } from './documents/parts.ts'
import { openTwoWays, type TwoWays } from './documents/two-ways.ts'
import { writeDocument } from './documents/write.ts'

const seed = Number(process.env['COMPILED_SEED'] ?? 2026)
/** Each is asked five times, with other values and by other callers. */
const documents = Number(process.env['COMPILED_DOCUMENTS'] ?? inTier({ short: 100, long: 2000 }))

const signedIn = (claims: Readonly<Record<string, unknown>>, ...roles: string[]): Caller => ({
  via: 'jwt',
  id: 'somebody',
  roles,
  claims,
})
const curator = signedIn({}, 'curator')
const callers: readonly Caller[] = [
  anonymous,
  signedIn({}),
  signedIn({ lender: 'ann' }),
  signedIn({ lender: 'bob', wing: 'west' }),
  curator,
  curator,
  signedIn({ lender: 'ann', wing: 'a,b' }, 'curator'),
]

/** A field of the team's own, which takes the ordinary path. */
const extension: GraphqlExtension<typeof relations> = (builder) => {
  builder.queryField('whoami', (t) =>
    t.string({ resolve: (_root, _args, { caller }) => caller.id ?? 'nobody' }),
  )
  builder.drizzleObjectField('rooms', 'sign', (t) =>
    t.string({ select: { columns: { name: true } }, resolve: (row) => `Room ${row.name}` }),
  )
}

const plain = { alias: 0, directive: null, of: null } as const
const special = fc.constantFrom<Item>(
  { ...plain, kind: 'field', name: 'whoami' },
  {
    kind: 'called',
    name: 'rooms',
    args: { values: {}, whole: false },
    uses: [
      {
        alias: 1,
        directive: null,
        turned: false,
        of: [
          {
            ...plain,
            kind: 'field',
            name: 'nodes',
            of: [{ ...plain, kind: 'field', name: 'sign' }],
          },
        ],
      },
    ],
  },
  {
    kind: 'called',
    name: 'heaviest',
    args: { values: { input: { count: 3 } }, whole: false },
    uses: [
      {
        alias: 0,
        directive: null,
        turned: false,
        of: [
          { ...plain, kind: 'field', name: 'title' },
          { ...plain, kind: 'field', name: 'appraisal' },
        ],
      },
    ],
  },
)

for (const [kind, runs] of [
  ['postgres', Math.round(documents * 0.9)],
  ['pglite', Math.round(documents * 0.1)],
] as const) {
  onDatabase(kind, (open) => {
    let ways: TwoWays
    let random: fc.Arbitrary<Asked>
    beforeAll(async () => {
      const database = await open({ relations })
      await fillMuseum(database)
      const model = buildModel(museum)
      ways = await openTwoWays({ model, database, relations, extension })
      const samples = await readSamples(openEverything(model, database))
      random = documentsOf(
        { model, samples, orders: await readOrders(ways, model, curator) },
        callers.length,
        special,
      )
    })
    afterAll(() => ways.close())

    test('a document is answered as graphql-js answers it', { timeout: 300_000 }, async () => {
      const counts = { asked: 0, answered: 0 }
      const before = { ...ways.counts }
      await fc.assert(
        fc.asyncProperty(random, async ({ items, callers: who }) => {
          const { query, variables } = writeDocument(ways.schema, 'query', items)
          const requests = who.map((caller, i) => ({
            caller: callers[caller] ?? anonymous,
            query,
            variables: variables[i] ?? {},
          }))
          for (const [i, { compiled, ordinary }] of (await ways.ask(requests)).entries()) {
            counts.asked += 1
            if (compiled.includes('"errors": []')) counts.answered += 1
            expect(
              compiled,
              `${query}\n${JSON.stringify(requests[i]?.variables)}\n${JSON.stringify(requests[i]?.caller)}`,
            ).toBe(ordinary)
          }
        }),
        { seed, numRuns: runs },
      )
      const [rendered, kept] = [
        ways.counts.rendered - before.rendered,
        ways.counts.kept - before.kept,
      ]
      expect(counts.asked).toBe(runs * ASKED)
      expect(counts.answered / counts.asked).toBeGreaterThan(0.4)
      expect(
        rendered / (rendered + kept),
        "statements that were compiled operations'",
      ).toBeGreaterThan(0.6)
    })

    test('a variable that a filter in a fragment needs is missed', async () => {
      const query =
        'query($era: Era) { ...Found } fragment Found on Query { pieces(where: {era: {eq: $era, isNull: false}}) { totalCount } }'
      const [{ compiled, ordinary } = { compiled: '', ordinary: '' }] = await ways.ask([
        { caller: curator, query },
      ])
      expect(compiled).toContain('without it the filter would match more')
      expect(compiled).toBe(ordinary)
    })

    test('a root field that graphql-js resolves leaves the others compiled, and each runs once', async () => {
      for (const [resolved, kept] of [
        ['whoami', 0],
        ['__schema { queryType { name } }', 0],
        ['pieces(first: 1) { nodes { id appraisal } }', 1],
        ['rooms(first: 1) { nodes { sign } }', 1],
        ['piecesAggregate { count }', 1],
      ] as const) {
        const query = `{ a: pieces(first: 1) { nodes { id } } b: ${resolved} c: __typename }`
        for (const again of [false, true]) {
          const before = { ...ways.counts }
          const [both] = await ways.ask([{ caller: anonymous, query }])
          expect(both?.compiled).toBe(both?.ordinary)
          const ran = [ways.counts.rendered - before.rendered, ways.counts.kept - before.kept]
          expect(ran, `${query}${again ? ', again' : ''}`).toEqual([1, kept])
        }
      }
    })

    test('no resolver is called for what is compiled', async () => {
      let calls = 0
      for (const type of Object.values(ways.compiledSchema.getTypeMap())) {
        for (const field of isObjectType(type) ? Object.values(type.getFields()) : []) {
          const { resolve = defaultFieldResolver } = field
          field.resolve = (...given) => {
            calls += 1
            return resolve(...given)
          }
        }
      }
      const rows =
        '{ nodes { nodeId id title era parts { totalCount edges { cursor node { __typename facts } } } place { area } } pageInfo { endCursor } }'
      const ask = (query: string) => ways.ask([{ caller: curator, query }])
      const [both] = await ask(
        `{ pieces ${rows} again: pieces(first: 2) ${rows} piece(id: "1") { title } __typename }`,
      )
      expect(both?.compiled).toBe(both?.ordinary)
      expect(calls).toBe(0)
      await ask('{ whoami }')
      expect(calls).toBe(1)
    })
  })
}
