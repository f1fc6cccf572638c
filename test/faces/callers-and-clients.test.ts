// Both faces on a socket: late bodies, credentials that are seen nowhere, and callers of two issuers who have one name.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import type { FastifyInstance } from 'fastify'
import { SignJWT } from 'jose'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open.ts'
import { createApiKey, revokeApiKey } from '../../src/db/store/api-keys.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { openGateway } from '../../src/server/open-gateway.ts'
import { createTables } from '../engine/support.ts'
import { sendRaw } from '../server/support.ts'

const notes = pgTable('notes', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  text: text().notNull(),
})
const tables = { notes }
const relations = defineRelations(tables)
const { resource, access } = declare({ relations })
const declaration = {
  name: 'Notes',
  relations,
  resources: {
    note: resource('notes', { access: { read: access.everyone, create: access.signedIn } }),
  },
}
const issuers = ['https://a.example/', 'https://b.example/']
const secrets = ['the-secret-of-the-issuer-a-0123456789', 'the-secret-of-the-issuer-b-0123456789']

let database: Database
let app: FastifyInstance
let port: number
const log: string[] = []
beforeAll(async () => {
  database = await openDatabase({
    url: 'pglite:memory',
    snapshot: inject('pgliteSnapshot'),
    poolMax: 1,
    relations,
    statementTimeout: 5000,
    lockTimeout: 2000,
    idleInTransactionTimeout: 10_000,
    connectTimeout: 2000,
  })
  await migrateDatabase(database)
  await createTables(database, tables)
  const config = readConfig(
    {
      DATABASE_URL: 'pglite:memory',
      LOG_LEVEL: 'trace',
      PORT: '0',
      RATE_LIMIT_MAX: '0',
      REQUEST_TIMEOUT: '1000',
      STATEMENT_TIMEOUT: '500',
      JWT_ISSUERS: JSON.stringify(issuers.map((issuer, i) => ({ issuer, secret: secrets[i] }))),
    },
    'development',
  )
  const logStream = { write: (line: string) => log.push(line) }
  app = (await openGateway(declaration, config, { database, logStream })).app
  await app.listen({ port: 0, host: '127.0.0.1' })
  port = (app.server.address() as AddressInfo).port // it listens on a port
})
afterAll(async () => {
  await app.close()
  await database.close()
})

const sign = (iss: string, secret: string, claims: Record<string, unknown> = {}): Promise<string> =>
  new SignJWT({ sub: 'jane', iss, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode(secret))

const create = {
  rest: { method: 'POST', url: '/api/notes', payload: { text: 'one' } },
  graphql: {
    method: 'POST',
    url: '/graphql',
    payload: { query: 'mutation { createNote(input: { text: "one" }) { id } }' },
  },
} as const
const read = {
  rest: { method: 'GET', url: '/api/notes?limit=1' },
  graphql: {
    method: 'POST',
    url: '/graphql',
    payload: { query: '{ notes(first: 1) { nodes { id } } }' },
  },
} as const
const faces = ['rest', 'graphql'] as const

const canary = 'c4nary'
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Credentials in every place and condition. */
async function canaryHeaders(
  good: string,
  key: string,
  revoked: string,
): Promise<readonly Record<string, string>[]> {
  const [a = '', b = ''] = [issuers[0], secrets[0]]
  return [
    bearer(good),
    bearer(`${good.slice(0, -4)}AAAA`),
    bearer(`${good}=`),
    bearer(await sign('https://c.example/c4nary', b)),
    bearer(await sign(a, 'another-secret-0123456789-abcdefgh')),
    bearer(await sign(a, b, { roles: canary })),
    bearer(canary),
    { authorization: `Basic ${canary}` },
    { authorization: canary },
    { 'x-api-key': key },
    { 'x-api-key': revoked },
    { 'x-api-key': `${key.slice(0, -4)}AAAA` },
    { 'x-api-key': canary },
    { ...bearer(good), 'x-api-key': key },
    { cookie: `token=${good}; session=${canary}` },
    { 'proxy-authorization': `Bearer ${good}` },
  ]
}

describe.each(faces)('on %s', (face) => {
  test('a body that does not come is 408, and the connection ends', async () => {
    const { method, url } = create[face]
    const answer = await sendRaw(
      port,
      `${method} ${url} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"`,
      6000,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
    expect(answer.toLowerCase()).toContain('connection: close')
    expect(answer).toContain('"code":"TIMEOUT"')
  })

  test('an idempotency key is of one issuer, for two callers with one `sub`', async () => {
    const ask = async (i: 0 | 1) => {
      const headers = {
        authorization: `Bearer ${await sign(issuers[i] ?? '', secrets[i] ?? '')}`,
        'idempotency-key': `key-of-${face}`,
      }
      return (await app.inject({ ...create[face], headers })).headers['idempotency-replayed']
    }
    expect([await ask(0), await ask(0), await ask(1)]).toEqual([undefined, 'true', undefined])
  })

  test('a credential is in no answer and in no line of the log, good or bad', async () => {
    const good = await sign(issuers[0] ?? '', secrets[0] ?? '', { jti: canary })
    const { id, secret: key } = await createApiKey(database, { name: 'a', roles: [], claims: {} })
    const { id: oldId, secret: revoked } = await createApiKey(database, {
      name: 'b',
      roles: [],
      claims: {},
    })
    await revokeApiKey(database, oldId)
    const headers = await canaryHeaders(good, key, revoked)
    const written: string[] = []
    log.length = 0
    for (const fields of headers)
      for (const sent of [read[face], create[face], { method: 'GET', url: '/nowhere' } as const]) {
        const answer = await app.inject({ ...sent, headers: fields })
        written.push(JSON.stringify(answer.headers), answer.body)
      }
    expect(log.length).toBeGreaterThan(20)
    const hidden = [
      canary,
      good.split('.')[2] ?? '',
      good.split('.')[1] ?? '',
      key.slice(22),
      revoked.slice(22),
      ...secrets,
    ]
    expect(key).toContain(id) // the id is what operators know a key by
    for (const line of [...written, ...log])
      for (const part of hidden) expect(line).not.toContain(part)
  })

  test('a token in a cookie or in the URL is not read', async () => {
    const good = await sign(issuers[0] ?? '', secrets[0] ?? '')
    const cookie = await app.inject({ ...create[face], headers: { cookie: `token=${good}` } })
    expect(cookie.body).toContain('UNAUTHENTICATED')
    log.length = 0
    for (const name of ['access_token', 'token', 'authorization', 'x-api-key']) {
      const { url, ...rest } = create[face]
      const answer = await app.inject({ ...rest, url: `${url}?${name}=${good}` })
      expect(answer.body, name).toMatch(/UNAUTHENTICATED|BAD_REQUEST/)
      expect(answer.body).not.toContain(good)
    }
    expect(log.join('')).not.toContain(good)
  })
})
