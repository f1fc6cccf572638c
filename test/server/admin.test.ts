// The admin port answers probes while the event loop of the process is busy.
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import {
  makeMemory,
  openHeartbeat,
  type Pulse,
  type ReadinessState,
} from '../../src/server/admin/heartbeat.ts'
import { adminRoutes } from '../../src/server/admin/routes.ts'
import { type Child, startChild, urlOf } from './child.ts'

const children: Child[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.process.kill('SIGKILL')
})

function start(env: Readonly<Record<string, string>>): Child {
  const child = startChild(env)
  children.push(child)
  return child
}

const statusOf = (url: string): Promise<number> => fetch(url).then(({ status }) => status)

test('it answers within 100 ms while the process is busy, and only to what it serves', async () => {
  const child = start({ ADMIN_PORT: '0' })
  const url = await urlOf(child, 'listening')
  const admin = await urlOf(child, 'admin')
  expect(admin).toContain('http://127.0.0.1:')
  await expect.poll(() => statusOf(`${admin}/readyz`)).toBe(200)
  const state = { isOver: false }
  const busy = fetch(`${url}/busy?ms=2000`).finally(() => {
    state.isOver = true
  })
  await delay(100)
  const times: number[] = []
  while (!state.isOver) {
    const began = performance.now()
    expect(await statusOf(`${admin}/healthz`)).toBe(200)
    expect(await statusOf(`${admin}/readyz`)).toBe(200)
    times.push((performance.now() - began) / 2)
  }
  await busy
  expect(times.length).toBeGreaterThan(5)
  expect(Math.min(...times)).toBeLessThan(100)
  for (const path of ['/', '/metrics', '/constructor', '/who'])
    expect(await statusOf(`${admin}${path}`), path).toBe(404)
  const posted = await fetch(`${admin}/healthz`, { method: 'POST' })
  expect(posted.status).toBe(404)
})

test('a page that only the process knows is 503 after a second of a busy loop', async () => {
  const child = start({ ADMIN_PORT: '0' })
  const url = await urlOf(child, 'listening')
  const admin = await urlOf(child, 'admin')
  const busy = fetch(`${url}/busy?ms=4000`)
  await delay(200)
  const began = performance.now()
  const statuses = ['/drift', '/metrics'].map((path) => statusOf(admin + path))
  expect(await Promise.all(statuses)).toEqual([503, 503])
  expect(performance.now() - began).toBeGreaterThan(900)
  expect(performance.now() - began).toBeLessThan(3500)
  await busy
  await expect.poll(() => statusOf(`${admin}/drift`)).toBe(404) // this process watches no drift
})

test('readiness fails there at once when the process stops, and the port is closed with it', async () => {
  const child = start({ ADMIN_PORT: '0', SHUTDOWN_GRACE: '2000' })
  await urlOf(child, 'listening')
  const admin = await urlOf(child, 'admin')
  await expect.poll(() => statusOf(`${admin}/readyz`)).toBe(200)
  child.process.kill('SIGTERM')
  await expect.poll(() => statusOf(`${admin}/readyz`), { timeout: 1900 }).toBe(503)
  expect(await statusOf(`${admin}/healthz`)).toBe(200)
  expect(await child.exited).toBe(0)
})

test('a port in use ends the start, and names its setting', async () => {
  const squatter = createServer().listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  const { port } = squatter.address() as AddressInfo // it listens on a port
  const child = start({ ADMIN_PORT: String(port) })
  expect(await child.exited).toBe(1)
  expect(child.output()).toContain(`Port ${port} on 127.0.0.1 is in use.`)
  expect(child.output()).toContain('set ADMIN_PORT to another')
  squatter.close()
})

describe('probes', () => {
  const ask = (path: string, pulses: readonly Pulse[]): number | undefined =>
    adminRoutes[path]?.(pulses).status
  const pulse = (age: number, state: ReadinessState): Pulse => ({ age, state })

  test('a loop that has not turned for ten seconds is not alive', () => {
    expect(ask('/healthz', [pulse(9000, 'ready')])).toBe(200)
    expect(ask('/healthz', [pulse(11_000, 'ready')])).toBe(503)
    expect(ask('/healthz', [pulse(0, 'ready'), pulse(11_000, 'ready')])).toBe(503)
  })

  test('several processes are ready when one is', () => {
    expect(ask('/readyz', [pulse(0, 'database'), pulse(0, 'ready')])).toBe(200)
    expect(ask('/readyz', [pulse(0, 'database'), pulse(11_000, 'ready')])).toBe(503)
    for (const state of ['starting', 'database', 'stopping'] as const)
      expect(ask('/readyz', [pulse(0, state)]), state).toBe(503)
    expect(ask('/readyz', [])).toBe(503)
  })

  test('a process that has ended has no pulse', () => {
    const heartbeat = openHeartbeat(makeMemory(2))
    heartbeat.beat(0, 'ready')
    heartbeat.beat(1, 'database')
    expect(heartbeat.pulses().map(({ state }) => state)).toEqual(['ready', 'database'])
    heartbeat.clear(0)
    expect(heartbeat.pulses().map(({ state }) => state)).toEqual(['database'])
  })
})
