// A PgBouncer in transaction mode before a database, for tests. The program is the machine's own (program.ts).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './embedded-postgres.ts'
import { programEnv, withProgram } from './program.ts'

/** The suite where pgbouncer is installed. */
export const withPgBouncer = (suite: () => void): void =>
  withProgram('behind PgBouncer', ['pgbouncer', '--version'], suite)

export interface TestPgBouncer {
  /** The database's URL by way of PgBouncer. */
  readonly url: string
  /** All that it has logged. */
  readonly log: () => string
  readonly close: () => Promise<void>
}

/** Starts it before the database of the URL. */
export async function openPgBouncer(target: string, poolSize: number): Promise<TestPgBouncer> {
  const url = new URL(target)
  const { hostname, port: serverPort, username, password } = url
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'bifrons-pgbouncer-'))
  chmodSync(folder, 0o777) // PgBouncer does not run as root
  const file = (name: string): string => join(folder, name)
  writeFileSync(file('users.txt'), `"${username}" "${password}"\n`)
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: file('users.txt'),
    pool_mode: 'transaction',
    default_pool_size: poolSize,
    max_client_conn: 200,
    ignore_startup_parameters: 'extra_float_digits',
    logfile: file('log'),
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
  writeFileSync(
    file('pgbouncer.ini'),
    `[databases]\n* = host=${hostname} port=${serverPort}\n[pgbouncer]\n${lines.join('')}`,
  )
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const child = spawn('pgbouncer', ['-q', ...user, file('pgbouncer.ini')], {
    env: programEnv,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const gone = once(child, 'exit')
  url.port = String(port)
  const close = async (): Promise<void> => {
    child.kill('SIGKILL')
    await gone
    rmSync(folder, { recursive: true, force: true })
  }
  const isUp = await Promise.race([untilUp(port), gone.then(() => false)])
  const log = (): string => readFileSync(file('log'), 'utf8')
  if (!isUp) {
    const said = log()
    await close()
    throw new Error(`pgbouncer did not start.\n${said}`)
  }
  return { url: url.href, log, close }
}

/** Whether it listens within ten seconds. */
async function untilUp(port: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = connect(port, '127.0.0.1')
    const isConnected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (isConnected) return true
    await sleep(100)
  }
  return false
}
