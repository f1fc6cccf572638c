// The rate limit in Redis: shared by instances, and never open when Redis is lost.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openTestRedis, type TestRedis, withRedis } from '../support/redis.ts'
import { openTestDatabase, openTestServer, secret, type TestServer } from './support.ts'

let database: Database
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database.close())

const token = (sub: string) =>
  new SignJWT({ sub })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode(secret))
const ask = (server: TestServer, address: string, bearer?: string) =>
  server.app.inject({
    url: '/who',
    headers: {
      'x-forwarded-for': address,
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
  })
const statuses = async (server: TestServer, address: string, count: number): Promise<number[]> => {
  const seen: number[] = []
  for (let i = 0; i < count; i += 1) seen.push((await ask(server, address)).statusCode)
  return seen
}
const linesAbout = ({ log }: TestServer): string[] =>
  log
    .map((line) => String((JSON.parse(line) as { msg?: unknown }).msg))
    .filter((message) => message.includes('Redis')) // our own lines are objects
const AWAY = 'Redis is away: this instance counts by itself for the rate limit.'
const BACK = 'Redis is back: instances share the counters of the rate limit again.'

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
    openTestServer(database, {
      env: {
        RATE_LIMIT_MAX: '3',
        COST_BUDGET: '0',
        RATE_LIMIT_WINDOW: '60000',
        JWT_SECRET: secret,
        TRUST_PROXY: 'loopback',
        REDIS_URL: redis.url,
        ...env,
      },
    })

  test('two instances share a count, and answer the same header fields', async () => {
    const [one, other] = await Promise.all([open(), open()])
    expect((await ask(one, '203.0.113.1')).headers['ratelimit']).toBe('"requests";r=2;t=60')
    expect((await ask(other, '203.0.113.1')).headers['ratelimit']).toMatch(
      /^"requests";r=1;t=(59|60)$/,
    )
    expect((await ask(one, '203.0.113.1')).statusCode).toBe(200)
    const refused = await ask(other, '203.0.113.1')
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'RATE_LIMITED'])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50)
    expect(refused.headers['ratelimit-policy']).toBe('"requests";q=3;w=60')
    expect(
      Object.keys(refused.headers).filter((name) =>
        /x-ratelimit|ratelimit-(limit|remaining|reset)/.test(name),
      ),
    ).toEqual([])
    expect((await ask(one, '203.0.113.2')).statusCode).toBe(200)
    await Promise.all([one.app.close(), other.app.close()])
  })

  test('requests of an address, its invalid credentials and requests of a caller are counted separately', async () => {
    const server = await open()
    const good = await token('203.0.113.1') // a caller whose id is an address
    expect(await statuses(server, '203.0.113.1', 4)).toEqual([200, 200, 200, 429])
    for (let i = 0; i < 3; i += 1)
      expect((await ask(server, '203.0.113.1', good)).statusCode).toBe(200)
    expect((await ask(server, '203.0.113.1', good)).statusCode).toBe(429)
    expect((await ask(server, '203.0.113.1', 'guess')).statusCode).toBe(401)
    expect((await client.keys('*')).toSorted()).toEqual([
      'bifrons:guesses:address:203.0.113.1',
      'bifrons:requests:address:203.0.113.1',
      'bifrons:requests:jwt:203.0.113.1',
    ])
    await server.app.close()
  })

  test('invalid credentials are counted together too', async () => {
    const [one, other] = await Promise.all([open(), open()])
    for (const server of [one, other, one])
      expect((await ask(server, '203.0.113.1', 'guess')).statusCode).toBe(401)
    const flood = Array.from({ length: 70 }, () => ask(other, '203.0.113.1', 'guess'))
    expect((await Promise.all(flood)).some(({ statusCode }) => statusCode === 429)).toBe(true) // over 50 at once
    await Promise.all([one.app.close(), other.app.close()])
  })

  test('when Redis is lost each instance counts alone and logs it once, and they share again when it is back', async () => {
    const [one, other] = await Promise.all([open(), open()])
    await ask(one, '203.0.113.1')
    await redis.kill()
    expect(await statuses(one, '203.0.113.1', 5)).toEqual([200, 200, 200, 429, 429])
    expect(await statuses(one, '203.0.113.2', 4)).toEqual([200, 200, 200, 429])
    expect(await statuses(other, '203.0.113.1', 4)).toEqual([200, 200, 200, 429])
    expect([linesAbout(one), linesAbout(other)]).toEqual([[AWAY], [AWAY]])
    await redis.start()
    await vi.waitFor(
      () =>
        expect([linesAbout(one), linesAbout(other)]).toEqual([
          [AWAY, BACK],
          [AWAY, BACK],
        ]),
      { timeout: 10_000 },
    )
    expect(await statuses(one, '203.0.113.3', 2)).toEqual([200, 200])
    expect(await statuses(other, '203.0.113.3', 2)).toEqual([200, 429])
    await Promise.all([one.app.close(), other.app.close()])
  })

  test('a Redis that hangs delays the requests that wait for it, not later ones', async () => {
    const server = await open()
    await ask(server, '203.0.113.1')
    redis.freeze()
    try {
      const begun = performance.now()
      expect(await statuses(server, '203.0.113.1', 4)).toEqual([200, 200, 200, 429])
      expect(performance.now() - begun).toBeLessThan(2000)
      expect(linesAbout(server)).toEqual([AWAY])
    } finally {
      redis.thaw()
    }
    await vi.waitFor(() => expect(linesAbout(server)).toEqual([AWAY, BACK]), { timeout: 10_000 })
    await server.app.close()
  })

  test('a Redis that refuses writes counts as lost, and is not tried by every request', async () => {
    const server = await open()
    await client.config('SET', 'min-replicas-to-write', '1')
    expect(await statuses(server, '203.0.113.1', 4)).toEqual([200, 200, 200, 429])
    await new Promise((resolve) => {
      setTimeout(resolve, 1200)
    }) // it is looked at again, twice
    expect(linesAbout(server)).toEqual([AWAY])
    await client.config('SET', 'min-replicas-to-write', '0')
    await vi.waitFor(() => expect(linesAbout(server)).toEqual([AWAY, BACK]), { timeout: 10_000 })
    await server.app.close()
  })

  test('an instance starts without Redis, counts alone, and shares once Redis is up', async () => {
    await redis.kill()
    const server = await open()
    expect(await statuses(server, '203.0.113.1', 4)).toEqual([200, 200, 200, 429])
    await redis.start()
    await vi.waitFor(() => expect(linesAbout(server)).toEqual([AWAY, BACK]), { timeout: 10_000 })
    await ask(server, '203.0.113.1')
    expect(await client.get('bifrons:requests:address:203.0.113.1')).toBe('1')
    await server.app.close()
  })

  test('a window in Redis lasts as long as the setting says, after its clock was set back and without an end', async () => {
    const server = await open()
    for (const end of [['PX', 86_400_000], []] as const) {
      await client.set('bifrons:requests:address:203.0.113.1', '9', ...(end as ['PX', number]))
      expect((await ask(server, '203.0.113.1')).headers['retry-after']).toBe('60')
      expect(await client.pttl('bifrons:requests:address:203.0.113.1')).toBeLessThanOrEqual(60_000)
    }
    await server.app.close()
  })

  test('the secret in REDIS_URL is in no line of the log', async () => {
    const server = await open({
      REDIS_URL: redis.url.replace('redis://', 'redis://store:hunter2@'),
    })
    expect(await statuses(server, '203.0.113.1', 4)).toEqual([200, 200, 200, 429])
    expect(linesAbout(server)).toEqual([AWAY])
    expect(server.log.join('')).not.toContain('hunter2')
    await server.app.close()
  })
})

test('without the package ioredis the server does not start, and names it', async () => {
  const script = `
    import { registerHooks } from 'node:module'
    registerHooks({ resolve(specifier, context, next) {
      if (specifier !== 'ioredis') return next(specifier, context)
      throw Object.assign(new Error("Cannot find package 'ioredis'"), { code: 'ERR_MODULE_NOT_FOUND' })
    } })
    const { openSharedCounters } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/server/limits/shared-counters.ts'))})
    await openSharedCounters('redis://store:hunter2@localhost', console).catch(({ name, message }) => console.log(name, message))`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=source',
    '--input-type=module',
    '--eval',
    script,
  ])
  expect(stdout).toContain('ConfigurationError')
  expect(stdout).toContain(
    'REDIS_URL needs the package ioredis, which is not installed: npm install ioredis.',
  )
  expect(stdout).not.toContain('hunter2')
})
