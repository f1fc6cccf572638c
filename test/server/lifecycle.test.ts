// Lifecycle: a real process, real signals, real ports.
import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, inject, test } from 'vitest'

const script = fileURLToPath(new URL('./process.ts', import.meta.url))
const children: ChildProcessWithoutNullStreams[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

interface Process {
  readonly child: ChildProcessWithoutNullStreams
  readonly exited: Promise<number | null>
  readonly output: () => string
}

function start(env: Record<string, string>): Process {
  const child = spawn(process.execPath, ['--conditions=source', script, inject('pgliteSnapshot')], {
    env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: 'pglite:memory', PORT: '0', ...env },
  })
  children.push(child)
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    output += String(chunk)
  })
  const exited = once(child, 'exit').then(([code]) => code as number | null) // the event's first argument
  return { child, exited, output: () => output }
}

async function urlOf(running: Process): Promise<string> {
  for (;;) {
    const url = /listening (http:\/\/\S+)/.exec(running.output())?.[1]
    if (url !== undefined) return url
    if (running.child.exitCode !== null) throw new Error(`It ended: ${running.output()}`)
    await pause(25)
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

describe('stopping', () => {
  test('SIGTERM fails readiness at once, keeps the listener for the grace, finishes running requests, and exits with 0', async () => {
    const running = start({ SHUTDOWN_GRACE: '3000' })
    const url = await urlOf(running)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    const inFlight = fetch(`${url}/slow?ms=5000`)
    await pause(300)
    running.child.kill('SIGTERM')
    await expect
      .poll(
        async () => {
          const { status, headers } = await fetch(`${url}/readyz`)
          return [status, headers.get('connection')]
        },
        { timeout: 2500 },
      )
      .toEqual([503, 'close'])
    expect((await fetch(`${url}/who`)).status).toBe(200)
    const answer = await inFlight
    expect([answer.status, await answer.json()]).toEqual([200, { slept: 5000 }])
    expect(await running.exited).toBe(0)
    expect(running.output()).toContain('database closed')
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  })

  test('SIGINT without a grace ends at once, with idle connections too', async () => {
    const running = start({ SHUTDOWN_GRACE: '0', REQUEST_TIMEOUT: '60000' })
    const url = await urlOf(running)
    await (await fetch(`${url}/who`)).text() // leaves a kept-alive connection open
    const began = Date.now()
    running.child.kill('SIGINT')
    expect(await running.exited).toBe(0)
    expect(Date.now() - began).toBeLessThan(20_000) // nothing waited for that connection, which lives for 72 s
  })

  test('a second signal ends the process at once, with 1', async () => {
    const running = start({ SHUTDOWN_GRACE: '60000', LOG_LEVEL: 'info' })
    await urlOf(running)
    running.child.kill('SIGTERM')
    await expect.poll(() => running.output()).toContain('"stopping"')
    running.child.kill('SIGTERM')
    expect(await running.exited).toBe(1)
  })
})

describe('a start that fails exits with 1 and says why', () => {
  test('a port in use', async () => {
    const squatter = createServer().listen(0, '127.0.0.1')
    await once(squatter, 'listening')
    const { port } = squatter.address() as AddressInfo // it listens on a port
    const running = start({ PORT: String(port) })
    expect(await running.exited).toBe(1)
    expect(running.output()).toContain(`Port ${port} on 127.0.0.1 is in use.`)
    expect(running.output()).not.toMatch(/\n\s+at /)
    squatter.close()
  })

  test('a wrong configuration, with every fault and no secret', async () => {
    const running = start({ PORT: 'http', JWT_SECRET: 'hunter2' })
    expect(await running.exited).toBe(1)
    expect(running.output()).toMatch(/PORT must be.*\n.*JWT_SECRET must be/)
    expect(running.output()).not.toContain('hunter2')
  })

  test('a host of another machine', async () => {
    const running = start({ HOST: '203.0.113.1' })
    expect(await running.exited).toBe(1)
    expect(running.output()).toContain('203.0.113.1 is no address of this machine')
  })
})
