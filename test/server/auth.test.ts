// Callers: tokens, API keys and anonymous ones, valid and invalid credentials.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { Database } from '../../src/db/database.ts'
import { jwt } from '../../src/server/auth/jwt.ts'
import { apiKeys } from '../../src/server/auth/api-keys.ts'
import { ConfigurationError } from '../../src/server/config/config.ts'
import { openTestDatabase, openTestServer, secret, securityEvents } from './support.ts'
import type { TestServer } from './support.ts'

const callerSchema = z.object({ customerId: z.uuid() }).partial()
const customerId = '7f1c0c4e-4b0c-4f0e-9a38-2f3a3f6d8f11'
const key = new TextEncoder().encode(secret)

let database: Database
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database.close())

const sign = (
  claims: Record<string, unknown>,
  alter: (token: SignJWT) => SignJWT = (token) => token,
): Promise<string> =>
  alter(
    new SignJWT({ sub: 'jane', ...claims })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('5m'),
  ).sign(key)

const as = (token: string) => ({ url: '/who', headers: { authorization: `Bearer ${token}` } })
const challenge = 'Bearer realm="api", error="invalid_token"'

/** The same bytes: 32 of them leave two bits of the last character without use. */
function respelt(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(token.at(-1) ?? '') ^ 1)
}

describe('tokens signed with JWT_SECRET', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await openTestServer(database, {
      env: { JWT_SECRET: secret, JWT_ISSUER: 'https://id.example/', JWT_AUDIENCE: 'store' },
      callerSchema,
    })
  })
  afterAll(() => server.app.close())
  const good = { iss: 'https://id.example/', aud: 'store' }

  test('give the caller its id, its roles and the declared claims', async () => {
    const answer = await server.app.inject(
      as(await sign({ ...good, roles: ['staff'], customerId, email: 'jane@example.com' })),
    )
    expect(answer.json()).toEqual({
      via: 'jwt',
      id: 'jane',
      issuer: 'https://id.example/',
      roles: ['staff'],
      claims: { customerId },
    })
  })

  test('without roles give a caller without roles', async () => {
    expect((await server.app.inject(as(await sign(good)))).json()).toEqual({
      via: 'jwt',
      id: 'jane',
      issuer: 'https://id.example/',
      roles: [],
      claims: {},
    })
  })

  test.each(['JWT', 'at+jwt', 'application/at+jwt', 'jwt'])(
    'of the type %s are taken',
    async (typ) => {
      const token = await new SignJWT({ sub: 'jane', ...good })
        .setProtectedHeader({ alg: 'HS256', typ })
        .setExpirationTime('5m')
        .sign(key)
      expect((await server.app.inject(as(token))).statusCode).toBe(200)
    },
  )

  test.each([1, null, {}, ['JWT']])('with the type %j are not', async (typ) => {
    const token = await new SignJWT({ sub: 'jane', ...good })
      .setProtectedHeader({ alg: 'HS256', ...({ typ } as object) })
      .setExpirationTime('5m')
      .sign(key)
    expect((await server.app.inject(as(token))).statusCode).toBe(401)
  })

  test.each(['a\0b', 'a\ud800'])('whose subject cannot be stored are not', async (sub) => {
    const token = await new SignJWT({ ...good, sub })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('5m')
      .sign(key)
    expect((await server.app.inject(as(token))).statusCode).toBe(401)
  })

  const unsigned = (header: object, payload: object): string =>
    [
      ...[header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')),
      '',
    ].join('.')
  const bad: [string, () => Promise<string> | string][] = [
    [
      'another secret',
      () =>
        new SignJWT({ sub: 'jane', ...good })
          .setProtectedHeader({ alg: 'HS256' })
          .setExpirationTime('5m')
          .sign(new TextEncoder().encode('x'.repeat(32))),
    ],
    [
      'another algorithm',
      () =>
        new SignJWT({ sub: 'jane', ...good })
          .setProtectedHeader({ alg: 'HS512' })
          .setExpirationTime('5m')
          .sign(new TextEncoder().encode(secret.repeat(2))),
    ],
    ['no signature', () => unsigned({ alg: 'none' }, { sub: 'jane', ...good, exp: 4_000_000_000 })],
    [
      'expired',
      () => sign(good, (token) => token.setExpirationTime(Math.floor(Date.now() / 1000) - 6)),
    ],
    ['not yet valid', () => sign(good, (token) => token.setNotBefore('1m'))],
    [
      'no expiry',
      () => new SignJWT({ sub: 'jane', ...good }).setProtectedHeader({ alg: 'HS256' }).sign(key),
    ],
    [
      'no subject',
      () =>
        new SignJWT(good).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('5m').sign(key),
    ],
    ['another issuer', () => sign({ ...good, iss: 'https://evil.example/' })],
    ['no issuer', () => sign({ aud: 'store' })],
    ['another audience', () => sign({ ...good, aud: 'blog' })],
    ['roles that are not a list', () => sign({ ...good, roles: 'staff' })],
    ['claims that the team refuses', () => sign({ ...good, customerId: 'seven' })],
    [
      'an altered payload',
      async () =>
        (await sign(good)).replace(
          /\.[^.]+\./,
          `.${Buffer.from('{"sub":"root"}').toString('base64url')}.`,
        ),
    ],
    ['padding', async () => `${await sign(good)}=`],
    ['another spelling of the signature', async () => respelt(await sign(good))],
    [
      'another type of token',
      () =>
        new SignJWT({ sub: 'jane', ...good })
          .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt' })
          .setExpirationTime('5m')
          .sign(key),
    ],
    ['no token at all', () => 'not-a-token'],
  ]
  test.each(bad)('%s: 401, on a public route too', async (_what, make) => {
    const token = await make()
    const answer = await server.app.inject(as(token))
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe(challenge)
    expect(answer.json()).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(answer.body).not.toContain(token.slice(0, 20))
    expect(securityEvents(server).at(-1)).toMatchObject({
      security: 'unauthenticated',
      route: '/who',
    })
    expect(server.log.join('')).not.toContain(token)
  })

  test('may be 5 seconds off by the clock', async () => {
    const token = await sign(good, (late) =>
      late.setExpirationTime(Math.floor(Date.now() / 1000) - 3),
    )
    expect((await server.app.inject(as(token))).statusCode).toBe(200)
  })

  test('have the reason of a refusal in the log, not in the answer', async () => {
    await server.app.inject(as(await sign({ ...good, aud: 'blog' })))
    expect(securityEvents(server).at(-1)).toMatchObject({
      reason: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    })
  })
})

describe('the credentials of a request', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await openTestServer(database, { env: { JWT_SECRET: secret } })
  })
  afterAll(() => server.app.close())

  test('none: the caller is anonymous', async () => {
    expect((await server.app.inject('/who')).json()).toEqual({
      via: 'anonymous',
      id: null,
      roles: [],
      claims: {},
    })
  })

  test.each(['Basic amFuZTpwYXNz', 'Bearer', 'Bearer ', 'Bearer a b', 'Bearer a,b', 'jane', ''])(
    'Authorization %j: 401',
    async (authorization) => {
      const answer = await server.app.inject({ url: '/who', headers: { authorization } })
      expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, challenge])
    },
  )

  test('several credentials: 400, valid or not', async () => {
    const token = await sign({})
    const both = await server.app.inject({
      url: '/who',
      headers: { authorization: `Bearer ${token}`, 'x-api-key': 'bfk_x' },
    })
    expect(both.json()).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    await server.app.listen({ port: 0 })
    const { port } = server.app.server.address() as AddressInfo // it listens on a port
    const answer = await fetch(`http://127.0.0.1:${port}/who`, {
      headers: [
        ['x-api-key', 'bfk_a'],
        ['x-api-key', 'bfk_b'],
      ],
    })
    expect(await answer.json()).toMatchObject({ status: 401 }) // fetch joins them into one field, which is not a valid key
  })

  test('an invalid credential is reported before an unknown address and a bad body', async () => {
    expect((await server.app.inject({ ...as('nobody'), url: '/nowhere' })).statusCode).toBe(401)
    expect(
      (await server.app.inject({ ...as('nobody'), method: 'POST', url: '/echo', payload: 'x' }))
        .statusCode,
    ).toBe(401)
  })

  test('a token is refused where no secret for tokens is configured', async () => {
    const { app } = await openTestServer(database)
    expect((await app.inject(as(await sign({})))).statusCode).toBe(401)
    await app.close()
  })
})

describe('tokens of an identity provider', () => {
  test('are checked against its published keys, with asymmetric algorithms only', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }
    const symmetric = {
      kty: 'oct',
      k: Buffer.from(key).toString('base64url'),
      kid: 'two',
      alg: 'HS256',
    }
    const provider = createServer((_request, response) =>
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ keys: [jwk, symmetric] })),
    )
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
    const { port } = provider.address() as AddressInfo // it listens on a port
    const authenticators = [
      jwt({ jwks: `http://127.0.0.1:${port}/jwks`, issuer: 'https://id.example/' }),
    ]
    const { app } = await openTestServer(database, { authenticators })

    const issue = (kid: string, iss = 'https://id.example/') =>
      new SignJWT({ sub: 'jane', iss })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setExpirationTime('5m')
        .sign(privateKey)
    expect((await app.inject(as(await issue('one')))).json()).toMatchObject({
      via: 'jwt',
      id: 'jane',
    })
    expect((await app.inject(as(await issue('one', 'https://evil.example/')))).statusCode).toBe(401)
    expect((await app.inject(as(await issue('three')))).statusCode).toBe(401)
    const confused = await new SignJWT({ sub: 'root', iss: 'https://id.example/' })
      .setProtectedHeader({ alg: 'HS256', kid: 'two' })
      .setExpirationTime('5m')
      .sign(key)
    expect((await app.inject(as(confused))).statusCode).toBe(401)
    await app.close()
    await new Promise((resolve) => provider.close(resolve))
  })

  test('give UNAVAILABLE when the provider does not answer', async () => {
    const { app } = await openTestServer(database, {
      env: { JWT_JWKS_URL: 'http://127.0.0.1:9/jwks' },
    })
    const token = await new SignJWT({ sub: 'jane' })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setExpirationTime('5m')
      .sign((await generateKeyPair('ES256')).privateKey)
    const answer = await app.inject(as(token))
    expect([answer.json().code, answer.headers['retry-after']]).toEqual(['UNAVAILABLE', '1'])
    await app.close()
  })
})

describe('declared authenticators', () => {
  test('jwt() without any key stops the start and names the variables', async () => {
    await expect(openTestServer(database, { authenticators: [jwt()] })).rejects.toThrow(
      ConfigurationError,
    )
    await expect(openTestServer(database, { authenticators: [jwt()] })).rejects.toThrow(
      /JWT_SECRET.*JWT_JWKS_URL/,
    )
  })

  test("a team's own authenticator runs in its turn", async () => {
    const own = {
      name: 'partner',
      open:
        () =>
        async ({ token }: { token: string }) =>
          token === 'partner-7'
            ? { via: 'jwt' as const, id: '7', roles: ['partner'], claims: {} }
            : null,
    }
    const { app } = await openTestServer(database, {
      env: { JWT_SECRET: secret },
      authenticators: [own, jwt()],
    })
    expect((await app.inject(as('partner-7'))).json()).toMatchObject({
      id: '7',
      roles: ['partner'],
    })
    expect((await app.inject(as(await sign({})))).json()).toMatchObject({ id: 'jane' })
    await app.close()
  })

  test('are plain values, and read no setting before the start', () => {
    expect(
      [jwt({ issuer: 'https://id.example/' }), apiKeys()].map((authenticator) => [
        authenticator.name,
        Object.isFrozen(authenticator),
      ]),
    ).toEqual([
      ['jwt', true],
      ['apiKeys', true],
    ])
  })
})
