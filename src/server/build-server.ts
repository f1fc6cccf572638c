// The composition root of one process: the ordered list of everything a request meets, and then the faces.
import { fastify, LogController } from 'fastify'
import type { FastifyInstance } from 'fastify'
import type { ZodType } from 'zod'
import type { Database } from '../db/database.ts'
import { admitCallers, openAuthenticators } from './auth/authenticate.ts'
import type { Authenticator } from './auth/authenticator.ts'
import { answerExpectations } from './http/expectations.ts'
import { buildClientErrorHandler, refuseConnect } from './http/parser-errors.ts'
import { reduceTargets } from './http/request-target.ts'
import type { Config } from './config/config.ts'
import { allowOrigins, refuseForeignPages } from './http/cors.ts'
import { setDeadlines } from './http/deadline.ts'
import { serveExplorers } from './pages/explorers.ts'
import { boundCallers } from './limits/caller-places.ts'
import { openLimits } from './limits/limits.ts'
import { shedOverload, watchLoad } from './limits/overload.ts'
import type { Observation } from './observe/observation.ts'
import { serveHealth } from './pages/health.ts'
import type { ServerState } from './pages/health.ts'
import { defined } from '../defined.ts'
import { serveHome } from './pages/home.ts'
import type { HomePage } from './pages/home.ts'
import { boundArrivingBodies } from './limits/arriving-bodies.ts'
import { acceptJsonOnly } from './http/body.ts'
import { reportProblem, toLoggerOptions } from './log/log.ts'
import type { LogStream } from './log/log.ts'
import { logRequests, logUnrouted } from './log/request-line.ts'
import { answerHead, collectRoutes } from './http/method-not-allowed.ts'
import {
  answerProblems,
  refuseUnknownAddresses,
  sendProblem,
  toRequestProblem,
} from './http/error-handler.ts'
import { MAX_HEAD_BYTES, refuseUnreadable } from './http/request-limits.ts'
import { buildForwarding } from './http/forwarding.ts'
import { buildRequestId } from './http/request-id.ts'
import { buildSecurityHeaders, setSecurityHeaders } from './http/security-headers.ts'
import type { SecurityHeaders } from './http/security-headers.ts'
import { varyByCaller } from './http/vary.ts'
import { buildTrust } from './config/trusted-proxies.ts'
import { boundConnections, boundPipelines } from './limits/connections.ts'

/** Adds routes to a scope of its own on the one instance; both faces, and later metrics and the WebSocket, are such. */
export type Mount = (scope: FastifyInstance) => Promise<void>

export interface ServerParts {
  readonly config: Config
  readonly database: Database
  /** In the order in which they try; absent: what the configuration has keys for, and API keys. */
  readonly authenticators?: readonly Authenticator[] | undefined
  readonly callerSchema?: ZodType<object> | undefined
  readonly mounts: readonly Mount[]
  readonly home: HomePage
  /** Absent: no metrics and no traces. */
  readonly observation?: Observation
  /** Shared with lifecycle.ts. */
  readonly state?: ServerState
  readonly logStream?: LogStream
}

/** Builds the server, ready to listen. Throws ConfigurationError when an authenticator lacks what it needs. */
export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const { config, database } = parts
  const state = parts.state ?? { stopping: false }
  const headers = await buildSecurityHeaders()
  const app = createInstance(parts, headers)
  const authenticators = openAuthenticators(parts.authenticators, {
    config,
    database,
    callerSchema: parts.callerSchema,
    warn: (message, err) => app.log.warn(defined({ err }), message),
  })

  // what every request meets, in this order
  const load = watchLoad(app, database)
  boundConnections(app, config.maxConnections)
  setDeadlines(app, config.requestTimeout)
  logRequests(app, { delayAt: load.watch.delayAt, slowRequest: config.slowRequest })
  parts.observation?.watchRequests(app)
  answerProblems(app)
  acceptJsonOnly(app)
  setSecurityHeaders(app, headers)
  varyByCaller(app)
  drainConnections(app, state)
  await allowOrigins(app, config)
  shedOverload(app, { ...load, longest: config.overloadWait })
  admitCallers(app, authenticators, await openLimits(app, config))
  refuseForeignPages(app, config)
  boundArrivingBodies(app)
  boundCallers(app, toCallerShare(config), ({ account }) => account)
  refuseUnreadable(app)
  refuseUnknownAddresses(app)

  // what is served
  answerHead(app)
  const answerOtherMethods = collectRoutes(app)
  serveHealth(app, database, state)
  parts.observation?.serve(app)
  serveHome(app, parts.home, headers.pagePolicy)
  await serveExplorers(app, { switches: config, policy: headers.explorerPolicy })
  for (const mount of parts.mounts) await app.register(mount)
  answerOtherMethods()
  await app.ready()
  return app
}

function createInstance(
  { config, logStream }: ServerParts,
  headers: SecurityHeaders,
): FastifyInstance {
  const isTrusted = buildTrust(config.trustProxy ?? [])
  const readForwarding = buildForwarding(isTrusted, config.trustProxyHeader)
  const toRequestId = buildRequestId(isTrusted)
  const nodeTimeout = config.requestTimeout + 2000 // deadline.ts answers first, and its answer is logged as any other
  const app: FastifyInstance = fastify({
    logger: toLoggerOptions(config, logStream),
    logController: new LogController({ disableRequestLogging: true }), // log.ts writes its own line
    genReqId(raw) {
      readForwarding(raw) // Fastify asks for an id before it reads anything else of a request
      return toRequestId(raw)
    },
    trustProxy: config.trustProxy === undefined ? false : isTrusted,
    bodyLimit: config.bodyLimit,
    requestTimeout: nodeTimeout,
    connectionTimeout: 2 * config.requestTimeout, // without a byte either way: a client that stopped reading its answer
    keepAliveTimeout: 72_000, // longer than the 60 s of common balancers, so that the balancer closes first
    return503OnClosing: false, // what still comes over an open connection is in flight
    routerOptions: { maxParamLength: MAX_HEAD_BYTES }, // request-limits.ts refuses longer ones at every address, known or not
    http: {
      maxHeaderSize: MAX_HEAD_BYTES,
      requireHostHeader: false, // request-limits.ts answers, with a body
      headersTimeout: config.requestTimeout,
      requestTimeout: nodeTimeout,
      connectionsCheckingInterval: 1000,
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket),
    // before any hook: the router could not read the path
    frameworkErrors: (error, request, reply) => {
      const problem = toRequestProblem(error)
      reportProblem(request, problem)
      reply.headers(headers.api).header('x-request-id', request.id)
      logUnrouted(app, request, reply)
      sendProblem(problem, request, reply)
    },
  })
  boundPipelines(app)
  const answering = { headers: headers.api, log: () => app.log }
  const answerClientError = buildClientErrorHandler(answering)
  refuseConnect(app.server, answering)
  answerExpectations(app.server, config.bodyLimit)
  reduceTargets(app.server)
  return app
}

const toCallerShare = ({ callerConcurrency, databasePoolMax }: Config): number =>
  callerConcurrency ?? Math.max(2, Math.floor(databasePoolMax / 4))

/** While stopping, every answer asks its connection to end, so that clients come back to another process. */
function drainConnections(app: FastifyInstance, state: ServerState): void {
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (state.stopping) reply.header('connection', 'close')
    done()
  })
}
