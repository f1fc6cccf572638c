// The OpenAPI document is compared with the server: random requests, and every operation with conditions and errors of HTTP.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkParity } from '../../src/parity/check-parity.ts'
import { toText } from '../../src/parity/report.ts'
import { openTestGateway } from '../../src/testing/test-gateway.ts'
import type { TestGateway } from '../../src/parity/gateway.ts'
import { gateway } from '../../src/server/gateway.ts'
import { createTables } from '../engine/support.ts'
import { gallery, vectorRelations, vectorStatements, vectorTables } from '../engine/vectors.ts'
import { fillMuseum, museum, relations } from '../parity/museum.ts'
import { onDatabase } from '../support/databases.ts'
import { withExtension } from '../support/extensions.ts'
import { readSchemas, readTruth, unresolved, watchExchanges } from './document-truth.ts'
import { call, closeShop, openShop, type Shop } from './support.ts'

/** Random requests of a gateway, each held against its document. */
async function meet(open: () => Promise<TestGateway>, runs: number) {
  const faults = new Set<string>()
  const statuses = new Set<number>()
  const report = await checkParity({
    runs,
    seed: 2026,
    async open() {
      const opened = await open()
      const document = (await opened.app.inject({ url: '/openapi.json' })).json()
      expect(unresolved(document)).toEqual([])
      const tellFaults = readTruth(document)
      watchExchanges(opened.app, (exchange) => {
        statuses.add(exchange.status)
        for (const fault of tellFaults(exchange))
          faults.add(
            `${fault} (${exchange.method} ${exchange.url} ${JSON.stringify(exchange.sent) ?? ''})`,
          )
      })
      return opened
    },
  })
  expect(report.difference === null, toText(report)).toBe(true)
  return { faults: [...faults], statuses: [...statuses] }
}

onDatabase('pglite', (open) => {
  test(
    'random requests over all column types are accepted and answered as the document says',
    { timeout: 120_000 },
    async () => {
      const database = await open({ relations })
      await fillMuseum(database)
      const { faults, statuses } = await meet(() => openTestGateway(museum, { database }), 200)
      expect(faults).toEqual([])
      expect(statuses).toEqual(
        expect.arrayContaining([200, 201, 204, 400, 401, 403, 404, 409, 422]),
      )
    },
  )
})

await withExtension('vector', (open) => {
  test(
    'random requests over relations and aggregates are accepted and answered as the document says',
    { timeout: 120_000 },
    async () => {
      const database = await open({ relations: vectorRelations })
      await createTables(database, vectorTables)
      for (const text of vectorStatements) await database.query({ text, values: [] })
      expect(
        (await meet(() => openTestGateway(gateway(gallery), { database }), 100)).faults,
      ).toEqual([])
    },
  )
})

describe('every operation of the shop', () => {
  let shop: Shop
  let document: ReturnType<typeof JSON.parse>
  const faults: string[] = []
  beforeAll(async () => {
    shop = await openShop({ env: { RATE_LIMIT_MAX: '1000000', COST_BUDGET: '0' } })
    document = (await call(shop, 'GET /openapi.json')).body
    const tellFaults = readTruth(document)
    watchExchanges(shop.app, (exchange) =>
      faults.push(
        ...tellFaults(exchange).map(
          (fault) => `${fault} (${exchange.method} ${exchange.url.slice(0, 100)})`,
        ),
      ),
    )
  })
  afterAll(() => closeShop(shop))

  /** Values of keys in paths: of an existing row, and of none. */
  const keys = [
    {
      id: '1',
      sku: 'L-1',
      orderId: '00000000-0000-4000-8000-000000000001',
      line: '1',
      word: 'query',
      language: 'en',
      rank: '1',
    },
    { id: '99', sku: 'x', orderId: 'x', line: 'x', word: 'by', language: 'x', rank: '9' },
  ]
  const places = () =>
    Object.entries<object>(document.paths).flatMap(([path, item]) =>
      Object.keys(item).flatMap((method) =>
        keys.map((values) => ({
          method: method.toUpperCase(),
          address: path.replaceAll(/\{(\w+)\}/g, (_all, name: keyof typeof values) => values[name]),
        })),
      ),
    )

  interface Sent {
    readonly query?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
  }
  const long = 'x'.repeat(9000)
  const ofAny: readonly Sent[] = [
    ...['if-none-match', 'if-match', 'if-unmodified-since', 'idempotency-key', 'prefer'].flatMap(
      (name) => [{ headers: { [name]: 'a b' } }, { headers: { [name]: '"a"' } }],
    ),
    ...['text/csv', 'application/x-ndjson', 'image/png'].map((accept) => ({ headers: { accept } })),
    ...[
      `?${long}`,
      '?nothing=1',
      '?fields=id&include=nothing',
      '?limit=1000',
      '?atMost=5&id=99',
    ].map((query) => ({ query })),
    { headers: { 'x-long': long + long } },
  ]
  const ofWrites: readonly Sent[] = [
    ...[
      '{',
      '{}',
      '[]',
      '{"nothing":1}',
      '{"requests":[]}',
      JSON.stringify({ long: long.repeat(200) }),
    ].map((body) => ({ body })),
    ...['text/plain', 'application/merge-patch+json'].map((type) => ({
      headers: { 'content-type': type },
      body: '{}',
    })),
    { headers: { 'content-encoding': 'gzip' }, body: '{}' },
  ]

  test(
    'answers conditions, unknown parameters and errors of HTTP as the document says',
    { timeout: 120_000 },
    async () => {
      for (const { method, address } of places())
        for (const caller of [{ as: 'staff' }, { as: 'ann' }, {}]) {
          const {
            headers: { etag = '"a"' },
          } = await call(shop, `${method} ${address}`, caller)
          await call(shop, `${method} ${address}`, {
            ...caller,
            headers: { 'if-none-match': etag },
          })
          if (method === 'GET') await call(shop, `HEAD ${address}`, caller)
          for (const { query = '', ...sent } of [...ofAny, ...(method === 'GET' ? [] : ofWrites)])
            await call(shop, `${method} ${address}${query}`, { ...caller, ...sent })
        }
      expect([...new Set(faults)]).toEqual([])
    },
  )

  const wheres: readonly unknown[] = [
    {},
    null,
    [],
    { zzz: 1 },
    { AND: [] },
    { AND: [{}] },
    { OR: [null] },
    { NOT: {} },
    { NOT: null },
    { name: {} },
    { name: null },
    { name: { eq: null } },
    { name: { like: '\\' } },
    { name: { like: '50\\%' } },
    { name: { ilike: 'a\\\\' } },
    { name: { ilike: 'a\\\\\\' } },
    { price: { eq: 1 } },
    { price: { eq: '1' } },
    { price: { in: [] } },
    { price: { in: [null] } },
    { price: { in: Array(1001).fill('1') } },
    { price: { zzz: '1' } },
    { status: { eq: 'active' } },
    { status: { eq: 'zzz' } },
    { limit: { eq: 2 ** 31 } },
    { limit: { eq: 1.5 } },
    { fragile: { isNull: 'true' } },
    { weight: { eq: '1' } },
    { tags: { has: null } },
    { tags: { eq: [null] } },
    { tags: { hasSome: [null] } },
    { tags: { isEmpty: true } },
    { attributes: { contains: null } },
    { attributes: { contains: 0 } },
    { attributes: { hasKey: 1 } },
    { attributes: { path: { at: ['a'] } } },
    { attributes: { path: { at: [], eq: 1 } } },
    ...[
      { eq: null },
      { eq: false },
      { in: [null] },
      { in: [] },
      { gt: true },
      { gt: null },
      { gt: 'a' },
      { gt: 1 },
      { isNull: null },
      { isNull: true },
    ].map((path) => ({ attributes: { path: { at: ['a'], ...path } } })),
    { category: {} },
    { category: null },
    { category: { AND: [] } },
    { category: { parent: {} } },
    { items: {} },
    { items: { some: {} } },
    { items: { none: null } },
    { items: { count: {} } },
    { items: { count: { gte: 0 } } },
    { items: { zzz: {} } },
  ]
  const requests: readonly object[] = [
    ...[[], [''], ['name'], '', 'name', 1, null, Array(9).fill('name')].flatMap((value) => [
      { sort: value },
      { distinctOn: value, sort: value },
      { fields: value },
    ]),
    ...[[], ['line'], '', 'line', 1, null].flatMap((value) => [
      { include: 'items', 'items.fields': value },
      { include: 'items', 'items.sort': value },
    ]),
    ...[0, 5, 6, -1, 1.5, '1', null].flatMap((value) => [
      { limit: value },
      { include: 'items', 'items.limit': value },
    ]),
    ...[0, 2 ** 31 - 1, 2 ** 31, -1, '1', null].flatMap((value) => [
      { offset: value },
      { include: 'items', 'items.offset': value },
    ]),
    ...['exact', 'estimated', 'none', 'all', true, null].flatMap((value) => [
      { count: value },
      { include: 'items', 'items.count': value },
    ]),
    ...[{}, 1, null].map((value) => ({ include: 'items', 'items.where': value })),
    { before: 'end' },
    { after: '' },
    { before: null },
    { zzz: 1 },
    { 'price[gte]': '1' },
    { nearest: {} },
    { search: 'a' },
  ]

  test('a list request is accepted exactly where its schema accepts it', async () => {
    const takes = readSchemas(document)
    for (const body of [...wheres.map((where) => ({ where, limit: 1 })), ...requests]) {
      const { status, text } = await call(shop, 'POST /api/products/query', { as: 'staff', body })
      expect(
        [
          JSON.stringify(body).slice(0, 100),
          takes({ $ref: '#/components/schemas/ProductListRequest' }, body),
        ],
        text,
      ).toEqual([JSON.stringify(body).slice(0, 100), status === 200])
    }
  })
})
