// Errors of the listening server and of the log's output do not end the process.
import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, inject, test, vi } from 'vitest'
import { readConfig } from '../../src/server/config/config.ts'
import { startServer } from '../../src/server/lifecycle.ts'
import { openTestDatabase, openTestServer } from './support.ts'

vi.setConfig({ testTimeout: 90_000 }) // a process starts

const children: ReturnType<typeof spawn>[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

test('a connection that cannot be accepted is logged', async () => {
  const database = await openTestDatabase()
  const { app, log } = await openTestServer(database)
  const config = readConfig(
    { DATABASE_URL: 'pglite:memory', PORT: '0', SHUTDOWN_GRACE: '0' },
    'development',
  )
  const running = await startServer({ app, config, database, state: { stopping: false } })
  app.server.emit('error', Object.assign(new Error('accept ENFILE'), { code: 'ENFILE' })) // as node:net tells it
  expect((await fetch(`${running.url}/who`)).status).toBe(200)
  expect(log.some((line) => line.includes('accept ENFILE'))).toBe(true)
  await running.stop()
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo // it listens on a port
  probe.close()
  await once(probe, 'close')
  return port
}

const FULL = '/dev/full' // Linux: every write fails, as on a full disk

test.runIf(existsSync(FULL))('a log that cannot be written does not end the process', async () => {
  const port = await freePort()
  const script = fileURLToPath(new URL('./process.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--conditions=source', script, inject('pgliteSnapshot'), 'silent'],
    {
      stdio: ['ignore', openSync(FULL, 'w'), 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '',
        DATABASE_URL: 'pglite:memory',
        PORT: String(port),
        LOG_LEVEL: 'info',
      },
    },
  )
  children.push(child)
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += String(chunk)
  })
  const ask = async (): Promise<number> => (await fetch(`http://127.0.0.1:${port}/who`)).status
  await expect.poll(() => ask().catch(() => 0), { timeout: 60_000, interval: 100 }).toBe(200)
  for (let i = 0; i < 20; i += 1) expect(await ask()).toBe(200) // more than one write of the log
  await new Promise((resolve) => {
    setTimeout(resolve, 300)
  }) // the log is written every 100 ms
  expect(await ask()).toBe(200)
  expect(child.exitCode, said).toBeNull()
  expect(said.match(/The log cannot be written/g)).toHaveLength(1)
})
