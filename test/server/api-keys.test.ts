// API keys as credentials: created in the gateway's own table, sent in either header.
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { createApiKey, revokeApiKey } from '../../src/db/store/api-keys.ts'
import type { Database } from '../../src/db/database.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import { openTestDatabase, openTestServer, secret, securityEvents } from './support.ts'
import type { TestServer } from './support.ts'

const callerSchema = z.object({ partner: z.string() }).partial()
let database: Database
let server: TestServer
beforeAll(async () => {
  database = await openTestDatabase()
  await migrateDatabase(database)
  server = await openTestServer(database, { env: { JWT_SECRET: secret }, callerSchema })
})
afterAll(async () => {
  await server.app.close()
  await database.close()
})

const make = (claims: Record<string, unknown> = { partner: 'acme', internal: true }) =>
  createApiKey(database, { name: 'Acme', roles: ['staff'], claims })

test('a key in either header identifies the caller', async () => {
  const { id, secret: key } = await make()
  const caller = { via: 'apiKey', id, roles: ['staff'], claims: { partner: 'acme' } }
  expect((await server.app.inject({ url: '/who', headers: { 'x-api-key': key } })).json()).toEqual(
    caller,
  )
  expect(
    (await server.app.inject({ url: '/who', headers: { authorization: `Bearer ${key}` } })).json(),
  ).toEqual(caller)
})

test('revoked, unknown and malformed keys, and keys whose claims no longer fit, are 401', async () => {
  const revoked = await make()
  await revokeApiKey(database, revoked.id)
  const misfit = await make({ partner: 7 })
  const unknown = revoked.secret.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  for (const key of [revoked.secret, misfit.secret, unknown, 'bfk_', 'bfk_x', 'nonsense']) {
    const answer = await server.app.inject({ url: '/who', headers: { 'x-api-key': key } })
    expect([answer.statusCode, answer.headers['www-authenticate']], key).toEqual([
      401,
      'Bearer realm="api", error="invalid_token"',
    ])
    expect(securityEvents(server).at(-1)).toMatchObject({ security: 'unauthenticated' })
  }
  expect(server.log.join('')).not.toMatch(/bfk_/)
})
