// Proxies, origins and transport: whose headers the server trusts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { buildTrust, toTrustedRanges } from '../../src/server/config/trusted-proxies.ts'
import { openTestDatabase, openTestServer } from './support.ts'

let database: Database
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database.close())

describe('trust', () => {
  test.each([
    ['loopback', '127.0.0.1', true],
    ['loopback', '::1', true],
    ['loopback', '::ffff:127.0.0.1', true],
    ['loopback', '10.0.0.1', false],
    ['private', '172.16.3.4', true],
    ['private', '172.32.0.1', false],
    ['private', 'fd00::1', true],
    ['10.1.0.0/16, 192.0.2.7', '192.0.2.7', true],
    ['10.1.0.0/16', '10.2.0.1', false],
    ['2001:db8::/32', '2001:db8:1::1', true],
    ['cloudflare', '173.245.48.1', true],
    ['cloudflare', '8.8.8.8', false],
    ['vercel', '169.254.1.1', true],
  ])('%s trusts %s: %s', (text, address, expected) => {
    expect(buildTrust(toTrustedRanges(text) ?? [])(address)).toBe(expected)
  })

  test('missing and invalid addresses are not trusted', () => {
    const trust = buildTrust(['0.0.0.0/0', '::/0'])
    expect([trust(undefined), trust(''), trust('unix:'), trust('1')]).toEqual([
      false,
      false,
      false,
      false,
    ])
  })
})

describe('forwarded headers', () => {
  const forwarded = {
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'https',
    'x-request-id': 'from-the-proxy-1',
  }
  const uuid = /^[\da-f-]{36}$/

  test('of other addresses are ignored', async () => {
    const { app, log } = await openTestServer(database)
    const answer = await app.inject({ url: '/who', headers: forwarded })
    expect(answer.headers['x-request-id']).toMatch(uuid)
    expect(answer.headers['strict-transport-security']).toBeUndefined()
    expect(log.join('')).toContain('"address":"127.0.0.1"')
    await app.close()
  })

  test('of a trusted proxy give the address, the request id, and HSTS for a caller over TLS', async () => {
    const { app, log } = await openTestServer(database, { env: { TRUST_PROXY: 'loopback' } })
    const answer = await app.inject({ url: '/who', headers: forwarded })
    expect(answer.headers['x-request-id']).toBe('from-the-proxy-1')
    expect(answer.headers['strict-transport-security']).toContain('max-age=')
    expect(log.join('')).toContain('"address":"203.0.113.9"')
    for (const id of ['short', 'with space in it', 'x'.repeat(200), 'line\tbreak-1']) {
      expect(
        (await app.inject({ url: '/who', headers: { 'x-request-id': id } })).headers[
          'x-request-id'
        ],
      ).toMatch(uuid)
    }
    await app.close()
  })
})

describe('the header of the proxies', () => {
  const open = (env: Record<string, string> = {}) =>
    openTestServer(database, { env: { TRUST_PROXY: 'loopback,10.0.0.0/8', ...env } })
  /** The address that the log has for a request. */
  const addressOf = async (
    { app, log }: Awaited<ReturnType<typeof open>>,
    headers: Record<string, string>,
  ): Promise<unknown> => {
    await app.inject({ url: '/who', headers })
    return (JSON.parse(log.at(-1) ?? '') as { address?: unknown }).address
  }

  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:4711', '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9', '203.0.113.9'], // what stands before the last one that we know may be forged
    ['203.0.113.9:4711, 10.0.0.2:4433', '203.0.113.9'], // a proxy of ours with its port
    ['[2001:db8::1]:4711, [::ffff:10.0.0.2]:80, 10.0.0.3', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1, 10.0.0.2', '2001:db8::1'],
    ['203.0.113.9, , 10.0.0.2,', '203.0.113.9'],
    ['garbage, 10.0.0.2', 'unknown'],
    ['[10.0.0.2, 203.0.113.9:x', 'unknown'],
    ['203.0.113.9, unknown', 'unknown'],
    [' , ', '127.0.0.1'],
  ])('X-Forwarded-For: %s is %s', async (header, address) => {
    const server = await open()
    expect(
      await addressOf(server, { 'x-forwarded-for': header, forwarded: 'for=192.0.2.66' }),
    ).toBe(address)
    await server.app.close()
  })

  test.each([
    ['for=203.0.113.9', '203.0.113.9'],
    ['For="203.0.113.9:4711"', '203.0.113.9'],
    ['for=203.0.113.9:4711', '203.0.113.9'], // without the quotes that RFC 7239 asks for
    ['for="[2001:db8:cafe::17]:4711";proto=https;by=10.0.0.1', '2001:db8:cafe::17'],
    ['for=198.51.100.1, for=203.0.113.9;by=_p, for="10.0.0.2:443"', '203.0.113.9'],
    ['for="1, for=198.51.100.1", for=203.0.113.9', '203.0.113.9'],
    ['for=198.51.100.1;x=", for=203.0.113.9', '203.0.113.9'], // a quote that the caller left open
    ['for=198.51.100.1;x=", for="[2001:db8::1]"', '2001:db8::1'],
    ['for=198.51.100.1;x="\\", for=203.0.113.9', '203.0.113.9'],
    ['for=203.0.113.9;for=198.51.100.1', 'unknown'],
    ['for=_gazonk', 'unknown'],
    ['for="_gazonk:4711"', 'unknown'],
    ['for=unknown', 'unknown'],
    ['for=198.51.100.1, for=_hidden, for=10.0.0.2', 'unknown'],
    ['proto=https', 'unknown'],
    ['203.0.113.9', 'unknown'],
    ['for==203.0.113.9', 'unknown'],
  ])('Forwarded: %s is %s', async (header, address) => {
    const server = await open({ TRUST_PROXY_HEADER: 'forwarded' })
    expect(await addressOf(server, { forwarded: header, 'x-forwarded-for': '192.0.2.66' })).toBe(
      address,
    )
    await server.app.close()
  })

  test('that is not configured gives neither an address nor a protocol', async () => {
    const server = await open({ TRUST_PROXY_HEADER: 'forwarded' })
    const forged = {
      'x-forwarded-for': '192.0.2.66',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'other.example',
    }
    const answer = await server.app.inject({ url: '/who', headers: forged })
    expect(answer.headers['strict-transport-security']).toBeUndefined()
    expect(server.log.at(-1)).toContain('"address":"127.0.0.1"')
    const secure = await server.app.inject({
      url: '/who',
      headers: { ...forged, forwarded: 'for=203.0.113.9;proto=https' },
    })
    expect(secure.headers['strict-transport-security']).toContain('max-age=')
    await server.app.close()
  })

  test('of a peer that is no proxy of ours is ignored, and so it is without proxies', async () => {
    for (const env of [{ TRUST_PROXY: '10.0.0.0/8' }, { TRUST_PROXY: '' }])
      for (const TRUST_PROXY_HEADER of ['x-forwarded-for', 'forwarded']) {
        const server = await open({ ...env, TRUST_PROXY_HEADER })
        const headers = { forwarded: 'for=203.0.113.9', 'x-forwarded-for': '203.0.113.9' }
        expect(await addressOf(server, headers)).toBe('127.0.0.1')
        await server.app.close()
      }
  })

  test('counts hidden and unreadable callers together', async () => {
    const { app } = await open({ TRUST_PROXY_HEADER: 'forwarded', RATE_LIMIT_MAX: '3' })
    const left = async (forwarded: string) =>
      (await app.inject({ url: '/who', headers: { forwarded } })).headers['ratelimit']
    expect(await left('for=_one')).toContain('r=2')
    expect(await left('for=unknown')).toContain('r=1')
    expect(await left('for="')).toContain('r=0')
    expect(await left('for=203.0.113.9:1')).toContain('r=2')
    expect(await left('for="203.0.113.9:2"')).toContain('r=1')
    await app.close()
  })
})

describe('cors', () => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS' as const,
    url: '/echo',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })

  test('is off without origins', async () => {
    const { app } = await openTestServer(database)
    const answer = await app.inject({ url: '/who', headers: { origin: 'https://a.example' } })
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual(
      [],
    )
    expect(
      (await app.inject(preflight('https://a.example'))).headers['access-control-allow-origin'],
    ).toBeUndefined()
    await app.close()
  })

  test('allows the listed origins to call and to read the needed headers, and no others', async () => {
    const { app } = await openTestServer(database, {
      env: { CORS_ORIGINS: 'https://a.example,https://b.example', RATE_LIMIT_MAX: '1' },
    })
    const allowed = await app.inject(preflight('https://b.example'))
    expect([allowed.statusCode, allowed.headers['access-control-allow-origin']]).toEqual([
      204,
      'https://b.example',
    ])
    expect(allowed.headers['access-control-allow-headers']).toBe('authorization,content-type')
    expect(
      (await app.inject(preflight('https://evil.example'))).headers['access-control-allow-origin'],
    ).toBeUndefined()
    const read = await app.inject({ url: '/who', headers: { origin: 'https://a.example' } })
    expect(read.headers['access-control-allow-credentials']).toBeUndefined()
    expect(read.headers['access-control-expose-headers']).toMatch(
      /etag.*link.*location.*retry-after.*ratelimit.*x-request-id/,
    )
    expect(read.headers['vary']).toMatch(/origin/i)
    // a page can also read why it was refused
    const refused = await app.inject({ url: '/who', headers: { origin: 'https://a.example' } })
    expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([
      429,
      'https://a.example',
    ])
    await app.close()
  })

  test('refuses a POST without a media type from other sites, as browsers do not ask before it', async () => {
    const { app } = await openTestServer(database, { env: { CORS_ORIGINS: 'https://a.example' } })
    const statusOf = async (headers: Record<string, string>) =>
      (
        await app.inject({
          method: 'POST',
          url: '/echo',
          headers: { host: 'api.example', ...headers },
        })
      ).statusCode
    const foreign = [
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-site' },
    ]
    const own = [
      {},
      { origin: 'https://api.example' },
      { origin: 'https://api.example', 'sec-fetch-site': 'same-origin' },
      { origin: 'https://a.example', 'sec-fetch-site': 'cross-site' },
    ]
    expect(await Promise.all(foreign.map(statusOf))).toEqual([415, 415, 415, 415])
    expect(await Promise.all(own.map(statusOf))).toEqual([200, 200, 200, 200])
    await app.close()
  })

  test('answers an OPTIONS that is not a preflight as without CORS', async () => {
    const { app } = await openTestServer(database, { env: { CORS_ORIGINS: '*' } })
    const answer = await app.inject({ method: 'OPTIONS', url: '/echo' })
    expect([answer.statusCode, answer.headers['allow']]).toEqual([204, 'OPTIONS, PATCH, POST'])
    expect((await app.inject({ method: 'OPTIONS', url: '/nowhere' })).json().code).toBe('NOT_FOUND')
    await app.close()
  })
})
