// With introspection off, an address that a caller may not know has the headers of an absent one, at every status.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { type Faces, openFaces } from '../faces/http.ts'
import { onDatabase } from '../support/databases.ts'
import { absent, normalized } from './hidden-names-support.ts'

const items = pgTable('items', { id: integer().primaryKey() })
const orders = pgTable('orders', { id: integer().primaryKey() })
const tables = { items, orders }
const relations = defineRelations(tables, () => ({}))
const { resource, access } = declare({ relations })
const staff = access.role('staff')
const closed = { read: staff, create: staff, update: staff, delete: staff }
const declaration = gateway({
  name: 'Addresses',
  relations,
  resources: {
    item: resource('items', { access: { read: access.everyone } }),
    order: resource('orders', { access: closed }),
  },
})
const origin = 'https://shop.example'

type Headers = Readonly<Record<string, string>>
const refusals: readonly (readonly [
  status: number,
  method: string,
  below: string,
  headers?: Headers,
])[] = [
  [401, 'GET', '', { authorization: 'Basic x' }],
  [401, 'PUT', '/1', { authorization: 'Basic x' }],
  [404, 'GET', ''],
  [404, 'PUT', ''],
  [404, 'PUT', '/1'],
  [404, 'OPTIONS', '/1'],
  [400, 'GET', '?zz=%ff'],
  [400, 'GET', '', { host: 'a b' }],
  [414, 'GET', `?zz=${'a'.repeat(9000)}`],
  [404, 'GET', `/${'a'.repeat(8180)}`],
  [414, 'GET', `/${'a'.repeat(9000)}`],
  [431, 'GET', '', { 'x-long': 'a'.repeat(17_000) }],
  [204, 'OPTIONS', '', { origin, 'access-control-request-method': 'GET' }],
  [404, 'OPTIONS', '', { origin }],
  [404, 'GET', '', { origin }],
]

onDatabase('pglite', (open) => {
  const serve = async (env: Headers): Promise<Faces> =>
    openFaces(await open(), tables, declaration, { INTROSPECTION: 'false', ...env })

  test.each<[string, Headers]>([
    ['with CORS', { CORS_ORIGINS: `${origin},https://other.example` }],
    ['without', {}],
  ])('refusals of a hidden address are those of an absent one, %s', async (_title, env) => {
    const faces = await serve(env)
    for (const [status, method, below, headers = {}] of refusals) {
      const ask = (name: string) => faces.rest(`${method} /api/${name}${below}`, { headers })
      const [hidden, unknown] = [await ask('orders'), await ask(absent('orders'))]
      const place = `${method} ${below.slice(0, 20)} ${JSON.stringify(headers).slice(0, 60)}`
      if (status !== 204 || 'CORS_ORIGINS' in env) expect(hidden.status, place).toBe(status)
      expect(normalized(hidden, 'orders'), place).toBe(normalized(unknown, absent('orders')))
    }
  })

  test('so is what comes too often', async () => {
    const faces = await serve({ RATE_LIMIT_MAX: '1' })
    await faces.rest('GET /api/items')
    const ask = (name: string) => faces.rest(`GET /api/${name}`)
    const [hidden, unknown] = [await ask('orders'), await ask(absent('orders'))]
    expect(hidden.status).toBe(429)
    const headersOf = ({ headers }: typeof hidden) => Object.keys(headers)
    expect(headersOf(hidden)).toEqual(headersOf(unknown))
    expect(hidden.headers['vary']).toBe(unknown.headers['vary'])
  })

  test('every address varies by the caller', async () => {
    const faces = await serve({})
    for (const path of ['/api/items', '/api/orders', '/api/nothing', '/nothing'])
      expect((await faces.rest(`GET ${path}`)).headers['vary'], path).toBe(
        'Authorization, X-API-Key, Accept',
      )
  })
})
