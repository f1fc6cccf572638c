// The database of a gateway, for the commands that need it: by the same configuration as the server's.
import type { Database } from '../db/database.ts'
import { openDatabase } from '../db/open.ts'
import { type Config, type ConfigOverrides, readConfig } from '../server/config/config.ts'
import type { Mode } from '../server/config/variables.ts'
import type { AnyGateway } from '../server/gateway.ts'
import { toDatabaseOptions } from '../server/config/database-options.ts'
import { during, say } from './terminal.ts'

/** What operators' commands run as: the mode of the server beside them. */
export const modeOfCommands = (): Mode =>
  process.env['NODE_ENV'] === 'production' ? 'production' : 'development'

/** The configuration from the environment, over what the gateway sets; `flags` are over both. */
export function readGatewayConfig(
  gateway: { readonly config?: ConfigOverrides },
  mode: Mode,
  flags: Readonly<Record<string, string | undefined>> = {},
): Config {
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
  return readConfig({ ...process.env, ...given }, mode, gateway.config)
}

/** Opens the configured database; its notices are said, and its errors that nothing waits for. */
export function openGatewayDatabase(
  gateway: Pick<AnyGateway, 'relations'>,
  config: Config,
): Promise<Database> {
  return during(`Opening ${describeDatabase(config.databaseUrl)}`, () =>
    openDatabase(toDatabaseOptions(gateway, config, { onNotice: say, onError: sayError })),
  )
}

const sayError = (error: unknown): void =>
  say(`The database failed: ${error instanceof Error ? error.message : String(error)}.`)

/** Opens the configured database for the time of the work. */
export async function withDatabase<T>(
  gateway: Pick<AnyGateway, 'relations'>,
  config: Config,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openGatewayDatabase(gateway, config)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** Which database it is, without its password. */
export function describeDatabase(url: string): string {
  if (url === 'pglite:memory') return 'the embedded database in memory (it ends with this process)'
  if (url.startsWith('pglite:')) return `the embedded database in ${url.slice('pglite:'.length)}`
  const { hostname, port, pathname } = new URL(url)
  return `PostgreSQL, ${decodeURIComponent(pathname.slice(1)) || 'the default database'} on ${hostname || 'this machine'}${port === '' ? '' : `:${port}`}`
}
