// The cost budget: points by account, on both faces, in this process and in Redis.
import type { FastifyInstance } from 'fastify'
import { Redis } from 'ioredis'
import { SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { Budget, Receipt } from '../../src/engine/charge/budget.ts'
import { Problem } from '../../src/errors.ts'
import { accountOf } from '../../src/schema/declare/caller.ts'
import { accountOfAddress } from '../../src/server/limits/account.ts'
import { openAccountBudget } from '../../src/server/limits/budget.ts'
import { openMemoryCounter } from '../../src/server/limits/memory-counter.ts'
import { openTestRedis, type TestRedis, withRedis } from '../support/redis.ts'
import { openTestDatabase, openTestServer, secret } from './support.ts'

const WINDOW_MS = 60_000

async function refusalOf(budget: Budget, account: string, points: number) {
  const taking = async (): Promise<Receipt> => budget.take(account, points)
  const thrown = await taking().then(
    () => expect.unreachable('It was taken.'),
    (error: unknown) => error,
  )
  if (!(thrown instanceof Problem)) throw thrown
  return { code: thrown.code, message: thrown.message, headers: thrown.headers }
}

describe('in memory', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  const open = (limit = 100, windowMs = WINDOW_MS) =>
    openAccountBudget(openMemoryCounter({ limit, windowMs }))

  test('a refusal has the figures and the wait, and takes nothing', async () => {
    const budget = open()
    await budget.take('a', 70)
    vi.advanceTimersByTime(20_000)
    expect(await refusalOf(budget, 'a', 31)).toEqual({
      code: 'RATE_LIMITED',
      message: 'The request may cost 31 points, and 30 of 100 are left; try again in 40 s.',
      headers: { 'retry-after': '40' },
    })
    await budget.take('a', 30)
    await budget.take('b', 100)
    expect(await refusalOf(budget, 'a', 1)).toMatchObject({ code: 'RATE_LIMITED' })
  })

  test('an exhausted account is filled again after its window', async () => {
    const budget = open()
    await budget.take('a', 100)
    vi.advanceTimersByTime(WINDOW_MS - 1)
    expect(await refusalOf(budget, 'a', 1)).toMatchObject({ headers: { 'retry-after': '1' } })
    vi.advanceTimersByTime(1)
    await budget.take('a', 100)
  })

  test('work that costs more than a window needs all of one, and gets back what it did not use', async () => {
    const budget = open()
    await budget.take('a', 1)
    expect(await refusalOf(budget, 'a', 250)).toEqual({
      code: 'RATE_LIMITED',
      message: 'The request may cost 250 points, and 99 of 100 are left; try again in 60 s.',
      headers: { 'retry-after': '60' },
    })
    vi.advanceTimersByTime(WINDOW_MS)
    const receipt = await budget.take('a', 250)
    expect(await refusalOf(budget, 'a', 1)).toMatchObject({ code: 'RATE_LIMITED' })
    receipt.giveBack(100) // it used 150
    expect(await refusalOf(budget, 'a', 1)).toMatchObject({ code: 'RATE_LIMITED' })
    receipt.giveBack(110) // it used 40
    await budget.take('a', 60)
    expect(await refusalOf(budget, 'a', 1)).toMatchObject({ code: 'RATE_LIMITED' })
  })

  test('what is given back can be taken again, and never more than was taken', async () => {
    const budget = open()
    const receipt = await budget.take('a', 60)
    await budget.take('a', 40)
    receipt.giveBack(50)
    receipt.giveBack(50)
    receipt.giveBack(-5)
    expect(budget.look('a')).toEqual({ left: 60, endsInMs: WINDOW_MS })
    await budget.take('a', 60)
    expect(await refusalOf(budget, 'a', 1)).toMatchObject({ code: 'RATE_LIMITED' })
  })

  test('an account that is given everything back stands as before its first request', async () => {
    const budget = open()
    const receipt = await budget.take('a', 60)
    receipt.giveBack(60)
    expect(budget.look('a')).toBeNull()
    vi.advanceTimersByTime(20_000)
    await budget.take('a', 1)
    expect(budget.look('a')).toEqual({ left: 99, endsInMs: WINDOW_MS })
  })

  test('what is given back after the window does not fill the next one', async () => {
    const budget = open()
    const receipt = await budget.take('a', 100)
    vi.advanceTimersByTime(WINDOW_MS)
    await budget.take('a', 100)
    receipt.giveBack(100)
    expect(await refusalOf(budget, 'a', 1)).toMatchObject({ code: 'RATE_LIMITED' })
  })

  test('a wall clock that is set back does not lengthen the wait', async () => {
    const budget = open()
    await budget.take('a', 100)
    vi.setSystemTime(Date.now() - 86_400_000)
    expect(await refusalOf(budget, 'a', 1)).toMatchObject({ headers: { 'retry-after': '60' } })
    vi.advanceTimersByTime(WINDOW_MS)
    await budget.take('a', 100)
  })

  test('a limit of 0 makes work free', async () => {
    const budget = open(0)
    const receipt = await budget.take('a', 1_000_000)
    receipt.giveBack(1)
    expect(budget.look('a')).toBeNull()
  })
})

describe('accounts', () => {
  const caller = { via: 'jwt', id: 'jane', roles: [], claims: {} } as const

  test('are of an issuer and a subject, or of the id of a key', () => {
    const accounts = [
      accountOf(caller),
      accountOf({ ...caller, issuer: 'https://one.example/' }),
      accountOf({ ...caller, issuer: 'https://other.example/' }),
      accountOf({ ...caller, via: 'apiKey' }),
      accountOfAddress('jane'),
    ]
    expect(new Set(accounts).size).toBe(accounts.length)
  })

  test('have a bounded length for any issuer, and an id cannot look like an issuer', () => {
    const account = accountOf({ ...caller, issuer: 'x'.repeat(10_000) })
    expect(account.length).toBeLessThan(40)
    for (const id of [account.slice('jwt'.length), account.slice('jwt@'.length)])
      expect(accountOf({ ...caller, id })).not.toBe(account)
  })
})

let database: Database
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database.close())

/** The faces' paths, as small routes: work for 41 points of which 30 are given back. */
async function mountWork(scope: FastifyInstance): Promise<void> {
  scope.get('/work', async (request) => {
    const receipt = await request.server.budget.take(request.account, 41)
    receipt.giveBack(30)
    return {}
  })
}

const openServer = (env: Record<string, string>) =>
  openTestServer(database, {
    env: { RATE_LIMIT_MAX: '5', JWT_SECRET: secret, TRUST_PROXY: 'loopback', ...env },
    mounts: [mountWork],
  })
type Server = Awaited<ReturnType<typeof openServer>>
const ask = ({ app }: Server, address: string, headers: Record<string, string> = {}) =>
  app.inject({ url: '/work', headers: { 'x-forwarded-for': address, ...headers } })

describe('over HTTP', () => {
  test('both policies are told, with what is left after work was paid and the rest given back', async () => {
    const server = await openServer({ COST_BUDGET: '100' })
    const answer = await ask(server, '203.0.113.1')
    expect(answer.headers['ratelimit-policy']).toBe(
      '"requests";q=5;w=60, "cost";q=100;qu="points";w=60',
    )
    expect(answer.headers['ratelimit']).toBe('"requests";r=4;t=60, "cost";r=89;t=60')
    await server.app.close()
  })

  test('one that is off is not told', async () => {
    const server = await openServer({ COST_BUDGET: '100', RATE_LIMIT_MAX: '0' })
    const { headers } = await ask(server, '203.0.113.1')
    expect([headers['ratelimit-policy'], headers['ratelimit']]).toEqual([
      '"cost";q=100;qu="points";w=60',
      '"cost";r=89;t=60',
    ])
    await server.app.close()
  })

  test('an address that has no points left gets 429 with the wait, and others do not', async () => {
    const server = await openServer({ COST_BUDGET: '60' })
    expect((await ask(server, '2001:db8:1:1::1')).statusCode).toBe(200) // 49 left
    expect((await ask(server, '2001:db8:1:1:2::1')).statusCode).toBe(200) // 38 left
    const refused = await ask(server, '2001:db8:1:1:3::1')
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'RATE_LIMITED'])
    expect(refused.json().detail).toMatch(
      /^The request may cost 41 points, and 38 of 60 are left; try again in \d+ s\.$/,
    )
    expect(refused.headers['ratelimit']).toMatch(/^"requests";r=2;t=\d+, "cost";r=38;t=\d+$/)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50)
    expect((await ask(server, '2001:db8:1:2::1')).statusCode).toBe(200)
    await server.app.close()
  })

  test('callers pay from their own accounts, from any address', async () => {
    const server = await openServer({ COST_BUDGET: '60' })
    const sign = (sub: string, issuer?: string) => {
      const token = new SignJWT({ sub })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('5m')
      if (issuer !== undefined) token.setIssuer(issuer)
      return token.sign(new TextEncoder().encode(secret))
    }
    const left = async (token: string, address: string) =>
      (await ask(server, address, { authorization: `Bearer ${token}` })).headers['ratelimit']
    const jane = await sign('jane')
    expect(await left(jane, '203.0.113.1')).toContain('"cost";r=49')
    expect(await left(jane, '203.0.113.2')).toContain('"cost";r=38')
    expect(await left(await sign('joe'), '203.0.113.1')).toContain('"cost";r=49')
    expect(await left(await sign('jane', 'https://other.example/'), '203.0.113.1')).toContain(
      '"cost";r=49',
    )
    expect((await ask(server, '203.0.113.1')).headers['ratelimit']).toContain('"cost";r=49')
    await server.app.close()
  })

  test('probes cost nothing and tell nothing', async () => {
    const server = await openServer({ COST_BUDGET: '1' })
    for (let i = 0; i < 3; i += 1) {
      const { statusCode, headers } = await server.app.inject('/healthz')
      expect([statusCode, headers['ratelimit-policy']]).toEqual([200, undefined])
    }
    await server.app.close()
  })
})

withRedis(() => {
  let redis: TestRedis
  let client: Redis
  beforeAll(async () => {
    redis = await openTestRedis()
    client = new Redis(redis.url)
    client.on('error', () => {}) // it is killed on purpose
  })
  beforeEach(async () => {
    await client.flushall()
  })
  afterAll(async () => {
    client.disconnect()
    await redis.close()
  })
  const open = (env: Record<string, string> = {}) =>
    openServer({ RATE_LIMIT_MAX: '0', COST_BUDGET: '100', REDIS_URL: redis.url, ...env })
  const A = 'a caller'

  test('two instances share an account, and what one gives back the other can take', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const receipt = await one.app.budget.take(A, 60)
    expect(await refusalOf(other.app.budget, A, 41)).toMatchObject({
      code: 'RATE_LIMITED',
      message: expect.stringContaining('41 points, and 40 of 100 are left'),
    })
    receipt.giveBack(20)
    await vi.waitFor(() => other.app.budget.take(A, 60))
    expect(await client.get(`bifrons:cost:${A}`)).toBe('100')
    expect(await client.pttl(`bifrons:cost:${A}`)).toBeGreaterThan(50_000)
    await Promise.all([one.app.close(), other.app.close()])
  })

  test('the header fields are as in memory', async () => {
    const server = await open({ RATE_LIMIT_MAX: '5' })
    expect((await ask(server, '203.0.113.1')).headers['ratelimit']).toBe(
      '"requests";r=4;t=60, "cost";r=89;t=60',
    )
    await vi.waitFor(async () =>
      expect(await client.get('bifrons:cost:address:203.0.113.1')).toBe('11'),
    )
    await server.app.close()
  })

  test('an exhausted account is filled again after its window, and late points do not fill it further', async () => {
    const server = await open({ RATE_LIMIT_WINDOW: '1000' })
    const { budget } = server.app
    const receipt = await budget.take(A, 100)
    expect(await refusalOf(budget, A, 1)).toMatchObject({ headers: { 'retry-after': '1' } })
    await new Promise((resolve) => {
      setTimeout(resolve, 1100)
    })
    await budget.take(A, 90)
    receipt.giveBack(100)
    expect(await refusalOf(budget, A, 11)).toMatchObject({ code: 'RATE_LIMITED' })
    await server.app.close()
  })

  test('a clock of Redis that was set back stretches neither the wait nor the window', async () => {
    const server = await open()
    await client.set(`bifrons:cost:${A}`, '100', 'PX', 86_400_000)
    expect(await refusalOf(server.app.budget, A, 1)).toMatchObject({
      headers: { 'retry-after': '60' },
    })
    expect(await client.pttl(`bifrons:cost:${A}`)).toBeLessThanOrEqual(60_000)
    await server.app.close()
  })

  test('while Redis is away each instance keeps the budget by itself, and points go back where they were taken', async () => {
    const server = await open()
    const { budget } = server.app
    const before = await budget.take(A, 60)
    await redis.kill()
    await budget.take(A, 80) // the account is a new one here
    before.giveBack(60)
    expect(await refusalOf(budget, A, 21)).toMatchObject({
      message: expect.stringContaining('21 points, and 20 of 100 are left'),
    })
    await redis.start()
    await vi.waitFor(() => expect(server.log.join('')).toContain('Redis is back'), {
      timeout: 10_000,
    })
    await budget.take(A, 100)
    expect(await client.get(`bifrons:cost:${A}`)).toBe('100')
    await server.app.close()
  })

  test('a Redis that hangs holds up the work that waits for it, not later work', async () => {
    const server = await open()
    await server.app.budget.take(A, 1)
    redis.freeze()
    try {
      const begun = performance.now()
      for (let i = 0; i < 4; i += 1) await server.app.budget.take(A, 20)
      expect(performance.now() - begun).toBeLessThan(2000)
    } finally {
      redis.thaw()
    }
    await server.app.close()
  })
})
