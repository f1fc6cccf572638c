// Every request has one line in the log, however it ends, with the time that its caller waited.
import type { FastifyInstance } from 'fastify'
import { connect, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { Problem } from '../../src/errors.ts'
import { openTestDatabase, openTestServer, sendRaw, type TestServer } from './support.ts'

const state = { stopping: false }
let database: Database
let server: TestServer
let url: string
let port: number

async function mountEndings(scope: FastifyInstance): Promise<void> {
  scope.get('/quick', async () => ({ ok: true }))
  scope.get('/large', async () => Buffer.alloc(40_000_000))
  scope.get('/never', async (request) => {
    const { promise, reject } = Promise.withResolvers<never>()
    request.work.signal.addEventListener('abort', () => reject(request.work.signal.reason))
    return promise
  })
  scope.get('/block', async () => {
    const end = performance.now() + 400
    while (performance.now() < end);
    return {}
  })
  scope.get('/lost', async () => {
    throw new Problem('UNAVAILABLE', 'The database is not available just now.')
  })
}

beforeAll(async () => {
  database = await openTestDatabase()
  server = await openTestServer(database, {
    state,
    mounts: [mountEndings],
    env: { REQUEST_TIMEOUT: '1000', STATEMENT_TIMEOUT: '500', SLOW_REQUEST: '300' },
  })
  url = await server.app.listen({ port: 0, host: '127.0.0.1' })
  port = (server.app.server.address() as AddressInfo).port // it listens on a port
})
afterAll(async () => {
  await server.app.close()
  await database.close()
})
beforeEach(() => {
  server.log.length = 0
})

const lines = (message: string): Record<string, unknown>[] =>
  server.log
    .map((line) => JSON.parse(line) as Record<string, unknown>) // our own lines are objects
    .filter(({ msg }) => msg === message)

async function lineOf(route: string | null): Promise<Record<string, unknown>> {
  await expect
    .poll(() => lines('request').map((line) => line['route']), { timeout: 10_000 })
    .toEqual([route])
  return lines('request')[0] ?? {}
}

test('an answered request: what it was, how it ended, and how long its caller waited', async () => {
  await (await fetch(`${url}/quick?secret=1`)).text()
  const line = await lineOf('/quick')
  expect(line).toMatchObject({
    level: 30,
    reqId: expect.stringMatching(/^[\da-f-]{36}$/),
    method: 'GET',
    status: 200,
    address: '127.0.0.1',
    ms: expect.any(Number),
    loop_delay_ms: expect.any(Number),
    bytes: expect.any(Number),
  })
  expect(line['bytes']).toBeGreaterThan(200) // with the head
  expect(line).not.toHaveProperty('aborted')
})

test('a caller that goes away: at info, without a stack, and no warning', async () => {
  const leaving = new AbortController()
  const asked = fetch(`${url}/never`, { signal: leaving.signal }).catch(() => 'gone')
  await delay(100)
  leaving.abort()
  expect(await asked).toBe('gone')
  expect(await lineOf('/never')).toMatchObject({ level: 30, status: 499, aborted: true })
  await delay(50)
  expect(server.log).toHaveLength(1)
  expect(server.log.join('')).not.toContain('stack')
})

test('a connection that is reset', async () => {
  const socket = connect(port, '127.0.0.1', () =>
    socket.write('GET /never HTTP/1.1\r\nhost: a\r\n\r\n'),
  )
  await delay(150)
  socket.resetAndDestroy()
  expect(await lineOf('/never')).toMatchObject({ status: 499, aborted: true })
})

test('a request over its deadline', async () => {
  expect((await fetch(`${url}/never`)).status).toBe(504)
  const line = await lineOf('/never')
  expect(line).toMatchObject({ status: 504, deadline: true, codes: ['TIMEOUT'] })
  expect(line['ms']).toBeGreaterThan(900)
})

test('a reader that takes nothing and is cut off', async () => {
  const socket = connect(port, '127.0.0.1', () =>
    socket.pause().write('GET /large HTTP/1.1\r\nhost: a\r\n\r\n'),
  )
  socket.on('error', () => {})
  const line = await lineOf('/large')
  expect(line).toMatchObject({ status: 200, deadline: true })
  expect(line['bytes']).toBeGreaterThan(1_000_000)
  socket.destroy()
}, 20_000)

test('a path that the router cannot read', async () => {
  await sendRaw(port, 'GET /%zz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
  expect(await lineOf(null)).toMatchObject({ method: 'GET', status: 400 })
})

test('the time runs from the first byte', async () => {
  const socket = connect(port, '127.0.0.1', () => socket.write('GET /quick HTT'))
  await delay(400)
  socket.write('P/1.1\r\nhost: a\r\n\r\n')
  expect((await lineOf('/quick'))['ms']).toBeGreaterThan(300)
  socket.destroy()
})

test('on a connection that is kept, from the first byte of this request', async () => {
  const request = 'GET /quick HTTP/1.1\r\nhost: a\r\n\r\n'
  const socket = connect(port, '127.0.0.1', () => socket.write(request))
  await lineOf('/quick')
  server.log.length = 0
  await delay(500)
  socket.write(request)
  expect((await lineOf('/quick'))['ms']).toBeLessThan(400)
  socket.destroy()
})

test('the delay of the event loop stands beside it', async () => {
  const blocked = fetch(`${url}/block`)
  const socket = connect(port, '127.0.0.1')
  await delay(50)
  socket.write('GET /quick HTTP/1.1\r\nhost: a\r\n\r\n')
  await blocked
  await expect.poll(() => lines('request')).toHaveLength(2)
  const delays = lines('request').map((line) => Number(line['loop_delay_ms']))
  expect(Math.max(...delays)).toBeGreaterThan(200)
  socket.destroy()
})

test('a slow request has a warning with its name', async () => {
  await (await fetch(`${url}/block`)).text()
  await expect.poll(() => lines('slow')).toMatchObject([{ level: 40, route: '/block' }])
  expect(Number(lines('slow')[0]?.['ms'])).toBeGreaterThanOrEqual(400)
})

test('a failing database is a warning, and the code is in the line', async () => {
  await (await fetch(`${url}/lost`)).text()
  expect(await lineOf('/lost')).toMatchObject({ status: 503, codes: ['UNAVAILABLE'] })
  expect(lines('unavailable')).toMatchObject([{ level: 40 }])
})

test('probes write nothing, nor while the process is stopping', async () => {
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  state.stopping = true
  const unready = await fetch(`${url}/readyz`)
  state.stopping = false
  expect(unready.status).toBe(503)
  await delay(50)
  expect(server.log).toEqual([])
})
