// Steps of every request before and after its route, over real sockets where the HTTP parser matters.
import { setTimeout as sleep } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { Problem } from '../../src/errors.ts'
import { openTestDatabase, openTestServer, securityEvents, sendRaw } from './support.ts'
import type { TestServer } from './support.ts'

let database: Database
let server: TestServer
let port: number

beforeAll(async () => {
  database = await openTestDatabase()
  server = await openTestServer(database, { env: { RATE_LIMIT_MAX: '0', BODY_LIMIT: '2048' } })
  await server.app.listen({ port: 0 })
  port = (server.app.server.address() as AddressInfo).port // it listens on a port, not on a pipe
})
afterAll(async () => {
  await server.app.close()
  await database.close()
})

/** Status, headers and JSON of a raw answer. */
function read(answer: string): {
  status: number
  headers: Record<string, string>
  body: Record<string, unknown>
} {
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  const headers = Object.fromEntries(
    fields.map((field) => [
      field.slice(0, field.indexOf(':')).toLowerCase(),
      field.slice(field.indexOf(':') + 2),
    ]),
  )
  return {
    status: Number(line.split(' ')[1]),
    headers,
    body: JSON.parse(body || '{}') as Record<string, unknown>,
  }
}

const security = [
  'content-security-policy',
  'x-content-type-options',
  'x-frame-options',
  'referrer-policy',
  'cross-origin-resource-policy',
  'x-request-id',
]

describe('requests that are refused before any route', () => {
  const get = (path: string, fields = ''): string =>
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`
  test.each([
    ['two Host headers', get('/who', 'Host: b\r\n'), 400],
    ['an invalid Host', 'GET /who HTTP/1.1\r\nHost: a b@c\r\nConnection: close\r\n\r\n', 400],
    [
      'two Content-Types',
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
      400,
    ],
    ['bytes above ASCII in the URL', get('/who?q=\u00e4'), 400],
    ['lines that end with LF alone', 'GET /who HTTP/1.1\nHost: a\n\n', 400],
    ['no Host header', 'GET /who HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['a URL over 8 KB', get(`/who?q=${'a'.repeat(9000)}`), 414],
    ['a URL over the limit of the parser', get(`/who?q=${'a'.repeat(60_000)}`), 414],
    ['a path segment over 8 KB', get(`/things/${'a'.repeat(8500)}`), 414],
    ['header fields over 16 KB', get('/who', `X-Long: ${'a'.repeat(17_000)}\r\n`), 431],
    [
      'header fields over the limit of the parser',
      get('/who', `X-Long: ${'a'.repeat(60_000)}\r\n`),
      431,
    ],
    ['text that is not HTTP', 'HELO mail.example\r\n\r\n', 400],
    ['an invalid header line', get('/who', 'Bad Header\r\n'), 400],
    [
      'Content-Length with Transfer-Encoding',
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    [
      'a bad chunk',
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
    ['broken percent-encoding in the path', get('/things/%ff'), 400],
    ['broken percent-encoding in the query', get('/who?q=%ff'), 400],
    ['an unknown method', 'FETCH /who HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ])('%s', async (_what, bytes, status) => {
    const answer = read(await sendRaw(port, bytes))
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.body).toMatchObject({
      status,
      code: 'BAD_REQUEST',
      type: 'urn:bifrons:error:bad-request',
      instance: answer.headers['x-request-id'],
    })
    expect(Object.keys(answer.headers)).toEqual(expect.arrayContaining(security))
    expect(securityEvents(server).at(-1)).toMatchObject({ security: 'refused_input', status })
  })

  test('have the same headers at the socket as on routes', async () => {
    const fromRoute = await server.app.inject('/who')
    const fromSocket = read(await sendRaw(port, 'nonsense\r\n\r\n'))
    for (const name of security.filter((header) => header !== 'x-request-id'))
      expect(fromSocket.headers[name]).toBe(fromRoute.headers[name])
  })

  test('are not those with an unknown Expect header, which is ignored', async () => {
    expect(read(await sendRaw(port, get('/who', 'Expect: a-miracle\r\n'))).status).toBe(200)
  })

  test('include a client that sends its request too slowly', async () => {
    const slow = await openTestServer(database, {
      env: { REQUEST_TIMEOUT: '1000', STATEMENT_TIMEOUT: '300' },
    })
    await slow.app.listen({ port: 0 })
    const { port: slowPort } = slow.app.server.address() as AddressInfo // as above
    const endless =
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nContent-Type: application/json\r\n\r\n{'
    const answers = await Promise.all(
      // at all moments of the second in which node looks once
      [0, 200, 400, 600, 800].map(async (ms) => {
        await sleep(ms)
        return read(await sendRaw(slowPort, endless, 5000))
      }),
    )
    for (const answer of answers) {
      expect(answer.status).toBe(408)
      expect(answer.body).toMatchObject({ code: 'TIMEOUT', status: 408 })
      expect(answer.headers['connection']).toBe('close')
    }
    const events = securityEvents(slow)
    expect(events).toHaveLength(answers.length)
    for (const event of events) {
      expect(event).toMatchObject({ security: 'refused_input', status: 408 })
      expect(event['reason']).not.toBe('ERR_HTTP_REQUEST_TIMEOUT') // the deadline of the request has answered, and not node
    }
    const headless = read(await sendRaw(slowPort, 'GET /who HTTP/1.1\r\nHost: a\r\nX-Slow: ', 8000))
    expect([headless.status, headless.body['code'], headless.headers['content-type']]).toEqual([
      408,
      'TIMEOUT',
      'application/problem+json',
    ])
    await slow.app.close()
  })
})

describe('bodies', () => {
  const post = (
    payload: string | Buffer,
    type = 'application/json',
    method: 'POST' | 'PATCH' = 'POST',
  ) => server.app.inject({ method, url: '/echo', payload, headers: { 'content-type': type } })

  test('JSON and merge patches are read', async () => {
    expect((await post('{"a":[1]}')).json()).toEqual({ body: { a: [1] } })
    expect(
      (await post('{"a":null}', 'application/merge-patch+json; charset=UTF-8', 'PATCH')).json(),
    ).toEqual({ body: { a: null } })
  })

  test.each([
    ['text/plain', 415],
    ['application/xml', 415],
    ['application/json; charset=latin1', 415],
    ['application/jsonx', 415],
    ['nonsense', 415],
  ])('%s is %i and names the accepted types', async (type, status) => {
    const answer = await post('{}', type)
    expect([answer.statusCode, answer.json().code]).toEqual([status, 'UNSUPPORTED_MEDIA_TYPE'])
    expect(answer.headers['accept-post']).toBe('application/json')
    expect((await post('{}', type, 'PATCH')).headers['accept-patch']).toContain(
      'application/merge-patch+json',
    )
  })

  test('a DELETE without a body may have a content type', async () => {
    const { app } = await openTestServer(database, {
      mounts: [
        async (scope) => {
          scope.delete('/gone', async (request) => ({ body: request.body ?? null }))
        },
      ],
    })
    expect(
      (
        await app.inject({
          method: 'DELETE',
          url: '/gone',
          headers: { 'content-type': 'application/json' },
        })
      ).json(),
    ).toEqual({ body: null })
    await app.close()
  })

  test('compressed, too long and unreadable bodies are refused', async () => {
    const compressed = await server.app.inject({
      method: 'POST',
      url: '/echo',
      payload: '{}',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    })
    expect(compressed.json().code).toBe('UNSUPPORTED_MEDIA_TYPE')
    expect((await post(JSON.stringify('a'.repeat(3000)))).json().code).toBe('PAYLOAD_TOO_LARGE')
    expect((await post('{"a":1,"a":2}')).json()).toMatchObject({
      code: 'BAD_REQUEST',
      issues: [{ in: 'document', path: ['a'], code: 'duplicate_key' }],
    })
    expect((await post(Buffer.from([0x22, 0xff, 0x22]))).json().issues[0].code).toBe('invalid_utf8')
  })
})

describe('problems', () => {
  test('a defect is INTERNAL to the caller, and the log has its cause under the request id', async () => {
    const answer = await server.app.inject('/broken')
    expect(answer.json()).toEqual({
      type: 'urn:bifrons:error:internal',
      title: expect.any(String),
      status: 500,
      detail: expect.not.stringContaining('password'),
      code: 'INTERNAL',
      instance: answer.headers['x-request-id'],
    })
    const line = server.log.find(
      (entry) =>
        entry.includes('"defect"') && entry.includes(String(answer.headers['x-request-id'])),
    )
    expect(line).toContain('select password from users')
  })

  test('an error of a hand-written route keeps its status, without its message', async () => {
    const answer = await server.app.inject('/teapot')
    expect(answer.json()).toMatchObject({ status: 409, code: 'CONFLICT' })
    expect(answer.body).not.toContain('kettle')
  })

  test('headers that HTTP cannot carry are left out, and the rest of the answer is as ever', async () => {
    const unsendable = { headers: { location: '/x/ü💥' } }
    const { app, log } = await openTestServer(database, {
      mounts: [
        async (scope) => {
          scope.get('/problem', async () => {
            throw new Problem('CONFLICT', 'It is taken.', unsendable)
          })
          scope.get('/own', async (_request, reply) => reply.headers({ 'x-a': 'ü💥' }).send({}))
        },
      ],
    })
    const problem = await app.inject('/problem')
    expect([problem.statusCode, problem.json().code]).toEqual([409, 'CONFLICT'])
    const own = await app.inject('/own')
    expect([own.statusCode, own.json().code]).toEqual([500, 'INTERNAL'])
    for (const { headers } of [problem, own])
      expect([headers['content-type'], headers['x-content-type-options']]).toEqual([
        'application/problem+json',
        'nosniff',
      ])
    expect(log.join()).toContain('ERR_INVALID_CHAR')
    await app.close()
  })

  test('an unknown address is 404, another method 405, and OPTIONS and HEAD are answered', async () => {
    expect((await server.app.inject('/nowhere')).json()).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    })
    const unread = { payload: '{', headers: { 'content-type': 'text/plain' } } // each is refused before the body is read
    expect(
      (await server.app.inject({ method: 'POST', url: '/nowhere', ...unread })).json().code,
    ).toBe('NOT_FOUND')
    expect(
      (await server.app.inject({ method: 'PUT', url: '/things/7', ...unread })).json().code,
    ).toBe('METHOD_NOT_ALLOWED')
    const wrong = await server.app.inject({ method: 'DELETE', url: '/things/7' })
    expect(wrong.json()).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' })
    expect(wrong.headers['allow']).toBe('GET, HEAD, OPTIONS')
    const options = await server.app.inject({ method: 'OPTIONS', url: '/echo' })
    expect([options.statusCode, options.headers['allow'], options.body]).toEqual([
      204,
      'OPTIONS, PATCH, POST',
      '',
    ])
    expect((await server.app.inject({ method: 'HEAD', url: '/who' })).statusCode).toBe(200)
  })

  test('a request past its deadline is 504', async () => {
    const hasty = await openTestServer(database, {
      env: { REQUEST_TIMEOUT: '100', STATEMENT_TIMEOUT: '100' },
    })
    expect((await hasty.app.inject('/slow?ms=1000')).json()).toMatchObject({
      status: 504,
      code: 'TIMEOUT',
    })
    await hasty.app.close()
  })
})

describe('the log', () => {
  test('has one line for each request, with the route and without path, query, headers or body', async () => {
    server.log.length = 0
    await server.app.inject({
      url: '/things/jane@example.com?token=t0ps3cret',
      headers: { cookie: 'session=t0ps3cret', 'x-api-key': 'bfk_t0ps3cret' },
    })
    await server.app.inject({
      method: 'POST',
      url: '/echo',
      payload: '{"card":"4111"',
      headers: { 'content-type': 'application/json' },
    })
    const lines = server.log
      .filter((line) => line.includes('"msg":"request"'))
      .map((line) => JSON.parse(line) as object)
    expect(lines).toMatchObject([
      { route: '/things/:id', method: 'GET' },
      { route: '/echo', status: 400 },
    ])
    expect(server.log.join('')).not.toMatch(/jane|t0ps3cret|4111/)
  })

  test('redacts credentials that a handler logs', () => {
    server.log.length = 0
    server.app.log.info({
      headers: { authorization: 'Bearer t0ps3cret', cookie: 't0ps3cret' },
      caller: { authorization: 't0ps3cret' },
    })
    expect(server.log.join('')).not.toContain('t0ps3cret')
  })

  test('has the caller and the reason of each refusal', async () => {
    server.log.length = 0
    await server.app.inject('/forbidden')
    expect(securityEvents(server)).toMatchObject([
      {
        security: 'forbidden',
        code: 'FORBIDDEN',
        status: 403,
        route: '/forbidden',
        caller: { via: 'anonymous', id: null },
      },
    ])
  })
})
