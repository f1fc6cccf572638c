// `bifrons doctor`: one line for each thing that a gateway needs, ok or what is wrong with it.
import type { Command } from 'commander'
import { findDrift, findTableDrift } from '../../db/catalog/drift.ts'
import type { Database } from '../../db/database.ts'
import { openDatabase } from '../../db/open.ts'
import { pendingMigrations } from '../../db/store/migrate.ts'
import { apiKeysTable, auditTable, idempotency } from '../../db/store/own-tables.ts'
import { toDatabaseOptions } from '../../server/config/database-options.ts'
import { buildGatewayModel } from '../../server/gateway-model.ts'
import { CliError } from '../cli-error.ts'
import { describeDatabase, modeOfCommands, readGatewayConfig } from '../gateway-database.ts'
import { type LoadedGateway, loadGateway } from '../load-gateway.ts'
import { count, print } from '../terminal.ts'
import { defined } from '../../defined.ts'

export function define(command: Command): void {
  command
    .argument(
      '[gateway]',
      "the gateway's file or folder (default: gateway.ts here, in src/ or in app/)",
    )
    .addHelpText(
      'after',
      '\nIt changes nothing. Exit codes: 0 all is well, 1 something is wrong, 2 wrong usage.',
    )
    .action(examine)
}

async function examine(given: string | undefined): Promise<void> {
  const loaded = await loadGateway(given)
  const model = buildGatewayModel(loaded.gateway)
  const findings = openFindings()
  const { look } = findings
  const config = await look('configuration', async () =>
    readGatewayConfig(loaded.gateway, modeOfCommands()),
  )
  const database =
    config === null
      ? null
      : await look(
          'connection',
          () => openDatabase(toDatabaseOptions(loaded.gateway, config, {})),
          () => describeDatabase(config.databaseUrl),
        )
  if (database === null) return findings.end()
  try {
    await look('server', () => versionOf(database), String)
    await look('migrations', () => refusePending(database, loaded))
    await look('tables', async () => refuseLines((await findDrift(database, model)).lines))
    const own = [apiKeysTable, idempotency, auditTable]
    await look('own tables', async () => refuseLines((await findTableDrift(database, own)).lines))
  } finally {
    await database.close()
  }
  findings.end()
}

function openFindings() {
  let wrong = 0
  return {
    /** Null where it has failed: then its line says why. `detail` is said behind ok. */
    async look<T>(
      what: string,
      work: () => Promise<T>,
      detail?: (found: T) => string,
    ): Promise<T | null> {
      try {
        const found = await work()
        print(`${what}: ok${detail === undefined ? '' : ` (${detail(found)})`}`)
        return found
      } catch (error) {
        wrong += 1
        const why = error instanceof Error ? error.message : String(error)
        const lines = why.split('\n').map((line) => line.trim())
        print(`${what}: ${lines.filter((line) => line !== '').join(' ')}`)
        return null
      }
    },
    end(): void {
      if (wrong > 0) throw new CliError(`${count(wrong, 'thing is', 'things are')} wrong.`)
    },
  }
}

async function versionOf(database: Database): Promise<string> {
  const { rows } = await database.query({
    text: `select current_setting('server_version')`,
    values: [],
  })
  return `PostgreSQL ${rows[0]?.[0]}`
}

async function refusePending(database: Database, { migrations }: LoadedGateway): Promise<void> {
  const pending = await pendingMigrations(database, defined({ folder: migrations }))
  if (pending.length > 0)
    throw new CliError(`${pending.join(', ')} pending. Apply them with "bifrons migrate".`)
}

function refuseLines(lines: readonly string[]): void {
  if (lines.length > 0) throw new CliError(lines.join(' '))
}
