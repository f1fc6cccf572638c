// Migrations: the gateway's own, then the team's, each in a transaction of its own; instances that start together take turns.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readMigrationFiles, type MigrationMeta } from 'drizzle-orm/migrator'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/pg-core'
import { Problem } from '../../errors.ts'
import type { Database, Session, Transaction } from '../database.ts'
import { serverErrorOf } from '../sqlstate.ts'

export interface MigrateOptions {
  /** The team's folder of migrations as drizzle-kit writes it (a folder with migration.sql for each); none when absent. */
  readonly folder?: string
}

/** A folder of migrations and where its books are kept, in drizzle-orm's own format, so that its tools can read them. */
interface Source {
  readonly folder: string
  readonly prefix: string
  readonly schema: string
  readonly table: string
}

/** The same depth below the package from src/db/store/ and from dist/db/store/. */
const OWN: Source = {
  folder: fileURLToPath(new URL('../../../drizzle', import.meta.url)),
  prefix: 'bifrons/',
  schema: 'bifrons',
  table: '__migrations',
}

const toTeams = (folder: string): Source => ({
  folder,
  prefix: '',
  schema: 'drizzle',
  table: '__drizzle_migrations',
})

/** A number that no other program locks: these are the letters "bifrons". */
const LOCK = '27701034457886323'
/** Milliseconds a migration waits for a table that others use: longer would stop everyone in line after it. */
const LOCK_TIMEOUT = 10_000

/**
 * Applies what is pending, in the order of the folders' names, and gives the names of what it applied (`bifrons/…` for
 * the gateway's own). Safe to call from several processes at once. Throws a Problem that names the migration that failed;
 * those before it stay applied.
 */
export async function migrateDatabase(
  database: Database,
  options: MigrateOptions = {},
): Promise<readonly string[]> {
  const applied: string[] = []
  for (const { source, files } of readSources(options)) {
    for (
      let name = await applyNext(database, source, files);
      name !== null;
      name = await applyNext(database, source, files)
    ) {
      applied.push(name)
    }
  }
  return applied
}

/** The names of what `migrateDatabase` would apply now. */
export async function pendingMigrations(
  database: Database,
  options: MigrateOptions = {},
): Promise<readonly string[]> {
  const pending: string[] = []
  for (const { source, files } of readSources(options)) {
    for (const { name } of await readPending(database, source, files))
      pending.push(source.prefix + name)
  }
  return pending
}

interface Migrations {
  readonly source: Source
  readonly files: readonly MigrationMeta[]
}

function readSources({ folder }: MigrateOptions): readonly Migrations[] {
  const sources = folder === undefined ? [OWN] : [OWN, toTeams(folder)]
  return sources.map((source) => ({ source, files: readFiles(source.folder) }))
}

function readFiles(folder: string): readonly MigrationMeta[] {
  if (!existsSync(folder))
    throw new Problem('INTERNAL', `There is no folder of migrations at ${folder}.`)
  try {
    return readMigrationFiles({ migrationsFolder: folder })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Problem('INTERNAL', `The migrations in ${folder} cannot be read: ${why}`, {
      cause: error,
    })
  }
}

async function readPending(
  session: Session,
  source: Source,
  files: readonly MigrationMeta[],
): Promise<readonly MigrationMeta[]> {
  const books = `${source.schema}.${source.table}`
  const { rows: columns } = await session.query({
    text: 'select attname from pg_attribute where attrelid = to_regclass($1) and attnum > 0',
    values: [books],
  })
  if (columns.length === 0) return files
  if (!columns.some(([column]) => column === 'name')) {
    throw new Problem(
      'INTERNAL',
      `The table ${books} is of a drizzle-orm before 1.0: run "npx drizzle-kit migrate" once, which converts it.`,
    )
  }
  const { rows } = await session.query({ text: `select name from ${books}`, values: [] })
  const names = new Set(rows.map(([name]) => name))
  return files.filter(({ name }) => !names.has(name))
}

/** The first pending migration, looked for and applied under the lock; its name, or null when nothing is pending. */
async function applyNext(
  database: Database,
  source: Source,
  files: readonly MigrationMeta[],
): Promise<string | null> {
  return database.transaction(
    async (tx) => {
      // Waits as long as another instance migrates. An xact lock goes with the transaction, behind poolers too.
      await tx.query({ text: 'set local lock_timeout = 0', values: [] })
      await tx.query({ text: 'select pg_advisory_xact_lock($1)', values: [LOCK] })
      await tx.query({ text: `set local lock_timeout = ${LOCK_TIMEOUT}`, values: [] })
      const [next] = await readPending(tx, source, files)
      if (next === undefined) return null
      await apply(tx, source, next)
      return source.prefix + next.name
    },
    { statementTimeout: 0 },
  )
}

async function apply(tx: Transaction, source: Source, migration: MigrationMeta): Promise<void> {
  try {
    // Drizzle's migrator, one migration at a time; on a transaction's handle its own transaction is a savepoint.
    const books = {
      migrationsFolder: source.folder,
      migrationsSchema: source.schema,
      migrationsTable: source.table,
    }
    await migrate([migration], tx.drizzle as NodePgDatabase, books)
  } catch (error) {
    throw toMigrationProblem(source.prefix + migration.name, error)
  }
}

/** What to do about the errors that are about transactions and not about the migration. */
const ADVICE: Readonly<Record<string, string>> = {
  '25001':
    'Migrations run in a transaction, and it holds a statement that cannot: take that out, and run it by hand.',
  '55P04': 'It uses an enum value that it adds itself: move the use to a migration of its own.',
  '55P03': 'Another session holds a lock on the table: try again, when less is going on.',
}

/** For the operator: PostgreSQL's sentence, which may quote the migration, and what can be done. */
function toMigrationProblem(name: string, error: unknown): Problem {
  const server = serverErrorOf(error)
  const why = server?.message ?? (error instanceof Error ? error.message : String(error))
  const advice = ADVICE[server?.code ?? ''] ?? ''
  return new Problem('INTERNAL', `The migration ${name} failed: ${why}. ${advice}`.trim(), {
    cause: error,
  })
}
