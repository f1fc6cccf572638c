// A gateway that is built and never asked: for its documents and its mistakes, no database is needed.
import type { Database } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { readConfig } from '../server/config/config.ts'
import type { AnyGateway } from '../server/gateway.ts'
import { openGateway } from '../server/open-gateway.ts'

const refuse = (): Promise<never> =>
  Promise.reject(new Problem('UNAVAILABLE', 'This command has no database.'))

/** What a start asks is about tables that are there. */
const knowNothing: Database['query'] = () => Promise.resolve({ rows: [], rowCount: 0 })

/** The same whatever the environment says: what is printed on one machine must be what another one checks. */
const settings = {
  DATABASE_URL: 'pglite:memory',
  INTROSPECTION: 'true',
  DOCS: 'true',
  LOG_LEVEL: 'silent',
  RATE_LIMIT_MAX: '0',
  COST_BUDGET: '0',
}

/**
 * The bodies of the given paths as the gateway would serve them.
 * @throws ModelError and whatever else keeps a gateway from starting
 */
export async function readPaths(
  gateway: AnyGateway,
  paths: readonly string[],
): Promise<readonly string[]> {
  const database: Database = {
    kind: 'pglite',
    drizzle: {},
    read: refuse,
    write: refuse,
    query: knowNothing,
    transaction: refuse,
    openCursor: null,
    close: () => Promise.resolve(),
  }
  const { app } = await openGateway({ ...gateway, auth: [] }, readConfig(settings, 'development'), {
    database,
  })
  try {
    const answers = await Promise.all(paths.map((url) => app.inject({ url })))
    return answers.map(({ statusCode, body }, i) => {
      if (statusCode !== 200) throw new Error(`${paths[i]} answers ${statusCode}: ${body}`)
      return body
    })
  } finally {
    await app.close()
  }
}
