// Issuers of tokens: which of several verifies a token, and keys that are fetched rarely and kept while their provider is down.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { jwt } from '../../src/server/auth/jwt.ts'
import { openKeySet } from '../../src/server/auth/key-set.ts'
import { ConfigurationError } from '../../src/server/config/config.ts'
import { openTestDatabase, openTestServer, secret } from './support.ts'

const PROVIDER = 'https://id.example/'
const OLD = 'https://old.example/'
const oldSecret = 'the-secret-of-the-old-signer-0123456789'

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>
let database: Database
let pair: KeyPair
let jwks: string
beforeAll(async () => {
  database = await openTestDatabase()
  pair = await generateKeyPair('ES256')
  jwks = await toJwks('one', pair)
})
afterAll(() => database.close())

const toJwks = async (kid: string, { publicKey }: KeyPair): Promise<string> =>
  JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256' }] })

const open: Server[] = []
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** A provider, with the requests that it has had; `answer` may be exchanged. */
async function openProvider(answer: RequestListener) {
  const provider = { url: '', requests: 0, answer }
  const server = createServer((request, response) => {
    provider.requests += 1
    provider.answer(request, response)
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks` // it listens on a port
  return provider
}
const sendKeys =
  (text: () => string): RequestListener =>
  (_request, response) =>
    response.setHeader('content-type', 'application/json').end(text())
const down: RequestListener = (_request, response) => response.writeHead(500).end()

const sign = (iss: string | undefined, kid = 'one', { privateKey }: KeyPair = pair) =>
  new SignJWT({ sub: 'jane', ...(iss === undefined ? {} : { iss }) })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setExpirationTime('5m')
    .sign(privateKey)
const signSecretly = (iss: string | undefined, key: string | Uint8Array, aud = 'store') =>
  new SignJWT({ sub: 'jane', aud, ...(iss === undefined ? {} : { iss }) })
    .setProtectedHeader({ alg: 'HS256', kid: 'one' })
    .setExpirationTime('5m')
    .sign(typeof key === 'string' ? new TextEncoder().encode(key) : key)

const as = (token: string, address = '203.0.113.1') => ({
  url: '/who',
  headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': address },
})

describe('several issuers', () => {
  const openServer = async (env: Record<string, string> = {}) => {
    const provider = await openProvider(sendKeys(() => jwks))
    const JWT_ISSUERS = JSON.stringify([
      { issuer: PROVIDER, jwksUrl: provider.url },
      { issuer: OLD, audience: 'store', secret: oldSecret },
    ])
    const { app, log } = await openTestServer(database, { env: { JWT_ISSUERS, ...env } })
    const statusOf = async (token: string | Promise<string>): Promise<number> =>
      (await app.inject(as(await token))).statusCode
    return { app, log, statusOf }
  }

  test('each verify the tokens that name them, and the caller has the name', async () => {
    const { app } = await openServer()
    expect((await app.inject(as(await sign(PROVIDER)))).json()).toMatchObject({
      via: 'jwt',
      id: 'jane',
      issuer: PROVIDER,
    })
    expect((await app.inject(as(await signSecretly(OLD, oldSecret)))).json()).toMatchObject({
      id: 'jane',
      issuer: OLD,
    })
    await app.close()
  })

  test('verify no token of another, of no one, and none with the key of another kind', async () => {
    const { app, statusOf } = await openServer()
    expect(await statusOf(sign(OLD))).toBe(401)
    expect(await statusOf(signSecretly(PROVIDER, oldSecret))).toBe(401)
    expect(await statusOf(sign(undefined))).toBe(401)
    expect(await statusOf(signSecretly(undefined, oldSecret))).toBe(401)
    expect(await statusOf(sign('https://evil.example/'))).toBe(401)
    expect(await statusOf(signSecretly(OLD, oldSecret, 'another audience'))).toBe(401)
    expect(await statusOf(signSecretly(OLD, secret))).toBe(401)
    await app.close()
  })

  test('take no public key for a secret', async () => {
    const { app, statusOf } = await openServer()
    const publicForms = [
      await exportSPKI(pair.publicKey),
      (await exportSPKI(pair.publicKey)).trimEnd(),
      JSON.stringify(await exportJWK(pair.publicKey)),
      jwks,
    ]
    for (const form of publicForms)
      for (const issuer of [PROVIDER, OLD])
        expect(await statusOf(signSecretly(issuer, form)), form).toBe(401)
    await app.close()
  })

  test('stand beside the one of JWT_SECRET, which takes tokens without `iss` where it has no name', async () => {
    const { app, statusOf } = await openServer({ JWT_SECRET: secret })
    expect(await statusOf(signSecretly(undefined, secret))).toBe(200)
    expect(await statusOf(signSecretly('https://evil.example/', secret))).toBe(401)
    expect(await statusOf(signSecretly(PROVIDER, secret))).toBe(401)
    expect(await statusOf(sign(PROVIDER))).toBe(200)
    await app.close()
    const named = await openServer({ JWT_SECRET: secret, JWT_ISSUER: 'https://own.example/' })
    expect(await named.statusOf(signSecretly('https://own.example/', secret))).toBe(200)
    expect(await named.statusOf(signSecretly(undefined, secret))).toBe(401)
    await named.app.close()
  })

  test('may stand in the declaration, and have one name each', async () => {
    const provider = await openProvider(sendKeys(() => jwks))
    const issuers = [
      { issuer: PROVIDER, jwks: provider.url },
      { issuer: OLD, jwks: 'http://127.0.0.1:9/jwks' },
    ]
    const { app } = await openTestServer(database, { authenticators: [jwt({ issuers })] })
    expect((await app.inject(as(await sign(PROVIDER)))).statusCode).toBe(200)
    await app.close()
    await expect(
      openTestServer(database, {
        authenticators: [jwt({ issuers })],
        env: { JWT_SECRET: secret, JWT_ISSUER: OLD },
      }),
    ).rejects.toThrow(ConfigurationError)
  })
})

describe('a provider that is down', () => {
  test('is asked once by requests at the same time, and then left alone; its tokens count as bad ones', async () => {
    const provider = await openProvider(() => {}) // takes the request and says nothing
    const { app, log } = await openTestServer(database, {
      env: { JWT_JWKS_URL: provider.url, RATE_LIMIT_MAX: '10', TRUST_PROXY: 'loopback' },
    })
    const tokens = await Promise.all(Array.from({ length: 12 }, (_, i) => sign(`${i}`)))
    const another = await sign('x')
    const answers = await Promise.all(tokens.map((token) => app.inject(as(token))))
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(12).fill(503))
    expect(provider.requests).toBe(1)
    const begun = performance.now()
    const next = await app.inject(as(another))
    expect(performance.now() - begun).toBeLessThan(400) // it does not wait for the provider again
    expect([next.json().code, next.headers['retry-after']]).toEqual(['UNAVAILABLE', '1'])
    expect(provider.requests).toBe(1)
    const more = await Promise.all(Array.from({ length: 120 }, (_, i) => sign(`y${i}`)))
    const flood = await Promise.all(more.map((token) => app.inject(as(token))))
    expect(flood.some(({ statusCode }) => statusCode === 429)).toBe(true)
    expect(log.filter((line) => line.includes('keys of an issuer'))).toHaveLength(1)
    await app.close()
  })

  test('does not end the use of its known keys', async () => {
    const provider = await openProvider(sendKeys(() => jwks))
    const { app } = await openTestServer(database, { env: { JWT_JWKS_URL: provider.url } })
    expect((await app.inject(as(await sign('a')))).statusCode).toBe(200)
    provider.answer = down
    expect((await app.inject(as(await sign('b')))).statusCode).toBe(200)
    await app.close()
  })
})

describe('a set of keys', () => {
  const header = (kid: string) => ({ alg: 'ES256', kid })
  /** By a clock of the test, and with the longest back-off. */
  const openSet = (url: string) => {
    const clock = { now: 0 }
    const warnings: string[] = []
    const keys = openKeySet({
      url,
      warn: (message) => warnings.push(message),
      now: () => clock.now,
      random: () => 1,
    })
    /** The code of the error, or `found`. */
    const find = async (kid: string): Promise<string> => {
      try {
        await keys(header(kid), { payload: '', signature: '' })
        return 'found'
      } catch (error) {
        return (error as { code: string }).code // both errors have one
      }
    }
    return { clock, warnings, find }
  }
  const UNKNOWN = 'ERR_JWKS_NO_MATCHING_KEY'

  test('is fetched anew for an unknown key, once per half a minute', async () => {
    let text = jwks
    const provider = await openProvider(sendKeys(() => text))
    const { clock, find } = openSet(provider.url)
    expect([await find('one'), await find('two'), await find('three')]).toEqual([
      'found',
      UNKNOWN,
      UNKNOWN,
    ])
    expect(provider.requests).toBe(1)
    text = await toJwks('two', await generateKeyPair('ES256'))
    clock.now = 30_000
    expect(await Promise.all([find('two'), find('two'), find('three')])).toEqual([
      'found',
      'found',
      UNKNOWN,
    ])
    expect([provider.requests, await find('one')]).toEqual([2, UNKNOWN]) // withdrawn
  })

  test('is fetched anew after ten minutes, and the last one serves for a day while the provider is down', async () => {
    const provider = await openProvider(sendKeys(() => jwks))
    const { clock, warnings, find } = openSet(provider.url)
    await find('one')
    clock.now = 599_999
    expect([await find('one'), provider.requests]).toEqual(['found', 1])
    clock.now = 600_000
    expect([await find('one'), provider.requests]).toEqual(['found', 2])
    provider.answer = down
    clock.now = 1_200_000
    expect([await find('one'), await find('one'), provider.requests]).toEqual(['found', 'found', 3])
    expect(await find('new')).toBe('UNAVAILABLE') // which the provider may have by now
    clock.now = 600_000 + 24 * 3_600_000
    expect(await find('one')).toBe('UNAVAILABLE')
    provider.answer = sendKeys(() => jwks)
    clock.now += 60_000
    expect(await find('one')).toBe('found')
    expect(warnings).toEqual([
      'The keys of an issuer cannot be fetched.',
      'The keys of an issuer are back.',
    ])
  })

  test('is asked for less and less often while the provider is down, and at least once a minute', async () => {
    const provider = await openProvider(down)
    const { clock, find } = openSet(provider.url)
    const times: number[] = []
    for (; clock.now < 200_000; clock.now += 500) {
      const before = provider.requests
      expect(await find('one')).toBe('UNAVAILABLE')
      if (provider.requests > before) times.push(clock.now / 1000)
    }
    expect(times).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183])
  })

  test.each<[string, RequestListener]>([
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
    ],
    [
      'a redirect with keys',
      (_, response) => response.writeHead(302, { location: '/jwks' }).end(jwks),
    ],
    ['no JSON', (_, response) => response.end('<html>')],
    ['JSON without keys', (_, response) => response.end('{"keys":7}')],
    [
      'more than 512 KB',
      (_, response) => response.end(`{"x":"${'x'.repeat(600_000)}",${jwks.slice(1)}`),
    ],
    ['another status', (_, response) => response.writeHead(404).end(jwks)],
    [
      'half an answer',
      (_, response) => response.writeHead(200, { 'content-length': '9000' }).write(jwks),
    ],
  ])('is not taken from an answer that is %s', async (_what, answer) => {
    const provider = await openProvider(answer)
    const { find } = openSet(provider.url)
    const begun = performance.now()
    expect(await find('one')).toBe('UNAVAILABLE')
    expect(performance.now() - begun).toBeLessThan(5000)
  })
})
