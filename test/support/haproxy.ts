// An HAProxy before several servers, for tests: the machine's own. CI brings one (.ci/run) and fails without it;
// elsewhere what is not run says so, as a server is not npm's to install.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { freePort } from './embedded-postgres.ts'

/** Debian keeps it where only root looks. */
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }

function isInstalled(): boolean {
  try {
    execFileSync('haproxy', ['-v'], { stdio: 'ignore', env })
    return true
  } catch {
    return false
  }
}

/** The suite where HAProxy is installed. */
export function withHaproxy(suite: () => void): void {
  const why = 'haproxy is not installed'
  if (isInstalled()) describe('behind HAProxy', suite)
  else
    describe('behind HAProxy', () =>
      test.skipIf(process.env['CI'] !== 'true')(`not run: ${why}`, () => expect.unreachable(why)))
}

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
    env,
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
