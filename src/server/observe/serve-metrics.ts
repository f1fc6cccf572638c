// /metrics: for the machinery around us, by a token or from certain addresses.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'
import type { Config } from '../config/config.ts'
import { buildTrust } from '../config/trusted-proxies.ts'
import type { Metrics } from './metrics.ts'

type Settings = Pick<Config, 'metricsToken' | 'metricsFrom'>

/** Whether anybody may ask for metrics. */
export const hasMetrics = ({ metricsToken, metricsFrom }: Settings): boolean =>
  metricsToken !== undefined || metricsFrom !== undefined

/** The metrics, and who may not have them. */
export interface MetricsPage extends Pick<Metrics, 'contentType' | 'print'> {
  /** @throws Problem UNAUTHENTICATED where a token would help, else FORBIDDEN */
  readonly refuse: (request: Asking) => void
}

type Asking = Pick<FastifyRequest, 'ip' | 'headers'>

/** @param print the metrics of all workers */
export const openMetricsPage = (
  settings: Settings,
  { contentType, print }: Pick<Metrics, 'contentType' | 'print'>,
): MetricsPage => ({ contentType, print, refuse: openRefusal(settings) })

export function serveMetrics(
  app: FastifyInstance,
  { contentType, print, refuse }: MetricsPage,
): void {
  app.get('/metrics', { config: { quiet: true } }, async (request, reply) => {
    refuse(request)
    reply.header('cache-control', 'no-store').type(contentType)
    return print()
  })
}

function openRefusal({ metricsToken, metricsFrom }: Settings): MetricsPage['refuse'] {
  const isNear = buildTrust(metricsFrom ?? [])
  const isToken = metricsToken === undefined ? () => false : openComparison(metricsToken)
  return ({ ip, headers: { authorization = '' } }) => {
    if (isNear(ip) || isToken(authorization)) return
    if (metricsToken === undefined)
      throw new Problem('FORBIDDEN', 'Metrics are not served to this address.')
    throw new Problem('UNAUTHENTICATED', 'Metrics need the token of METRICS_TOKEN.', {
      headers: { 'www-authenticate': 'Bearer' },
    })
  }
}

/** By digests, so that the time tells nothing of the token, nor of its length. */
function openComparison(token: string): (authorization: string) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const expected = digest(`Bearer ${token}`)
  return (authorization) => timingSafeEqual(digest(authorization), expected)
}
