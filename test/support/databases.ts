// A fresh database for a test, of either kind: PGlite in memory, or a new database on the run's PostgreSQL.
import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { afterAll, describe, inject, onTestFinished, TestRunner } from 'vitest'
import type { Database, DatabaseOptions } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open.ts'

export type DatabaseKind = Database['kind']

/**
 * Opens a fresh, empty database (or the one of `url`, again); it is closed after the test that opened it,
 * or after the suite when a hook did.
 * PGlite takes about half a second: open one per file in `beforeAll` where tests can share it.
 */
export type OpenFresh = (options?: Partial<DatabaseOptions>) => Promise<Database>

const DEFAULTS = {
  poolMax: 5,
  statementTimeout: 5000,
  lockTimeout: 2000,
  idleInTransactionTimeout: 10_000,
  connectTimeout: 2000,
} satisfies Partial<DatabaseOptions>

/** The suite, once for each kind of database. */
export function eachDatabase(suite: (kind: DatabaseKind, open: OpenFresh) => void): void {
  onDatabase('pglite', (open) => suite('pglite', open))
  onDatabase('postgres', (open) => suite('postgres', open))
}

/** Where a database is made: on the run's PostgreSQL, or on the server of EXTENSIONS_URL (extensions.ts). */
export type DatabasePlace = DatabaseKind | 'server'

/** A suite for one kind of database only. */
export function onDatabase(kind: DatabasePlace, suite: (open: OpenFresh) => void): void {
  describe(`on ${kind}`, () => {
    const cleanups: (() => Promise<void>)[] = []
    afterAll(async () => {
      for (const cleanUp of cleanups) await cleanUp()
    })
    const onOver = (cleanUp: () => Promise<void>): void => {
      if (TestRunner.getCurrentTest() === undefined) cleanups.push(cleanUp)
      else onTestFinished(cleanUp)
    }
    suite(async (options = {}) => {
      const { url, drop } =
        options.url === undefined ? await createDatabase(kind) : { url: options.url, drop: nothing }
      const database = await openDatabase({
        ...DEFAULTS,
        snapshot: inject('pgliteSnapshot'),
        ...options,
        url,
      })
      onOver(async () => {
        await database.close()
        await drop()
      })
      return database
    })
  })
}

const nothing = (): Promise<void> => Promise.resolve()

/** Where a fresh, empty database of that kind is, and how to remove it again. */
export async function createDatabase(
  kind: DatabasePlace,
): Promise<{ url: string; drop: () => Promise<void> }> {
  if (kind === 'pglite') return { url: 'pglite:memory', drop: nothing }
  const name = `test_${randomBytes(6).toString('hex')}`
  const server = kind === 'server' ? process.env['EXTENSIONS_URL'] : inject('postgresUrl')
  await administer(
    `CREATE DATABASE ${name}${kind === 'server' ? ` TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'` : ''}`,
    server,
  )
  const url = new URL(server ?? '')
  url.pathname = name
  return { url: url.href, drop: () => administer(`DROP DATABASE ${name} WITH (FORCE)`, server) }
}

/** Runs one statement as the run's superuser, in its database `postgres` or in another. */
export async function administer(statement: string, url = inject('postgresUrl')): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
