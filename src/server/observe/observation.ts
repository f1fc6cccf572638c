// What is seen of this process from outside: metrics and traces, each loaded only where it is switched on.
import cluster from 'node:cluster'
import type { FastifyInstance } from 'fastify'
import type { Database } from '../../db/database.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Observer } from '../../engine/observer.ts'
import type { Config } from '../config/config.ts'
import type { Face, Metrics } from './metrics.ts'
import { statusOf } from '../log/request-line.ts'
import { watchEngine } from './readings.ts'
import { hasMetrics, type MetricsPage, openMetricsPage, serveMetrics } from './serve-metrics.ts'
import type { Tracing } from './tracing.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The face that a route belongs to. */
    face?: Face
  }
}

export interface Observation {
  /** Null where neither metrics nor traces are on. */
  observerOf(face: Face): Observer | null
  watchDatabase(database: Database): Database
  /** Reads the figures of caches and of the pool when metrics are asked for. */
  watchEngine(engine: Pick<Engine, 'cacheBudget' | 'database'>): void
  /** Comes after the deadlines, as it uses `request.work`. */
  watchRequests(app: FastifyInstance): void
  serve(app: FastifyInstance): void
  /** Null where no one may ask for metrics. */
  readonly metrics: MetricsPage | null
}

type Settings = Pick<Config, 'metricsToken' | 'metricsFrom' | 'traces'>

/** @throws ConfigurationError when `TRACES` lacks its package */
export async function openObservation(settings: Settings): Promise<Observation> {
  const metrics = hasMetrics(settings) ? (await import('./metrics.ts')).openMetrics() : null
  const tracing = settings.traces ? await (await import('./tracing.ts')).openTracing() : null
  const page =
    metrics === null
      ? null
      : openMetricsPage(settings, {
          contentType: metrics.contentType,
          print: await openPrint(metrics),
        })
  return {
    observerOf: (face) => both(tracing?.observerOf(face), metrics?.observerOf(face)),
    watchDatabase: (database) => tracing?.traceStatements(database) ?? database,
    watchRequests: (app) => watchRequests(app, metrics, tracing),
    watchEngine: (engine) => metrics !== null && watchEngine(metrics, engine),
    metrics: page,
    serve: (app) => page !== null && serveMetrics(app, page),
  }
}

/** One of several workers tells the sum of all. */
async function openPrint(metrics: Metrics): Promise<Metrics['print']> {
  if (!cluster.isWorker) return metrics.print
  return (await import('./worker-metrics.ts')).openSum()
}

function both(outer: Observer | undefined, inner: Observer | undefined): Observer | null {
  if (outer === undefined || inner === undefined) return outer ?? inner ?? null
  return (operation, work) => outer(operation, () => inner(operation, work))
}

function watchRequests(
  app: FastifyInstance,
  metrics: Metrics | null,
  tracing: Tracing | null,
): void {
  tracing?.traceRequests(app)
  if (metrics === null) return
  app.addHook('onRequest', (request, reply, done) => {
    const { routeOptions, work } = request
    if (!routeOptions.config.quiet)
      work.onEnd(() =>
        metrics.countRequest({
          face: routeOptions.config.face ?? 'other',
          bill: request.facts.bill,
          status: statusOf(reply),
          seconds: (performance.now() - work.began) / 1000,
        }),
      )
    done()
  })
}
