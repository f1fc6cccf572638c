// Lifecycle: start, and stop without losing what is in flight.
import type { FastifyInstance } from 'fastify'
import { setTimeout as delay } from 'node:timers/promises'
import { keepBeating, openAdmin } from './admin/admin.ts'
import { openPages } from './admin/pages.ts'
import type { Database } from '../db/database.ts'
import type { Config } from './config/config.ts'
import { listen, type Listening } from './http/listen.ts'
import type { MetricsPage } from './observe/serve-metrics.ts'
import type { ServerState } from './pages/health.ts'

/** A server that listens. */
export interface RunningServer {
  readonly url: string
  /** Of the admin port, where there is one. */
  readonly adminUrl?: string
  /** Readiness fails at once, the listener stays for the grace, what is in flight ends, the database closes. */
  stop(): Promise<void>
}

/** A start that failed for a reason its reader can do something about; the message says it. */
class StartError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause })
    this.name = 'StartError'
  }
}

export interface ServerToStart {
  readonly app: FastifyInstance
  readonly config: Config
  readonly database: Pick<Database, 'close'>
  readonly state: ServerState
  /** For the admin port; absent where there are none. */
  readonly metrics?: MetricsPage | null
}

/** Listens on the configured address. Throws StartError where the address cannot be had; then nothing is left open. */
export async function startServer(server: ServerToStart): Promise<RunningServer> {
  const { app, config, database } = server
  let admin: RunningAdmin | null = null
  try {
    admin = await startAdmin(server)
    const listening = await listen(app, config)
    let stopped: Promise<void> | undefined
    const stop = async (): Promise<void> => {
      await stopServer(server, listening)
      await admin?.close()
    }
    return {
      url: listening.url,
      ...(admin !== null && { adminUrl: admin.url }),
      stop: () => (stopped ??= stop()),
    }
  } catch (error) {
    await admin?.close()
    await app.close()
    await database.close()
    throw toStartError(error, config)
  }
}

interface RunningAdmin {
  readonly url: string
  close(): Promise<void>
}

/** The admin port answers for this process alone. */
async function startAdmin({
  app,
  config,
  state,
  metrics,
}: ServerToStart): Promise<RunningAdmin | null> {
  const { adminPort, adminHost: host } = config
  if (adminPort === undefined) return null
  const onError = (error: unknown): void => app.log.error({ err: error }, 'the admin port failed')
  const tellPage = openPages({ drift: state.drift, metrics })
  const options = { host, port: adminPort, processes: 1, tellPage, onError }
  const { heartbeat, port, close } = await openAdmin(options).catch((error: unknown) => {
    throw toStartError(error, options, 'ADMIN_')
  })
  const end = keepBeating((readiness) => heartbeat.beat(0, readiness), app.readiness)
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  app.log.info(`Admin port at ${url}`)
  return {
    url,
    close() {
      end()
      return close()
    },
  }
}

function toStartError(
  error: unknown,
  { host, port }: Pick<Config, 'host' | 'port'>,
  prefix = '',
): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EADDRINUSE':
      return new StartError(
        `Port ${port} on ${host} is in use. Stop what listens there, or set ${prefix}PORT to another (0 takes any free one).`,
        error,
      )
    case 'EACCES':
      return new StartError(
        `Port ${port} may not be opened by this user. Set ${prefix}PORT to one above 1023.`,
        error,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(
        `${host} is no address of this machine. Set ${prefix}HOST to one that is, or to 0.0.0.0 for all.`,
        error,
      )
    default:
      return error
  }
}

async function stopServer(
  { app, config, database, state }: ServerToStart,
  listening: Listening,
): Promise<void> {
  state.stopping = true
  app.log.info({ grace: config.shutdownGrace }, 'stopping')
  await delay(config.shutdownGrace)
  // no request outlives its timeout; a client that reads its answer too slowly must not hold the process
  const cut = setTimeout(() => app.server.closeAllConnections(), config.requestTimeout)
  await listening.close()
  clearTimeout(cut)
  await database.close()
  app.log.info('stopped')
}

/**
 * Runs one server as this process: starts it, stops it on SIGTERM or SIGINT and exits with 0. A second signal exits with 1
 * at once, and so does a failed start or stop, after `report` has been told why.
 */
export async function runProcess(
  start: () => Promise<RunningServer>,
  report: (message: string) => void,
): Promise<void> {
  const fail = (error: unknown): never => {
    report(error instanceof Error ? error.message : String(error))
    process.exit(1)
  }
  const starting = start()
  let signalled = false
  const onSignal = (): void => {
    if (signalled) process.exit(1)
    signalled = true
    starting.then((running) => running.stop()).then(() => process.exit(0), fail)
  }
  // before the start is over: a signal may come as soon as the log says that the server listens
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  await starting.catch(fail)
}
