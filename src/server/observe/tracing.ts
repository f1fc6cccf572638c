// Traces by OpenTelemetry's API: request, operation, statement. The team's own SDK decides where they go.
import type * as Api from '@opentelemetry/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Database } from '../../db/database.ts'
import type { Observer } from '../../engine/observer.ts'
import { toProblem } from '../../errors.ts'
import { ConfigurationError } from '../config/config.ts'
import { version } from '../version.ts'
import type { Face } from './metrics.ts'
import { traceStatements } from './trace-statements.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The request's span and what its caller sent of a trace; null where traces are off. */
    traceContext: Api.Context | null
  }
}

export interface Tracing {
  /** Opens a span for each request, as the child of the span that its caller names in `traceparent`. */
  traceRequests(app: FastifyInstance): void
  observerOf(face: Face): Observer
  traceStatements(database: Database): Database
}

/** @throws ConfigurationError when the package of the API is not installed */
export async function openTracing(): Promise<Tracing> {
  const api = await loadApi()
  const tracer = api.trace.getTracer('bifrons', version)
  return {
    traceRequests: (app) => traceRequests(app, api, tracer),
    observerOf:
      (face) =>
      ({ name }, work) =>
        inSpan(tracer, name, { 'bifrons.operation': name, 'bifrons.face': face }, work),
    traceStatements: (database) =>
      traceStatements(database, (name, attributes, work) =>
        api.trace.getActiveSpan() === undefined
          ? work() // of no request: a start, a probe
          : inSpan(tracer, name, { 'db.system.name': 'postgresql', ...attributes }, work),
      ),
  }
}

async function loadApi(): Promise<typeof Api> {
  try {
    return await import('@opentelemetry/api')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error // import throws Errors
    throw new ConfigurationError([
      'TRACES needs the package @opentelemetry/api, which is not installed: npm install @opentelemetry/api.',
    ])
  }
}

/** The values of OpenTelemetry's enumerations, which its types alone do not bring. */
const SERVER_KIND = 1
const ERROR_STATUS = 2

function traceRequests(app: FastifyInstance, api: typeof Api, tracer: Api.Tracer): void {
  const { context, propagation, ROOT_CONTEXT, trace } = api
  app.decorateRequest('traceContext', null)
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.quiet) return done()
    const parent = propagation.extract(ROOT_CONTEXT, request.headers)
    const span = tracer.startSpan(
      `${request.method} ${request.routeOptions.url ?? 'unknown'}`,
      { kind: SERVER_KIND, attributes: attributesOf(request) },
      parent,
    )
    request.traceContext = trace.setSpan(parent, span)
    reply.raw.once('close', () => endRequest(span, reply.raw.headersSent, reply.statusCode))
    context.with(request.traceContext, done)
  })
  // a body is read by events of the connection, which know no context
  app.addHook('preHandler', ({ traceContext }, _reply, done) => {
    if (traceContext === null) done()
    else context.with(traceContext, done)
  })
}

const attributesOf = ({ method, routeOptions, id }: FastifyRequest) => ({
  'http.request.method': method,
  'http.route': routeOptions.url ?? '',
  'bifrons.request_id': id,
})

function endRequest(span: Api.Span, isAnswered: boolean, status: number): void {
  if (isAnswered) span.setAttribute('http.response.status_code', status)
  if (!isAnswered || status >= 500) span.setStatus({ code: ERROR_STATUS })
  span.end()
}

/** A span around work; of an error it has the code alone, as messages may hold values. */
function inSpan<T>(
  tracer: Api.Tracer,
  name: string,
  attributes: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work()
    } catch (error) {
      span.setAttribute('error.type', toProblem(error).code)
      span.setStatus({ code: ERROR_STATUS })
      throw error
    } finally {
      span.end()
    }
  })
}
