// HOST=localhost on a machine where it has two addresses: both are served alike, by one HTTP server.
import { createServer, type Server } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { type RunningServer, startServer } from '../../src/server/lifecycle.ts'
import { openTestDatabase, openTestServer, sendRaw, type TestServer } from './support.ts'

vi.mock('node:dns/promises', () => ({
  lookup: async () => [{ address: '127.0.0.1' }, { address: '127.0.0.2' }],
}))
vi.mock('node:net', { spy: true })

let database: Database
let server: TestServer
let running: RunningServer
let second = ''
beforeEach(async () => {
  database = await openTestDatabase()
  const state = { stopping: false }
  server = await openTestServer(database, {
    state,
    env: { REQUEST_TIMEOUT: '1000', STATEMENT_TIMEOUT: '1000' },
  })
  const config = readConfig(
    { DATABASE_URL: 'pglite:memory', HOST: 'localhost', PORT: '0', SHUTDOWN_GRACE: '0' },
    'development',
  )
  running = await startServer({ ...server, config, database, state })
  second = running.url.replace('127.0.0.1', '127.0.0.2')
})
afterEach(() => running.stop())

test('both addresses answer, and the log names them', async () => {
  expect(running.url).toContain('127.0.0.1')
  for (const url of [running.url, second]) {
    expect((await fetch(`${url}/who`)).status).toBe(200)
    expect(server.log.join('')).toContain(`Server listening at ${url}`)
  }
})

test('what node would answer by itself is ours on both', async () => {
  const port = Number(new URL(second).port)
  const request = 'GET /who HTTP/1.1\r\nhost: a\r\nexpect: wonders\r\nconnection: close\r\n\r\n'
  for (const host of ['127.0.0.1', '127.0.0.2'])
    expect(await sendRaw({ port, host }, request), host).toMatch(/^HTTP\/1[.]1 200 /)
})

test('a connection that the second one cannot accept is logged, and it serves on', async () => {
  const door = vi.mocked(createServer).mock.results.at(-1)?.value as Server // the last that was made
  door.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' })) // as node:net tells it
  expect((await fetch(`${second}/who`)).status).toBe(200)
  expect(server.log.some((line) => line.includes('accept EMFILE'))).toBe(true)
})

test('what is in flight on the second one ends before the server does', async () => {
  const inFlight = fetch(`${second}/slow?ms=500`, { headers: { connection: 'close' } })
  await new Promise((resolve) => {
    setTimeout(resolve, 200)
  })
  await running.stop()
  expect((await inFlight).status).toBe(200)
  await expect(fetch(`${second}/who`)).rejects.toThrow()
})

test('a request on the second one meets its deadline while the server stops', async () => {
  const late = fetch(`${second}/slow?ms=5000`)
  await new Promise((resolve) => {
    setTimeout(resolve, 200)
  })
  const stopped = running.stop()
  expect((await late).status).toBe(504)
  await stopped
})
