// What comes over the wire: each request is answered, by the same security headers whatever the status, and is not cut in two.
import type { FastifyInstance } from 'fastify'
import { connect } from 'node:net'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { Problem } from '../../src/errors.ts'
import { openTestDatabase, openTestServer, secret, sendRaw } from './support.ts'
import type { TestServer } from './support.ts'

const SECURITY = {
  'content-security-policy':
    "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
}

let database: Database
let server: TestServer
let port: number
/** Paths that a route was called for. */
const served: string[] = []

async function mount(scope: FastifyInstance): Promise<void> {
  scope.addHook('preHandler', async (request) => {
    served.push(request.url)
  })
  scope.get('/ok', async () => ({ ok: true }))
  scope.post('/echo', async (request) => ({ body: request.body }))
  scope.get('/slow', async () => {
    await delay(300)
    return { slow: true }
  })
  scope.get('/late', async (request) => {
    await delay(5000, undefined, { signal: request.work.signal })
  })
  scope.get('/busy', async () => {
    throw new Problem('UNAVAILABLE', 'Too busy.')
  })
  scope.get('/broken', async () => {
    throw new Error('broken')
  })
}

beforeAll(async () => {
  database = await openTestDatabase()
  server = await openTestServer(database, {
    mounts: [mount],
    env: {
      RATE_LIMIT_MAX: '100000',
      BODY_LIMIT: '2048',
      JWT_SECRET: secret,
      REQUEST_TIMEOUT: '1000',
      STATEMENT_TIMEOUT: '500',
      CORS_ORIGINS: 'https://shop.example',
    },
  })
  await server.app.listen({ port: 0 })
  port = (server.app.server.address() as AddressInfo).port // it listens on a port
})
afterAll(async () => {
  await server.app.close()
  await database.close()
})

interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly text: string
}

/** All answers of a connection. */
function readAll(bytes: string): readonly Answer[] {
  const answers: Answer[] = []
  for (let rest = bytes; rest !== '';) {
    const end = rest.indexOf('\r\n\r\n')
    const [line = '', ...fields] = rest.slice(0, end).split('\r\n')
    const headers = Object.fromEntries(
      fields.map((field) => [
        field.slice(0, field.indexOf(':')).toLowerCase(),
        field.slice(field.indexOf(':') + 1).trim(),
      ]),
    )
    const length = Number(headers['content-length'] ?? 0)
    answers.push({
      status: Number(line.split(' ')[1]),
      headers,
      text: rest.slice(end + 4, end + 4 + length),
    })
    rest = rest.slice(end + 4 + length)
  }
  return answers
}
const ask = async (bytes: string, ms = 3000): Promise<readonly Answer[]> =>
  readAll(await sendRaw(port, bytes, ms))

/** Each one after the answer to the one before, on one connection. */
function askInTurn(requests: readonly string[]): Promise<readonly Answer[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly Answer[]>()
  const [first = '', ...others] = requests
  const received: string[] = []
  const socket = connect(port, '127.0.0.1', () => socket.write(first))
  socket
    .setTimeout(3000, () => socket.destroy(new Error('no answer')))
    .on('data', (chunk) => {
      received.push(chunk.toString('latin1'))
      const next = others.shift()
      if (next !== undefined) socket.write(next)
    })
    .on('end', () => resolve(readAll(received.join(''))))
    .on('error', reject)
  return promise
}

const request = (line: string, fields: readonly string[] = [], body = ''): string =>
  [`${line} HTTP/1.1`, 'Host: a', ...fields, '', body].join('\r\n')
const last = (line: string, fields: readonly string[] = [], body = ''): string =>
  request(line, ['Connection: close', ...fields], body)
const json = (length: number, ...more: readonly string[]): readonly string[] => [
  'Content-Type: application/json',
  `Content-Length: ${length}`,
  ...more,
]

describe('the security headers are on the answer', () => {
  test.concurrent.each<[number, string, string]>([
    [200, 'of a route', last('GET /ok')],
    [200, 'of HEAD', last('HEAD /ok')],
    [200, 'of /healthz', last('GET /healthz')],
    [200, 'of the home page', last('GET /')],
    [204, 'of OPTIONS', last('OPTIONS /ok')],
    [
      204,
      'of a preflight',
      last('OPTIONS /ok', ['Origin: https://shop.example', 'Access-Control-Request-Method: GET']),
    ],
    [400, 'to what is no HTTP', 'HELO a\r\n\r\n'],
    [400, 'to broken JSON', last('POST /echo', json(1), '{')],
    [401, 'to a bad token', last('GET /ok', ['Authorization: Bearer x'])],
    [404, 'to an unknown address', last('GET /nowhere')],
    [405, 'to another method', last('DELETE /ok')],
    [405, 'to TRACE', last('TRACE /ok')],
    [405, 'to CONNECT', request('CONNECT a:443')],
    [408, 'to a head that does not come', 'GET /ok HTTP/1.1\r\nHost: a\r\nX-'],
    [408, 'to a body that does not come', request('POST /echo', json(10), '{')],
    [
      408,
      'to chunks that do not come',
      request(
        'POST /echo',
        ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
        '1\r\n{\r\n',
      ),
    ],
    [413, 'to a long body', last('POST /echo', json(3000), '1'.repeat(3000))],
    [
      413,
      'to long extensions of chunks',
      request(
        'POST /echo',
        ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
        `1;${'x'.repeat(20_000)}\r\n1\r\n0\r\n\r\n`,
      ),
    ],
    [414, 'to a long URL', last(`GET /ok?${'x'.repeat(9000)}`)],
    [414, 'to a URL over the limit of the parser', last(`GET /ok?${'x'.repeat(60_000)}`)],
    [
      415,
      'to another media type',
      last('POST /echo', ['Content-Type: text/plain', 'Content-Length: 1'], 'x'),
    ],
    [431, 'to long fields', last('GET /ok', [`X: ${'x'.repeat(17_000)}`])],
    [431, 'to fields over the limit of the parser', last('GET /ok', [`X: ${'x'.repeat(60_000)}`])],
    [500, 'to a defect', last('GET /broken')],
    [503, 'to a refusal of load', last('GET /busy')],
    [504, 'at the deadline', last('GET /late')],
    [505, "to HTTP/2's preface", 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [505, 'to HTTP/2.0 in clear text', 'GET /ok HTTP/2.0\r\nHost: a\r\n\r\n'],
    [505, 'to HTTP/3.0', 'GET /ok HTTP/3.0\r\nHost: a\r\n\r\n'],
    [400, 'to HTTP/0.9', 'GET /ok\r\n\r\n'],
  ])('%i %s', async (status, _what, bytes) => {
    const [answer, ...others] = await ask(bytes)
    expect(others).toEqual([])
    expect(answer?.status).toBe(status)
    const { 'content-security-policy': policy, ...rest } = SECURITY
    expect(answer?.headers).toMatchObject(rest)
    expect(answer?.headers['content-security-policy']).toContain(policy) // the home page allows its style beside
    if (status >= 400 && !bytes.startsWith('HEAD'))
      expect(answer?.headers['content-type']).toBe('application/problem+json')
  })

  test('429, for anonymous requests and for guesses', async () => {
    const limited = await openTestServer(database, { env: { RATE_LIMIT_MAX: '1' } })
    const guess = { url: '/who', headers: { 'x-api-key': 'bfk_' } }
    await Promise.all([limited.app.inject('/who'), limited.app.inject(guess)])
    const flood = Array.from({ length: 60 }, () => limited.app.inject(guess))
    const refused = (await Promise.all([...flood, limited.app.inject('/who')])).filter(
      ({ statusCode }) => statusCode === 429,
    )
    expect(refused.length).toBeGreaterThan(1)
    for (const { headers } of refused) expect(headers).toMatchObject(SECURITY)
    await limited.app.close()
  })

  test('200 and 404 of the explorers and their files', async () => {
    expect(existsSync('assets'), 'npm run build:assets').toBe(true)
    for (const path of ['/graphiql', '/docs', '/graphiql/nothing.js', '/docs/nothing.js']) {
      const [answer] = await ask(last(`GET ${path}`))
      const { 'content-security-policy': _own, ...rest } = SECURITY
      expect(answer?.headers, path).toMatchObject(rest)
      expect(answer?.headers['content-security-policy'], path).toContain("frame-ancestors 'none'")
      const [, file] = /(?:src|href)="([^"]+\.(?:js|css))"/.exec(answer?.text ?? '') ?? []
      if (file !== undefined)
        expect(
          (await ask(last(`GET ${new URL(file, `http://a${path}`).pathname}`)))[0],
          file,
        ).toMatchObject({
          status: 200,
          headers: rest,
        })
    }
  })
})

describe('several requests on one connection', () => {
  test('the answer to a good one is not lost to a malformed one after it', async () => {
    for (const path of ['/ok', '/slow']) {
      const answers = await ask(`${request(`GET ${path}`)}NONSENSE\r\n\r\n`)
      expect(
        answers.map(({ status }) => status),
        path,
      ).toEqual([200, 400])
      expect(answers[0]?.text).toContain('true')
    }
    const three = await ask(
      `${request('GET /slow')}${request('GET /ok')}CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n`,
    )
    expect(three.map(({ status }) => status)).toEqual([200, 200, 405])
    const late = await ask(`${request('GET /slow')}GET /ok HTTP/1.1\r\nHost: a\r\nX-`, 5000)
    expect(late.map(({ status }) => status)).toEqual([200, 408])
  })

  test('a malformed body of the second one is refused after the first answer', async () => {
    const chunked = ['Content-Type: application/json', 'Transfer-Encoding: chunked']
    const answers = await ask(`${request('GET /slow')}${request('POST /echo', chunked, 'zz\r\n')}`)
    expect(answers.map(({ status }) => status)).toEqual([200, 400])
  })

  test('a client that does not close is closed', async () => {
    for (const bytes of ['NONSENSE\r\n\r\n', request('CONNECT a:443')]) {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      const begun = performance.now()
      socket.write(bytes)
      const talk = setInterval(() => socket.write('x'), 100)
      await new Promise((resolve) => socket.on('error', resolve).on('close', resolve).resume())
      clearInterval(talk)
      socket.destroy()
      expect(performance.now() - begun).toBeLessThan(5000)
    }
  })
})

describe('a request that two readers could cut differently', () => {
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
  const post = (...fields: readonly string[]): string =>
    request('POST /echo', ['Content-Type: application/json', ...fields], `0\r\n\r\n${smuggled}`)
  test.concurrent.each<[string, string]>([
    [
      'Content-Length and Transfer-Encoding',
      post('Content-Length: 5', 'Transfer-Encoding: chunked'),
    ],
    [
      'Transfer-Encoding and Content-Length',
      post('Transfer-Encoding: chunked', 'Content-Length: 5'),
    ],
    ['two Content-Lengths', post('Content-Length: 5', 'Content-Length: 41')],
    ['two equal Content-Lengths', post('Content-Length: 5', 'Content-Length: 5')],
    ['a list of Content-Lengths', post('Content-Length: 5, 5')],
    ['a signed Content-Length', post('Content-Length: +5')],
    ['a hexadecimal Content-Length', post('Content-Length: 0x5')],
    ['a negative Content-Length', post('Content-Length: -5')],
    ['two Transfer-Encodings', post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')],
    ['another coding', post('Transfer-Encoding: gzip')],
    ['another coding before chunked', post('Transfer-Encoding: gzip, chunked')],
    ['another coding after chunked', post('Transfer-Encoding: chunked, identity')],
    ['identity', post('Transfer-Encoding: identity')],
    ['nearly chunked', post('Transfer-Encoding: xchunked')],
    ['quoted chunked', post('Transfer-Encoding: "chunked"')],
    ['a vertical tab before chunked', post('Transfer-Encoding: \vchunked')],
    ['a space before the colon', post('Transfer-Encoding : chunked')],
    ['a folded field', post('X: 1', ' Transfer-Encoding: chunked')],
    ['a folded value', post('Transfer-Encoding:', ' chunked')],
    ['a field that ends with LF', post('X: 1\nTransfer-Encoding: chunked')],
    ['a field that ends with CR', post('X: 1\rTransfer-Encoding: chunked')],
    ['a null byte in a field', post('X: 1\0', 'Content-Length: 5')],
    [
      'a chunk with a sign',
      request(
        'POST /echo',
        ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
        `+1\r\n1\r\n0\r\n\r\n${smuggled}`,
      ),
    ],
    [
      'a chunk that ends with LF',
      request(
        'POST /echo',
        ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
        `1\n1\n0\n\n${smuggled}`,
      ),
    ],
    [
      'a chunk longer than its size',
      request(
        'POST /echo',
        ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
        `1\r\n11\r\n0\r\n\r\n${smuggled}`,
      ),
    ],
    [
      'chunks in HTTP/1.0',
      `POST /echo HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ['two Hosts', request('GET /ok', ['Host: b']) + smuggled],
    ['two equal Hosts', request('GET /ok', ['Host: a']) + smuggled],
    ['a Host with a path', `GET /ok HTTP/1.1\r\nHost: a/b\r\n\r\n${smuggled}`],
    ['a list of Hosts', `GET /ok HTTP/1.1\r\nHost: a,b\r\n\r\n${smuggled}`],
    [
      'an absolute target of another host',
      `GET http://b/ok HTTP/1.1\r\nHost: a\r\n\r\n${smuggled}`,
    ],
    ['an absolute target with a user', `GET http://u@a/ok HTTP/1.1\r\nHost: a\r\n\r\n${smuggled}`],
    [
      'an absolute target of another scheme',
      `GET ftp://a/ok HTTP/1.1\r\nHost: a\r\n\r\n${smuggled}`,
    ],
    ['an authority as its target', `GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n${smuggled}`],
    ['* as its target', `GET * HTTP/1.1\r\nHost: a\r\n\r\n${smuggled}`],
    ['a space in its target', `GET /ok /ok HTTP/1.1\r\nHost: a\r\n\r\n${smuggled}`],
  ])('%s: 400, and the connection ends', async (_what, bytes) => {
    const answers = await ask(bytes)
    expect(answers.map(({ status }) => status)).toEqual([400])
    expect(answers[0]?.headers).toMatchObject({ ...SECURITY, connection: 'close' })
    expect(served).not.toContain('/smuggled')
  })

  test('none of them is a body with zeros, tabs or capitals before it', async () => {
    for (const fields of [['Transfer-Encoding: \tChunked'], ['TRANSFER-ENCODING:chunked']]) {
      const bytes = request(
        'POST /echo',
        ['Connection: close', 'Content-Type: application/json', ...fields],
        '01\r\n7\r\n0\r\n\r\n',
      )
      expect((await ask(bytes)).map(({ text }) => text)).toEqual(['{"body":7}'])
    }
  })
})

describe('unusual requests', () => {
  test('an upgrade to h2c or a WebSocket is not done, and the request is answered', async () => {
    for (const fields of [
      [
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
      ],
      [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
      ],
    ]) {
      const upgrade = request('POST /echo', json(1, ...fields), '7')
      const answers = await askInTurn([upgrade, last('GET /ok')])
      expect(answers.map(({ status, text }) => [status, text])).toEqual([
        [200, '{"body":7}'],
        [200, '{"ok":true}'],
      ])
    }
  })

  test('an absolute target of this host is its path', async () => {
    for (const [target, status] of [
      ['http://a/ok', 200],
      ['HTTP://A/ok?x=1', 200],
      ['https://a/ok', 200],
      ['http://a', 200],
      ['http://a?x', 200],
      ['http://a/nowhere', 404],
    ] as const)
      expect((await ask(last(`GET ${target}`)))[0]?.status, target).toBe(status)
  })

  test('OPTIONS * is answered', async () => {
    expect((await ask(last('OPTIONS *')))[0]?.status).toBeLessThan(500)
  })

  test('Expect: 100-continue is answered with 100 where the body is read', async () => {
    const bytes = await sendRaw(
      port,
      request('POST /echo', json(1, 'Connection: close', 'Expect: 100-continue'), '7'),
    )
    expect(bytes).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/)
  })

  test('Expect: 100-continue with a body that is too large is 413 at once', async () => {
    const [answer, ...others] = await ask(
      request('POST /echo', json(3_000_000, 'Expect: 100-continue')),
    )
    expect([answer?.status, answer?.headers['connection'], others]).toEqual([413, 'close', []])
    const [refused] = await ask(request('POST /nowhere', json(3_000_000, 'Expect: 100-continue')))
    expect([refused?.status, refused?.headers['connection']]).toEqual([404, 'close'])
  })
})
