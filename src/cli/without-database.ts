// A gateway that is built and never asked: for its documents and its mistakes, no database is needed.
import type { Database } from '../db/database.ts'
import { Problem } from '../errors.ts'
import { type Config, readConfig } from '../server/config/config.ts'
import type { AnyGateway } from '../server/gateway.ts'
import { type OpenGateway, openGateway, type OpenOptions } from '../server/open-gateway.ts'

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

interface AskOptions extends Pick<OpenOptions, 'onOutdated'> {
  readonly config?: Partial<Config>
}

const toConfig = (more: Partial<Config>): Config => ({
  ...readConfig(settings, 'development'),
  ...more,
})

/**
 * The gateway, over a database that answers nothing: what a request would have done there is UNAVAILABLE.
 * @throws ModelError and whatever else keeps a gateway from starting
 */
export function openWithoutDatabase(
  gateway: AnyGateway,
  { config = {}, ...options }: AskOptions = {},
): Promise<OpenGateway> {
  const database: Database = {
    kind: 'pglite',
    drizzle: {},
    read: refuse,
    write: refuse,
    query: knowNothing,
    transaction: refuse,
    openCursor: null,
    probe: refuse,
    close: () => Promise.resolve(),
  }
  return openGateway(gateway, toConfig(config), { ...options, database })
}

/** The bodies of the given paths as the gateway would serve them. Throws what `openWithoutDatabase` does. */
export async function readPaths(
  gateway: AnyGateway,
  paths: readonly string[],
  options: AskOptions = {},
): Promise<readonly string[]> {
  const { app } = await openWithoutDatabase({ ...gateway, auth: [] }, options)
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
