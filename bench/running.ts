// Servers as processes: started on a free port, known to listen, and stopped with whatever ends the benchmark.
import { type ChildProcess, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../test/support/embedded-postgres.ts'
import { jwtSecret } from './requests.ts'
import { type ServerName, servers } from './servers.ts'

export interface RunningServer {
  readonly name: ServerName
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
}

interface StartOptions {
  readonly url: string
  readonly bifrons: readonly string[]
  /** Where each server's log goes. */
  readonly logs: string
  /** Over the settings of a deployed server; empty ones have their defaults. */
  readonly env?: Readonly<Record<string, string>>
}

/** Everything on, as deployed: the rate limit, the budget and the guard against overload let all of the load pass, while they count. */
const deployed = {
  LOG_LEVEL: 'info',
  RATE_LIMIT_MAX: '10000000',
  COST_BUDGET: '1000000000000',
  OVERLOAD_WAIT: '60000', // a machine that stands still for half a second is no overload
  JWT_SECRET: jwtSecret,
  HOST: '127.0.0.1',
  SHUTDOWN_GRACE: '0',
}

const running = new Set<ChildProcess>()
/** However the benchmark ends, its servers do not outlive it. */
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export async function startServer(
  name: ServerName,
  { url, bifrons, logs, env = {} }: StartOptions,
): Promise<RunningServer> {
  const port = await freePort()
  const { script } = servers[name]
  const app = join(dirname(bifrons.at(-1) ?? ''), '../app/gateway.ts') // the checkout's own: it imports that checkout's package
  const [command = '', ...args] =
    script === undefined ? [...bifrons, 'start', app] : [process.execPath, script]
  const log = join(logs, `${name}.log`)
  const file = openSync(log, 'w')
  const child = spawn(command, args, {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: url,
      PORT: String(port),
      ...deployed,
      ...env,
    },
    stdio: ['ignore', file, file],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const { pid } = child
  if (pid === undefined) throw new Error(`${name} did not start.`)
  const stop = () => end(child)
  try {
    await untilListening(child, port)
  } catch {
    await stop()
    throw new Error(`${name} did not start; see ${log}`)
  }
  return { name, pid, port, stop }
}

const isOver = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (isOver(child)) break
    if (await answers(port)) return
    await wait(100)
  }
  throw new Error('It does not listen.')
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

async function end(child: ChildProcess): Promise<void> {
  if (isOver(child)) return
  const ended = new Promise((resolve) => {
    child.once('exit', resolve)
  })
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 3000)
  await ended
  clearTimeout(late)
}
