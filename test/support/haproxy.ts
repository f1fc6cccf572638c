// An HAProxy before several servers, for tests. The program is the machine's own (program.ts).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './embedded-postgres.ts'
import { programEnv, withProgram } from './program.ts'

/** The suite where haproxy is installed. */
export const withHaproxy = (suite: () => void): void =>
  withProgram('behind HAProxy', ['haproxy', '-v'], suite)

export interface TestHaproxy {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Starts it before the servers at these ports. It asks each for `/readyz` five times a second, and repeats no request. */
export async function openHaproxy(ports: readonly number[]): Promise<TestHaproxy> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'bifrons-haproxy-'))
  const file = join(folder, 'haproxy.cfg')
  const servers = ports.map(
    (at, number) => `  server s${number} 127.0.0.1:${at} check inter 200ms fall 1 rise 1\n`,
  )
  writeFileSync(
    file,
    `defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  timeout check 2s
listen front
  bind 127.0.0.1:${port}
  balance roundrobin
  option redispatch
  retry-on conn-failure
  option httpchk GET /readyz
${servers.join('')}`,
  )
  const child = spawn('haproxy', ['-q', '-db', '-f', file], {
    env: programEnv,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const gone = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  const close = async (): Promise<void> => {
    child.kill('SIGKILL')
    await gone
    rmSync(folder, { recursive: true, force: true })
  }
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const status = await fetch(`${url}/readyz`).then(
      (answer) => answer.status,
      () => 0,
    )
    if (status === 200) return { url, close }
    await sleep(100)
  }
  await close()
  throw new Error('haproxy did not start, or no server behind it is ready.')
}
