// Connections that hold on to what others need: bodies that do not come to their end, and requests sent without waiting for an answer.
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AddressInfo } from 'node:net'
import type { Database } from '../../src/db/database.ts'
import { openTestDatabase, openTestServer, type TestServer } from './support.ts'

const MIB = 1024 * 1024
let database: Database
let server: TestServer
let port: number
beforeAll(async () => {
  database = await openTestDatabase()
  server = await openTestServer(database, {
    env: {
      RATE_LIMIT_MAX: '0',
      CALLER_CONCURRENCY: '0',
      OVERLOAD_WAIT: '0',
      TRUST_PROXY: 'loopback',
    },
  })
  await server.app.listen({ port: 0 })
  port = (server.app.server.address() as AddressInfo).port // it listens on a port
})
afterAll(async () => {
  await server.app.close()
  await database.close()
})

interface Client {
  readonly socket: Socket
  readonly text: () => string
}

function open(text: string): Client {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => {
    received += String(chunk)
  })
  socket.on('error', () => {})
  socket.write(text)
  return { socket, text: () => received }
}

const head = (address: string): string =>
  `POST /echo HTTP/1.1\r\nhost: a\r\nx-forwarded-for: ${address}\r\ncontent-type: application/json\r\ncontent-length: ${MIB}\r\n\r\n`
const unfinished = (address: string): Client => open(head(address) + 'x'.repeat(MIB - 10_000))
const statusOf = async (address: string): Promise<number> =>
  (
    await fetch(`http://127.0.0.1:${port}/echo`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    })
  ).status

test('a caller holds 16 MiB of bodies that do not come whole, and others may send theirs', async () => {
  const clients = Array.from({ length: 20 }, () => unfinished('203.0.113.1'))
  const refused = () => clients.filter(({ text }) => text().startsWith('HTTP/1.1 429')).length
  await expect.poll(refused, { timeout: 5000 }).toBe(4)
  expect(await statusOf('203.0.113.2')).toBe(200)
  for (const { socket } of clients) socket.destroy()
  await expect.poll(() => statusOf('203.0.113.1'), { timeout: 5000 }).toBe(200)
})

test('all callers together hold 64 MiB, and get 503 beyond', async () => {
  const clients = Array.from({ length: 70 }, (_, i) => unfinished(`203.0.113.${i + 10}`))
  const refused = () => clients.filter(({ text }) => text().startsWith('HTTP/1.1 503')).length
  await expect.poll(refused, { timeout: 10_000 }).toBeGreaterThanOrEqual(5)
  await delay(100)
  expect(refused()).toBeLessThan(15)
  for (const { socket } of clients) socket.destroy()
  await expect.poll(() => statusOf('203.0.113.3'), { timeout: 5000 }).toBe(200)
})

test('a connection that pipelines hundreds of requests is closed, and ten are answered', async () => {
  const get = 'GET /who HTTP/1.1\r\nhost: a\r\n\r\n'
  const many = open(get.repeat(1500))
  const few = open(get.repeat(10))
  await expect.poll(() => many.socket.destroyed, { timeout: 5000 }).toBe(true)
  expect(many.text().split('HTTP/1.1 200').length).toBeLessThan(40)
  await expect.poll(() => few.text().split('HTTP/1.1 200').length, { timeout: 5000 }).toBe(11)
  few.socket.destroy()
})
