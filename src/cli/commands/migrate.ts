// `bifrons migrate`: brings the database to where the gateway and its team's migrations want it.
import type { Command } from 'commander'
import { migrateDatabase, pendingMigrations } from '../../db/store/migrate.ts'
import {
  describeDatabase,
  modeOfCommands,
  readGatewayConfig,
  withDatabase,
} from '../gateway-database.ts'
import { loadGateway } from '../load-gateway.ts'
import { count, during, print, say } from '../terminal.ts'
import { defined } from '../../defined.ts'

export function define(command: Command): void {
  command
    .argument(
      '[gateway]',
      "the gateway's file or folder (default: gateway.ts here, in src/ or in app/)",
    )
    .option('--status', 'list what is pending and change nothing')
    .addHelpText(
      'after',
      `
The database is the configured one (DATABASE_URL). Several instances may run this at once: they take turns.
Migrations are written with "drizzle-kit generate".`,
    )
    .action(migrate)
}

async function migrate(
  given: string | undefined,
  options: { readonly status?: true },
): Promise<void> {
  const { gateway, migrations } = await loadGateway(given)
  const config = readGatewayConfig(gateway, modeOfCommands())
  const where = defined({ folder: migrations })
  say(`Database: ${describeDatabase(config.databaseUrl)}`)
  await withDatabase(gateway, config, async (database) => {
    const isStatus = options.status === true
    const names = await during('Migrating', () =>
      isStatus ? pendingMigrations(database, where) : migrateDatabase(database, where),
    )
    for (const name of names) print(`${isStatus ? 'pending' : 'applied'} ${name}`)
    if (names.length === 0) print('Nothing to apply: the database is up to date.')
    else say(`${count(names.length, 'migration')} ${isStatus ? 'pending' : 'applied'}.`)
  })
}
