// Connections are bounded, and slow clients cannot keep others out.
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openTestDatabase, openTestServer, type TestServer } from './support.ts'

const MAX = 10
let database: Database
let server: TestServer
let port: number
let sockets: Socket[] = []
beforeEach(async () => {
  database = await openTestDatabase()
  server = await openTestServer(database, { env: { MAX_CONNECTIONS: String(MAX) } })
  await server.app.listen({ port: 0, host: '127.0.0.1' })
  port = (server.app.server.address() as AddressInfo).port // it listens on a port
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets = []
  await server.app.close()
  await database.close()
})

/** Connections that have each sent as much, and stay. */
async function open(count: number, bytes = ''): Promise<Socket[]> {
  const opened = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      sockets.push(socket)
      await once(socket, 'connect')
      socket.write(bytes)
      return socket
    }),
  )
  await delay(200) // younger ones are left alone
  return opened
}

const ask = async (): Promise<number> =>
  (await fetch(`http://127.0.0.1:${port}/who`, { headers: { connection: 'close' } })).status

test('idle connections make room for new ones, the oldest first', async () => {
  const [oldest] = await open(1)
  const others = await open(MAX - 1)
  const closed = once(oldest ?? server.app.server, 'close')
  expect(await ask()).toBe(200)
  await closed
  expect(others.filter(({ closed: isClosed }) => isClosed)).toHaveLength(0)
  expect(server.log.join('')).toContain('all connections are taken')
})

test('so do heads and bodies that do not arrive', async () => {
  for (const bytes of [
    'GET /who HTT',
    'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a"',
  ]) {
    await open(MAX, bytes)
    expect(await ask(), bytes).toBe(200)
  }
})

test('requests that are being answered are not cut off, and no more than the limit are taken', async () => {
  const busy = await open(MAX, 'GET /slow?ms=1500 HTTP/1.1\r\nhost: a\r\n\r\n')
  const answers = busy.map((socket) => once(socket, 'data'))
  await expect(ask()).rejects.toThrow()
  for (const answer of answers) expect(String((await answer)[0])).toMatch(/^HTTP\/1[.]1 200 /)
})

test('a flood of idle connections leaves room for requests', async () => {
  for (let i = 0; i < 5; i += 1) {
    await open(3 * MAX)
    expect(await ask()).toBe(200)
  }
})
