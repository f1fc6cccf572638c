// `bifrons dev`: the server on this machine: migrated, seeded, and started anew after every change of the project.
import { type Command, InvalidArgumentError } from 'commander'
import type { Database } from '../../db/database.ts'
import { migrateDatabase } from '../../db/store/migrate.ts'
import type { AnyGateway } from '../../server/gateway.ts'
import { buildGatewayModel } from '../../server/gateway-model.ts'
import { runProcess, type RunningServer, startServer } from '../../server/lifecycle.ts'
import { openGateway } from '../../server/open-gateway.ts'
import { describeDatabase, openGatewayDatabase, readGatewayConfig } from '../gateway-database.ts'
import { findGateway, findProjectFolder, type LoadedGateway, loadGateway } from '../load-gateway.ts'
import { seedIfEmpty } from '../seed.ts'
import { supervise } from '../dev/supervise.ts'
import { count, during, exitWith, print, say } from '../terminal.ts'
import type { ListenOptions } from './start.ts'
import { defined } from '../../defined.ts'

interface DevOptions extends ListenOptions {
  readonly seed: boolean
  readonly scale: number
  readonly reload: boolean
}

export function define(command: Command): void {
  command
    .argument(
      '[gateway]',
      "the gateway's file or folder (default: gateway.ts here, in src/ or in app/)",
    )
    .option('--port <number>', 'the port, over PORT (default: 3000)')
    .option('--host <address>', 'the address, over HOST (default: 127.0.0.1)')
    .option('--scale <number>', 'how much data the seed writes', toScale, 1)
    .option('--no-seed', 'leave an empty database empty')
    .option('--no-reload', "do not watch the project's files")
    .addHelpText(
      'after',
      `
Without DATABASE_URL the database is the embedded one, in .bifrons/db. Remove that folder to begin anew.
The project's .env is read; the environment wins over it.`,
    )
    .action(dev)
}

function toScale(text: string): number {
  const scale = Number(text)
  if (!Number.isInteger(scale) || scale < 1)
    throw new InvalidArgumentError('It is a whole number from 1.')
  return scale
}

async function dev(given: string | undefined, options: DevOptions): Promise<void> {
  const file = options.reload ? findGateway(given) : null
  if (file !== null)
    return supervise([...process.argv.slice(2), '--no-reload'], findProjectFolder(file))
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM')) // the process that watches is gone
  return runProcess(() => start(given, options).catch(exitWith), say)
}

async function start(given: string | undefined, options: DevOptions): Promise<RunningServer> {
  const loaded = await loadGateway(given)
  const { gateway } = loaded
  const { notes } = buildGatewayModel(gateway) // its mistakes come out before anything else is looked at
  const config = readGatewayConfig(gateway, 'development', {
    PORT: options.port,
    HOST: options.host,
  })
  const database = await openGatewayDatabase(gateway, config)
  try {
    await prepare(database, loaded, options)
    const opened = await openGateway(gateway, config, { database })
    await opened.drift.look()
    const running = await startServer(opened)
    tell(gateway, running.url, config)
    if (notes.length > 0)
      print(
        `\n  ${count(notes.length, 'thing')} declared and not served: "bifrons check" says what.`,
      )
    return running
  } catch (error) {
    await database.close()
    throw error
  }
}

async function prepare(
  database: Database,
  { gateway, migrations }: LoadedGateway,
  { seed, scale }: DevOptions,
): Promise<void> {
  const applied = await during('Migrating', () =>
    migrateDatabase(database, defined({ folder: migrations })),
  )
  for (const name of applied) say(`applied ${name}`)
  if (seed) await seedIfEmpty(gateway, database, scale)
}

function tell(
  gateway: AnyGateway,
  url: string,
  config: { readonly databaseUrl: string; readonly graphiql: boolean; readonly docs: boolean },
): void {
  const places: readonly (readonly [string, string])[] = [
    ...(config.graphiql ? [['GraphiQL', `${url}/graphiql`] as const] : []),
    ...(config.docs ? [['REST reference', `${url}/docs`] as const] : []),
    ['GraphQL', `${url}/graphql`],
    ['REST', `${url}${gateway.apiPrefix ?? '/api'}`],
    ['Health', `${url}/healthz`],
    ['Database', describeDatabase(config.databaseUrl)],
  ]
  print(
    `\n${gateway.name} runs at ${url}\n\n${places.map(([name, place]) => `  ${name.padEnd(16)}${place}`).join('\n')}`,
  )
}
