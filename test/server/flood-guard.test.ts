// The flood guard: which requests are counted together, its headers, and that every route passes it.
import { SignJWT } from 'jose'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { createApiKey, revokeApiKey } from '../../src/db/store/api-keys.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import { defined } from '../../src/defined.ts'
import { openVerificationQuota } from '../../src/server/auth/verification-quota.ts'
import {
  openTestDatabase,
  openTestServer,
  secret,
  securityEvents,
  type TestServer,
} from './support.ts'

let database: Database
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database.close())

const env = {
  RATE_LIMIT_MAX: '3',
  COST_BUDGET: '0',
  RATE_LIMIT_WINDOW: '60000',
  JWT_SECRET: secret,
  TRUST_PROXY: 'loopback',
}
const from = (address: string, url = '/who') => ({ url, headers: { 'x-forwarded-for': address } })
const token = (sub: string, iss?: string) =>
  new SignJWT(defined({ sub, iss }))
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode(secret))

test('an address gets its remaining requests, and then Retry-After', async () => {
  const server = await openTestServer(database, { env })
  const first = await server.app.inject(from('203.0.113.1'))
  expect(first.headers['ratelimit-policy']).toBe('"requests";q=3;w=60')
  expect(first.headers['ratelimit']).toBe('"requests";r=2;t=60')
  expect(
    Object.keys(first.headers).filter((name) =>
      /x-ratelimit|ratelimit-(limit|remaining|reset)/.test(name),
    ),
  ).toEqual([])
  await server.app.inject(from('203.0.113.1', '/nowhere')) // addresses that do not exist count too
  await server.app.inject(from('203.0.113.1', '/broken'))
  const refused = await server.app.inject(from('203.0.113.1'))
  expect(refused.statusCode).toBe(429)
  expect(refused.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429 })
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50)
  expect(refused.headers['ratelimit']).toMatch(/^"requests";r=0;t=\d+$/)
  expect(securityEvents(server).at(-1)).toMatchObject({
    security: 'rate_limited',
    address: '203.0.113.1',
  })
  expect((await server.app.inject(from('203.0.113.2'))).statusCode).toBe(200)
  await server.app.close()
})

test('IPv6 is counted by /64, IPv4 in IPv6 as IPv4', async () => {
  const { app } = await openTestServer(database, { env })
  const left = async (address: string) => (await app.inject(from(address))).headers['ratelimit']
  expect(await left('2001:db8:1:1::1')).toContain('r=2')
  expect(await left('2001:db8:1:1:ffff::2')).toContain('r=1')
  expect(await left('2001:db8:1:2::1')).toContain('r=2')
  expect(await left('198.51.100.7')).toContain('r=2')
  expect(await left('::ffff:198.51.100.7')).toContain('r=1')
  await app.close()
})

test('ports and brackets do not make another address, and all that is no address is one', async () => {
  const { app } = await openTestServer(database, { env })
  const left = async (address: string) => (await app.inject(from(address))).headers['ratelimit']
  expect(await left('198.51.100.8:1024')).toContain('r=2')
  expect(await left('198.51.100.8:1025')).toContain('r=1')
  expect(await left('198.51.100.8')).toContain('r=0')
  expect(await left('[2001:db8:2:1::1]:1024')).toContain('r=2')
  expect(await left('[2001:db8:2:1::2]')).toContain('r=1')
  expect(await left('2001:db8:2:1::3')).toContain('r=0')
  expect(await left('garbage')).toContain('r=2')
  expect(await left('more:garbage')).toContain('r=1')
  expect(await left('[')).toContain('r=0')
  await app.close()
})

test('callers have their own limit from any address, separate from the anonymous one', async () => {
  const { app } = await openTestServer(database, { env })
  const [jane, joe] = await Promise.all([token('jane'), token('joe')])
  const call = (bearer: string, address: string) =>
    app.inject({
      url: '/who',
      headers: { authorization: `Bearer ${bearer}`, 'x-forwarded-for': address },
    })
  for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3'])
    expect((await call(jane, address)).statusCode).toBe(200)
  expect((await call(jane, '203.0.113.4')).statusCode).toBe(429)
  expect((await call(joe, '203.0.113.1')).statusCode).toBe(200)
  expect((await app.inject(from('203.0.113.1'))).headers['ratelimit']).toContain('r=2')
  await app.close()
})

describe('an address with too many invalid credentials', () => {
  const ATTACKED = '203.0.113.1'
  const call = ({ app }: TestServer, credential: string, address = ATTACKED) =>
    app.inject({
      url: '/who',
      headers: {
        'x-forwarded-for': address,
        ...(credential.startsWith('bfk_')
          ? { 'x-api-key': credential }
          : { authorization: `Bearer ${credential}` }),
      },
    })
  /** So many different bad credentials at once. */
  const flood = (server: TestServer, count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => call(server, `guess-${i}`)))

  let keys: Database
  beforeAll(async () => {
    keys = await openTestDatabase()
    await migrateDatabase(keys)
  })
  afterAll(() => keys.close())
  const make = async (): Promise<string> => {
    const { secret: key } = await createApiKey(keys, { name: 'robot', roles: [], claims: {} })
    return key
  }
  const settings = { ...env, RATE_LIMIT_MAX: '40' }

  test('gets 50 verifications at once, and 429 with Retry-After beyond them; another address is free', async () => {
    const server = await openTestServer(keys, { env: settings })
    await flood(server, 40)
    const answers = await flood(server, 200)
    const refused = answers.filter(({ statusCode }) => statusCode === 429)
    expect(answers.filter(({ statusCode }) => statusCode === 401).length).toBeGreaterThanOrEqual(50)
    expect(refused[0]?.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429 })
    expect(refused[0]?.headers['retry-after']).toBe('1')
    expect((await call(server, await token('joe'), '203.0.113.2')).statusCode).toBe(200)
    expect((await server.app.inject(from(ATTACKED))).statusCode).toBe(200)
    await server.app.close()
  })

  test.each([
    ['token', () => token('jane')],
    ['API key', make],
  ])('does not lock out a good %s that was seen before', async (_what, open) => {
    const server = await openTestServer(keys, { env: settings })
    const good = await open()
    expect((await call(server, good)).statusCode).toBe(200)
    await flood(server, 40)
    const answers = []
    for (let i = 0; i < 5; i += 1) {
      answers.push(...(await flood(server, 100)))
      expect((await call(server, good)).statusCode).toBe(200)
    }
    expect(answers.some(({ statusCode }) => statusCode === 429)).toBe(true)
    await server.app.close()
  })

  test.each([
    ['token', () => token('new')],
    ['API key', make],
  ])('lets a good %s in that is new, while the flood goes on', async (_what, open) => {
    const server = await openTestServer(keys, { env: settings })
    const good = await open()
    await flood(server, 100)
    const isOver = { yet: false }
    const attack = (async () => {
      while (!isOver.yet) {
        await flood(server, 20)
        await delay(20)
      }
    })()
    await vi.waitFor(async () => expect((await call(server, good)).statusCode).toBe(200), {
      timeout: 8000,
      interval: 7,
    })
    for (let i = 0; i < 3; i += 1) expect((await call(server, good)).statusCode).toBe(200) // known from now on
    isOver.yet = true
    await attack
    await server.app.close()
  })

  test('is not let through by a credential that was good once', async () => {
    const server = await openTestServer(keys, { env: settings })
    const { id, secret: key } = await createApiKey(keys, { name: 'robot', roles: [], claims: {} })
    expect((await call(server, key)).statusCode).toBe(200)
    await revokeApiKey(keys, id)
    await flood(server, 40)
    await flood(server, 100)
    expect((await call(server, key)).statusCode).toBe(401)
    const flooded = flood(server, 100)
    expect((await call(server, key)).statusCode).toBe(429)
    await flooded
    await server.app.close()
  })
})

test('the quota of verifications is 50 a second for an address and 500 in all, by a clock of spans', () => {
  let now = 0
  const take = openVerificationQuota(() => now)
  const taken = (address: string, tries: number): number =>
    Array.from({ length: tries }, () => take(address)).filter(Boolean).length
  expect([taken('a', 100), taken('a', 10), taken('b', 100)]).toEqual([50, 0, 50])
  now = 100
  expect([taken('a', 100), taken('b', 2)]).toEqual([5, 2])
  now = 60_000
  expect(Array.from({ length: 12 }, (_, i) => taken(`c${i}`, 60))).toEqual([
    ...Array<number>(10).fill(50),
    0,
    0,
  ])
  now = 60_002
  expect(taken('d', 5)).toBe(1)
})

test('tokens of one subject by two issuers are two callers', async () => {
  const issuers = ['https://a.example/', 'https://b.example/']
  const { JWT_SECRET: _, ...others } = env
  const JWT_ISSUERS = JSON.stringify(issuers.map((issuer) => ({ issuer, secret })))
  const { app } = await openTestServer(database, { env: { ...others, JWT_ISSUERS } })
  const [a, b] = await Promise.all(issuers.map((iss) => token('jane', iss)))
  const left = async (bearer = '') =>
    (await app.inject({ url: '/who', headers: { authorization: `Bearer ${bearer}` } })).headers[
      'ratelimit'
    ]
  expect([await left(a), await left(a), await left(b)]).toEqual([
    expect.stringContaining('r=2'),
    expect.stringContaining('r=1'),
    expect.stringContaining('r=2'),
  ])
  await app.close()
})

test('a window ends', async () => {
  const { app } = await openTestServer(database, {
    env: { ...env, RATE_LIMIT_MAX: '1', RATE_LIMIT_WINDOW: '3000' },
  })
  expect((await app.inject('/who')).statusCode).toBe(200)
  expect((await app.inject('/who')).headers['retry-after']).toMatch(/^[123]$/)
  await new Promise((resolve) => {
    setTimeout(resolve, 3100)
  })
  expect((await app.inject('/who')).statusCode).toBe(200)
  await app.close()
})

test('a wall clock that is set back does not lengthen the window', async () => {
  const { app } = await openTestServer(database, { env: { ...env, RATE_LIMIT_MAX: '1' } })
  expect((await app.inject('/who')).statusCode).toBe(200)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 86_400_000 })
  try {
    expect(Number((await app.inject('/who')).headers['retry-after'])).toBeLessThanOrEqual(60)
  } finally {
    vi.useRealTimers()
  }
  await app.close()
})

test('probes are not counted, and 0 switches the guard off', async () => {
  const { app } = await openTestServer(database, { env: { ...env, RATE_LIMIT_MAX: '1' } })
  for (let i = 0; i < 5; i += 1) expect((await app.inject('/healthz')).statusCode).toBe(200)
  await app.close()
  const off = await openTestServer(database, { env: { RATE_LIMIT_MAX: '0', COST_BUDGET: '0' } })
  const answer = await off.app.inject('/who')
  expect([answer.statusCode, answer.headers['ratelimit']]).toEqual([200, undefined])
  await off.app.close()
})
