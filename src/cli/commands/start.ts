// `bifrons start`: the server in production. It changes nothing in the database; SIGTERM stops it without losing what is in flight.
import type { Command } from 'commander'
import { isLate } from '../../db/connect/late.ts'
import type { Database } from '../../db/database.ts'
import { pendingMigrations } from '../../db/store/migrate.ts'
import type { Config } from '../../server/config/config.ts'
import { buildGatewayModel } from '../../server/gateway-model.ts'
import { runProcess, type RunningServer, startServer } from '../../server/lifecycle.ts'
import { hasMetrics } from '../../server/observe/serve-metrics.ts'
import { toWorkerConfig } from '../../server/config/worker-config.ts'
import { CliError } from '../cli-error.ts'
import { readGatewayConfig, withDatabase } from '../gateway-database.ts'
import { type LoadedGateway, loadGateway } from '../load-gateway.ts'
import { exitWith, say } from '../terminal.ts'
import { endUnfit, isWorker, obeyPrimary, startWorkers } from '../workers.ts'
import { defined } from '../../defined.ts'

export interface ListenOptions {
  readonly port?: string
  readonly host?: string
}

interface StartOptions extends ListenOptions {
  readonly workers?: string
}

export function define(command: Command): void {
  command
    .argument(
      '[gateway]',
      "the gateway's file or folder (default: gateway.ts here, in src/ or in app/)",
    )
    .option('--port <number>', 'the port, over PORT')
    .option('--host <address>', 'the address, over HOST')
    .option(
      '--workers <number>',
      'how many processes share the port, over WORKERS; "auto" for one a core (default: 1)',
    )
    .addHelpText(
      'after',
      `
DATABASE_URL is required. GraphiQL, the REST reference and introspection are off unless GRAPHIQL, DOCS, INTROSPECTION say true.
SIGTERM: /readyz fails at once, the listener stays for SHUTDOWN_GRACE, what is in flight ends, then the process does.
A database that cannot be reached yet is waited for; meanwhile /healthz is 200 and /readyz 503.
Workers share DATABASE_POOL_MAX, RATE_LIMIT_MAX and COST_BUDGET out among them. One that dies is replaced; SIGTERM to the first process stops all.`,
    )
    .action((given: string | undefined, options: StartOptions) =>
      runProcess(() => start(given, options).catch(exitWith), say),
    )
}

async function start(
  given: string | undefined,
  { port, host, workers }: StartOptions,
): Promise<RunningServer> {
  const loaded = await loadGateway(given)
  if (!isWorker()) buildGatewayModel(loaded.gateway) // its mistakes come out once, before a database is touched
  const config = readGatewayConfig(loaded.gateway, 'production', {
    PORT: port,
    HOST: host,
    WORKERS: workers,
  })
  const refuse = (database: Database): Promise<void> => refusePending(database, loaded)
  if (config.workers === 1) return serve(loaded, config, { check: refuse })
  if (!isWorker()) return startAll(loaded, config)
  const running = await serve(loaded, toWorkerConfig(config), {
    check: async () => {},
    lateCheck: refuse,
    onLateFault: endUnfit,
  })
  return obeyPrimary(running, exitWith)
}

interface Serving {
  /** What must hold of the database before it is served. */
  readonly check: (database: Database) => Promise<void>
  /** The same of a database that was not there at the start. */
  readonly lateCheck?: (database: Database) => Promise<void>
  readonly onLateFault?: (error: unknown) => never
}

async function serve(
  { gateway }: LoadedGateway,
  config: Config,
  { check, lateCheck = check, onLateFault = exitWith }: Serving,
): Promise<RunningServer> {
  const { openGateway } = await import('../../server/open-gateway.ts') // the first of several processes does without
  const opened = await openGateway(gateway, config, { onNotice: say, onWait: say })
  const { app, database, state, drift, arriving } = opened
  if (arriving !== null) {
    arriving
      .then(() => lateCheck(database))
      .then(drift.look)
      .then(() => {
        state.waiting = false
        say('The database is there.')
      }, onLateFault)
    return startServer(opened)
  }
  try {
    await check(database)
    await drift.look()
  } catch (error) {
    await app.close()
    await database.close()
    throw error
  }
  return startServer(opened)
}

async function refusePending(database: Database, { migrations }: LoadedGateway): Promise<void> {
  const pending = await pendingMigrations(database, defined({ folder: migrations }))
  if (pending.length > 0)
    throw new CliError(
      `Migrations are pending: ${pending.join(', ')}. Apply them with "bifrons migrate", then start.`,
    )
}

async function startAll(loaded: LoadedGateway, config: Config): Promise<RunningServer> {
  await withDatabase(loaded.gateway, { ...config, databasePoolMax: 1 }, (database) =>
    refusePending(database, loaded),
  ).catch((error: unknown) => {
    if (!isLate(error)) throw error // else each worker waits for it
  })
  if (hasMetrics(config))
    (await import('../../server/observe/worker-metrics.ts')).collectForWorkers()
  const running = await startWorkers(config.workers)
  const { databasePoolMax, rateLimitMax, costBudget } = toWorkerConfig(config)
  const grants = [
    rateLimitMax !== config.rateLimitMax &&
      `${rateLimitMax} of a caller's ${config.rateLimitMax} requests`,
    costBudget !== config.costBudget && `${costBudget} of a caller's ${config.costBudget} points`,
  ].filter((grant) => grant !== false)
  const granted = grants.length === 0 ? '' : `, and grants ${grants.join(' and ')}`
  say(
    `${config.workers} workers listen at ${running.url} (${running.pids.join(', ')}). Each has ${databasePoolMax} of ${config.databasePoolMax} connections${granted}.`,
  )
  return running
}
