// Requests that are all different: caches stay within their bounds, and so does the memory of the process.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fastify } from 'fastify'
import { getTableConfig } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { toRawRows } from '../../src/db/raw-rows.ts'
import { openEngine } from '../../src/engine/engine.ts'
import { graphqlPlugin } from '../../src/graphql/plugin.ts'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { type Caller, anonymous } from '../../src/schema/declare/caller.ts'
import { inTier } from '../support/tier.ts'
import { museum, relations } from '../parity/museum.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void // as the flag says

const MEGABYTE = 1024 * 1024
const callers: readonly Caller[] = [
  anonymous,
  { via: 'jwt', id: 'a', roles: ['curator'], claims: {} },
]

/** A database that answers no rows at once. Another test bounds the caches of the real one (raw-query.test.ts). */
const empty: Database = {
  kind: 'postgres',
  drizzle: {},
  read: (_statement, take) => Promise.resolve(take(toRawRows([]))),
  write: (_statement, take) => Promise.resolve(take(toRawRows([]))),
  query: () => Promise.resolve({ rows: [], rowCount: 0 }),
  transaction: () => Promise.reject(new Error('Nothing is written here.')),
  openCursor: null,
  probe: async () => {},
  close: () => Promise.resolve(),
}

const fields = [
  'id',
  'code',
  'title',
  'era',
  'small',
  'weight',
  'height',
  'fragile',
  'found',
  'opened',
  'moved',
  'listed',
  'facts',
  'tags',
  'grade',
  'wing',
  'room',
  'heavy',
  'shelfMark',
]
const orders = [
  'id',
  'code',
  'title',
  'small',
  'weight',
  'height',
  'found',
  'opened',
  'moved',
  'listed',
  'grade',
  'wing',
  'room',
]

/** The document of a number: no two are alike, in fields, filter, order and names of aliases. */
function documentOf(number: number): string {
  const asked = fields.filter((_, i) => ((number * 2_654_435_761) >>> (i % 24)) % 2 === 1)
  const where = `where: {small: {${number % 2 === 0 ? 'gt' : 'lte'}: ${number}}${number % 3 === 0 ? ', parts: {some: {title: {ne: "x"}}}' : ''}}`
  const order = [number, number >> 3, number >> 6]
    .map(
      (n, i) => `{${orders[(n + i) % orders.length]}: ${n % 2 === 0 ? 'ASC' : 'DESC_NULLS_LAST'}}`,
    )
    .join(', ')
  return `{ a${number}: pieces(${where}, orderBy: [${order}], first: ${number % 9}) { nodes { __typename ${asked.join(' ')} parts(first: ${number % 7}) { nodes { title ${asked[0] ?? ''} } } } } }`
}

/** The number of requests before memory is measured, and in all; the caches are full before. */
const WARM_UP = 4000
const ALL = inTier({ short: 6000, long: 8000, nightly: 20_000 })

test(
  `${ALL} documents and shapes take no more memory than ${WARM_UP}`,
  { timeout: 300_000 },
  async () => {
    const engine = openEngine({
      model: buildModel(museum),
      database: empty,
      cacheBytes: 16 * MEGABYTE,
    })
    const app = fastify()
    const at = { caller: anonymous as Caller }
    await graphqlPlugin(app, {
      engine,
      introspection: false,
      contextOf: (request) => ({
        caller: at.caller,
        signal: request.signal,
        requestId: request.id,
      }),
      drizzle: { client: {}, getTableConfig, relations },
      onProblem: () => {},
    })
    await app.ready()
    const ask = async (from: number, to: number): Promise<void> => {
      for (let number = from; number < to; number += 1) {
        at.caller =
          number % 5 === 0
            ? { via: 'jwt', id: `${number}`, roles: [], claims: { lender: `${number}` } }
            : (callers[number % 2] ?? anonymous)
        const { statusCode, body } = await app.inject({
          method: 'POST',
          url: '/graphql',
          headers: { 'content-type': 'application/json' },
          payload: JSON.stringify({ query: documentOf(number) }),
        })
        if (statusCode !== 200 || body.includes('"errors"'))
          expect.fail(`${documentOf(number)}\n${body}`)
      }
    }
    const used = (): number => {
      for (let again = 0; again < 3; again += 1) collectGarbage()
      return process.memoryUsage().heapUsed
    }
    await ask(0, WARM_UP)
    const before = used()
    await ask(WARM_UP, ALL)
    const after = used()
    expect(engine.plans.size).toBeLessThanOrEqual(1000)
    expect(engine.prepared.size).toBeLessThanOrEqual(1000)
    expect(engine.prepared.size).toBeGreaterThan(100)
    for (const { bytes } of [engine.plans, engine.prepared])
      expect(bytes).toBeLessThanOrEqual(8 * MEGABYTE)
    expect((after - before) / MEGABYTE).toBeLessThan(15)
    await app.close()
  },
)
