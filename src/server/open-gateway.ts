// From a declaration and a configuration to a server that is ready to listen: the one place where everything meets.
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import type { Database, DatabaseOptions } from '../db/database.ts'
import { getTableConfig } from '../db/drizzle/drizzle-parts.ts'
import { type ComingDatabase, openDatabase, openDatabaseOrWait } from '../db/open.ts'
import { findVersionFaults } from '../db/catalog/version-support.ts'
import { findAuditFaults } from '../db/catalog/audit-faults.ts'
import { type Engine, openEngine, equip } from '../engine/engine.ts'
import { graphqlPlugin } from '../graphql/plugin.ts'
import { restPlugin } from '../rest/plugin.ts'
import type { ListedDocuments } from '../graphql/document/listed-documents.ts'
import type { OutdatedDocument } from '../graphql/document/prepare-listed.ts'
import { ModelError } from '../schema/declare/model-error.ts'
import type { Model } from '../schema/model/model.ts'
import { buildServer, type Mount } from './build-server.ts'
import type { Config } from './config/config.ts'
import { toDatabaseOptions } from './config/database-options.ts'
import { readDocumentFiles } from './config/document-files.ts'
import type { AnyGateway } from './gateway.ts'
import { buildGatewayModel } from './gateway-model.ts'
import { type DriftWatch, openDriftWatch } from './drift.ts'
import type { ServerState } from './pages/health.ts'
import type { HomeLink } from './pages/home.ts'
import type { Face } from './observe/metrics.ts'
import type { MetricsPage } from './observe/serve-metrics.ts'
import { type Observation, openObservation } from './observe/observation.ts'
import { noteBill } from './log/request-line.ts'
import { type LogStream, reportProblem } from './log/log.ts'
import { version } from './version.ts'
import { defined } from '../defined.ts'

/** Everything of one gateway that runs; `startServer` makes it listen. */
export interface OpenGateway {
  readonly app: FastifyInstance
  readonly engine: Engine
  readonly database: Database
  readonly config: Config
  readonly state: ServerState
  /** Null where no one may ask for metrics. */
  readonly metrics: MetricsPage | null
  /** To be asked once migrations are known to be applied; probes ask later. */
  readonly drift: DriftWatch
  /** Resolves when a database that was not there at the start is, and fits; rejects as `openGateway` does. Null where it is there. */
  readonly arriving: Promise<void> | null
}

export interface OpenOptions {
  /** An open database, for tests and commands that have one; the gateway then does not close it on a failed start. */
  readonly database?: Database
  readonly logStream?: LogStream
  readonly onNotice?: (message: string) => void
  /** Is given every document of the clients' lists that the schema does not allow; else the log is. */
  readonly onOutdated?: (document: OutdatedDocument) => void
  /** Waits for a database that cannot be reached yet; called before each attempt, with a sentence for the operator. */
  readonly onWait?: (line: string) => void
}

/**
 * Builds the model, opens the database, builds the server with both faces.
 * @throws ModelError, ConfigurationError or Problem; then nothing is left open
 */
export async function openGateway(
  declaration: AnyGateway,
  config: Config,
  options: OpenOptions = {},
): Promise<OpenGateway> {
  const model = buildGatewayModel(declaration)
  const listed = readDocumentFiles(config)
  const databaseErrors = openErrorLog()
  const observation = await openObservation(config)
  const { onNotice, onWait } = options
  const { onError } = databaseErrors
  const toOpen = toDatabaseOptions(declaration, config, defined({ onError, onNotice }))
  const { database: opened, arriving } =
    options.database === undefined
      ? await openOrWait(toOpen, onWait)
      : { database: options.database, arriving: null }
  const database = observation.watchDatabase(opened)
  const check = (): Promise<void> => checkDatabase(database, model)
  try {
    if (arriving === null) await check()
    const engine = openEngine({
      model,
      database,
      hideNames: !config.introspection,
      cacheBytes: config.cacheMemory,
      exports: { perAccount: config.exportsPerCaller },
      ...defined({ limits: declaration.limits }),
    })
    const state: ServerState = { stopping: false, waiting: arriving !== null }
    const app = await buildServer({
      config,
      observation,
      database,
      state,
      authenticators: declaration.auth,
      callerSchema: model.vocabulary.caller,
      mounts: mountsOf({ declaration, config, engine, observation, listed, ...options }),
      home: { name: model.name, version, links: linksOf(config, prefixOf(declaration)) },
      ...defined({ logStream: options.logStream }),
    })
    databaseErrors.attach(app.log)
    const drift = (state.drift = openDriftWatch(database, model, () => app.log))
    observation.watchEngine(engine)
    const opening = { metrics: observation.metrics, arriving: arriving?.then(check) ?? null }
    return { app, engine, database, config, state, drift, ...opening }
  } catch (error) {
    if (options.database === undefined) await database.close()
    throw error
  }
}

const openOrWait = async (
  options: DatabaseOptions,
  onWait: OpenOptions['onWait'],
): Promise<ComingDatabase> =>
  onWait === undefined
    ? { database: await openDatabase(options), arriving: null }
    : openDatabaseOrWait(options, onWait)

/** @throws ModelError with what is declared and the database does not allow */
async function checkDatabase(database: Database, model: Model): Promise<void> {
  const faults = [
    ...(await findVersionFaults(database, model)),
    ...(await findAuditFaults(database, model)),
  ]
  if (faults.length > 0) throw new ModelError(faults)
}

/** Errors of the database that no request waits for, such as the death of an idle session. The log opens after the database. */
function openErrorLog() {
  let log: Pick<FastifyBaseLogger, 'error'> | undefined
  return {
    onError: (error: unknown): void =>
      log?.error({ err: error }, 'the database failed outside of requests'),
    attach(opened: Pick<FastifyBaseLogger, 'error'>): void {
      log = opened
    },
  }
}

interface Mounting {
  readonly declaration: AnyGateway
  readonly config: Config
  readonly engine: Engine
}

interface MountingAll extends MountingGraphql {
  readonly observation: Observation
}

/** Both faces, each over an engine that tells what it does on that face. */
function mountsOf({ observation, ...mounting }: MountingAll): readonly Mount[] {
  const of = (face: Face, { budget }: FastifyInstance): Engine =>
    equip(mounting.engine, {
      observe: observation.observerOf(face),
      budget: budget.limit === 0 ? null : budget,
    })
  return [
    (scope) => mountGraphql(scope, { ...mounting, engine: of('graphql', scope) }),
    onRoot((scope) => mountRest(scope, { ...mounting, engine: of('rest', scope) })),
  ]
}

interface MountingGraphql extends Mounting, Pick<OpenOptions, 'onOutdated'> {
  readonly listed: ListedDocuments
}

/** One client's old list must not keep the others from being served. */
const logOutdated =
  (log: FastifyBaseLogger) =>
  ({ id, file, faults }: OutdatedDocument): void =>
    log.warn({ id, file, faults }, 'a listed document does not fit the schema')

/** No scope of its own: `app.swagger()` is then there for whoever has the server (Fastify's plugin guide, skip-override). */
const onRoot = (mount: Mount): Mount =>
  Object.assign(mount, { [Symbol.for('skip-override')]: true })

const prefixOf = ({ apiPrefix }: AnyGateway): string => apiPrefix ?? '/api'

const contextOf = (request: FastifyRequest) => ({
  caller: request.caller,
  account: request.account,
  signal: request.work.signal,
  requestId: request.id,
})

function mountGraphql(
  scope: FastifyInstance,
  { declaration, config, engine, listed, onOutdated }: MountingGraphql,
): Promise<void> {
  return graphqlPlugin(scope, {
    engine,
    listed,
    onOutdated: onOutdated ?? logOutdated(scope.log),
    contextOf,
    introspection: config.introspection,
    drizzle: { client: engine.database.drizzle, getTableConfig, relations: declaration.relations },
    extension: declaration.graphql,
    onOperation: (request, name) => {
      request.facts.operation = name
    },
    onProblem: reportProblem,
    onBill: noteBill,
  })
}

function mountRest(
  scope: FastifyInstance,
  { declaration, config, engine }: Mounting,
): Promise<void> {
  return restPlugin(scope, {
    engine,
    contextOf,
    onProblem: reportProblem,
    onBill: noteBill,
    onExport: (request) => request.work.prolong(config.exportTimeout),
    prefix: prefixOf(declaration),
    docs: config.docs,
    extension: declaration.rest,
  })
}

function linksOf(config: Config, prefix: string): readonly HomeLink[] {
  const links = [
    { title: 'GraphQL', href: '/graphql', description: 'The GraphQL endpoint.', on: true },
    {
      title: 'REST',
      href: prefix,
      description: 'The REST API; every resource has a path under it.',
      on: config.docs,
    },
    {
      title: 'GraphiQL',
      href: '/graphiql',
      description: 'Write GraphQL in the browser, with the schema at hand.',
      on: config.graphiql,
    },
    {
      title: 'REST reference',
      href: '/docs',
      description: 'Every route, its parameters and answers; try them out.',
      on: config.docs,
    },
    {
      title: 'OpenAPI',
      href: '/openapi.json',
      description: 'The REST API as an OpenAPI 3.1 document.',
      on: config.docs,
    },
    {
      title: 'GraphQL schema',
      href: '/schema.graphql',
      description: 'The GraphQL schema as SDL.',
      on: config.introspection,
    },
    {
      title: 'Health',
      href: '/healthz',
      description: 'Whether the process is up; /readyz, whether it can serve.',
      on: true,
    },
  ]
  return links
    .filter(({ on }) => on)
    .map(({ title, href, description }) => ({ title, href, description }))
}
