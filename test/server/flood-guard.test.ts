// The flood guard: which requests are counted together, its headers, and that every route passes it.
import { SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openTestDatabase, openTestServer, secret, securityEvents } from './support.ts'

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
const token = (sub: string) =>
  new SignJWT({ sub })
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

test('invalid credentials are limited by address before they are checked, and do not lock other callers out', async () => {
  const { app } = await openTestServer(database, { env })
  const good = await token('jane')
  const call = (bearer: string, address: string) =>
    app.inject({
      url: '/who',
      headers: { authorization: `Bearer ${bearer}`, 'x-forwarded-for': address },
    })
  for (const guess of ['a', 'b', 'c'])
    expect((await call(guess, '203.0.113.1')).statusCode).toBe(401)
  expect((await call('d', '203.0.113.1')).statusCode).toBe(429)
  expect((await call(good, '203.0.113.1')).statusCode).toBe(429)
  expect((await call(good, '203.0.113.2')).statusCode).toBe(200)
  expect((await app.inject(from('203.0.113.1'))).statusCode).toBe(200)
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
