// A gateway for tests: the team's declaration over a throwaway database, migrated and seeded.
import { randomBytes } from 'node:crypto'
import type { Database } from '../db/database.ts'
import { migrateDatabase } from '../db/store/migrate.ts'
import { openDatabase } from '../db/open.ts'
import { readConfig } from '../server/config/config.ts'
import { jwt } from '../server/auth/jwt.ts'
import type { TestGateway } from '../parity/gateway.ts'
import type { AnyGateway } from '../server/gateway.ts'
import { toDatabaseOptions } from '../server/config/database-options.ts'
import { openGateway } from '../server/open-gateway.ts'
import { withTakenAway } from './taken-away.ts'
import { TEST_SECRET } from '../parity/generate/callers.ts'
import { openRewinding } from '../parity/rewindable-database.ts'

export interface TestGatewayOptions {
  /** An open database with the team's tables and rows. It gets the gateway's own tables, must have no other writer, and stays open. */
  readonly database?: Database
  /**
   * Without `database`: `pglite:memory` (the default), or `postgres://…` of a server, on which a new database is
   * made and dropped. The URL's own database is not changed.
   */
  readonly server?: string
  /** Copies the URL's database, in place of an empty one and the seed. It must have no connections. */
  readonly copy?: boolean
  /** The folder of migrations. */
  readonly migrations?: string
  /** How much data the declaration's seed writes: 1 by default, 0 for none. */
  readonly scale?: number
  readonly onProgress?: (line: string) => void
}

/**
 * Opens a gateway for tests: callers are tokens signed with a known secret, nothing is rate limited, nothing is logged.
 * @throws ModelError, ConfigurationError or Problem, after it has dropped what it made
 */
export async function openTestGateway(
  declared: AnyGateway,
  options: TestGatewayOptions = {},
): Promise<TestGateway> {
  const declaration = withTakenAway(declared)
  const made =
    options.database === undefined
      ? await makeDatabase(declaration, options)
      : await useDatabase(options.database)
  try {
    const database = openRewinding(made.database)
    const defects: string[] = []
    const gateway = await openGateway({ ...declaration, auth: [jwt()] }, configOf(declaration), {
      database,
      logStream: { write: (line) => defects.push(line) },
    })
    const close = async (): Promise<void> => {
      await gateway.app.close()
      await made.drop()
    }
    return {
      ...gateway,
      declaration,
      database,
      defects,
      close,
      prefix: declaration.apiPrefix ?? '/api',
    }
  } catch (error) {
    await made.drop()
    throw error
  }
}

/** The team's own settings, without its authentication, rate limit and budget. */
function configOf({ config = {} }: AnyGateway) {
  const { jwtJwksUrl: _keys, jwtIssuer: _issuer, jwtAudience: _audience, ...rest } = config
  return readConfig(
    {
      JWT_SECRET: TEST_SECRET,
      RATE_LIMIT_MAX: '0',
      COST_BUDGET: '0',
      LOG_LEVEL: 'error',
      DATABASE_URL: 'pglite:memory',
    },
    'development',
    rest,
  )
}

async function useDatabase(database: Database) {
  await migrateDatabase(database)
  return { database, drop: () => Promise.resolve() }
}

async function makeDatabase(declaration: AnyGateway, options: TestGatewayOptions) {
  const {
    server = 'pglite:memory',
    copy = false,
    migrations,
    scale = 1,
    onProgress: progress = () => {},
  } = options
  progress(copy ? 'Copying the database.' : 'Making a database.')
  const place = await makePlace(declaration, server, copy)
  const database = await openDatabase({
    ...toDatabaseOptions(declaration, configOf(declaration)),
    url: place.url,
  })
  const drop = async (): Promise<void> => {
    await database.close()
    await place.drop()
  }
  try {
    progress('Migrating.')
    await migrateDatabase(database, migrations === undefined ? {} : { folder: migrations })
    const { seed } = declaration
    if (seed !== undefined && scale > 0 && !copy) {
      progress('Seeding.')
      await database.transaction((tx) => seed(tx.drizzle as never, { scale, progress }), {
        statementTimeout: 0,
      }) // the declaration has typed it
    }
    await database.query({ text: 'analyze', values: [] })
    return { database, drop }
  } catch (error) {
    await drop()
    throw error
  }
}

/** The URL of the throwaway database, and how it is dropped. */
async function makePlace(declaration: AnyGateway, server: string, copy: boolean) {
  if (server.startsWith('pglite:')) return { url: 'pglite:memory', drop: () => Promise.resolve() }
  const name = `bifrons_test_${randomBytes(6).toString('hex')}`
  const administer = async (text: string): Promise<void> => {
    const database = await openDatabase({
      ...toDatabaseOptions(declaration, configOf(declaration)),
      url: copy ? at('postgres') : server,
      poolMax: 1,
      statementTimeout: 0,
    })
    try {
      await database.query({ text, values: [] })
    } finally {
      await database.close()
    }
  }
  const at = (other: string): string =>
    Object.assign(new URL(server), { pathname: `/${other}` }).href
  const original = decodeURIComponent(new URL(server).pathname.slice(1))
  await administer(
    `create database ${name}${copy ? ` template "${original.replaceAll('"', '""')}"` : ''}`,
  )
  return { url: at(name), drop: () => administer(`drop database ${name} with (force)`) }
}
