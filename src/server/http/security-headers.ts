// Security headers: helmet decides them once, at start, for each kind of answer.
// As a plugin it works them out again for every request, which cost 100 us each, as much as all the rest of a small answer.
import helmet from '@fastify/helmet'
import type { FastifyHelmetOptions } from '@fastify/helmet'
import { fastify } from 'fastify'
import type { FastifyInstance } from 'fastify'
import { createHash } from 'node:crypto'

export type Headers = Readonly<Record<string, string>>
type Directives = Record<string, string[]>

const nowhere = ["'none'"]
const closed: Directives = {
  'default-src': nowhere,
  'base-uri': nowhere,
  'form-action': nowhere,
  'frame-ancestors': nowhere,
}
const explorer: Directives = {
  ...closed,
  'script-src': ["'self'"],
  'worker-src': ["'self'"],
  'connect-src': ["'self'"],
  'font-src': ["'self'", 'data:'],
  'img-src': ["'self'", 'data:'],
  // both explorers place their editors with style attributes and elements of their own
  'style-src': ["'self'", "'unsafe-inline'"],
}

/** The inline style of a page of ours as a source that its policy may name. */
const toStyleSource = (css: string): string =>
  `'sha256-${createHash('sha256').update(css).digest('base64')}'`

/** What API answers, errors and explorers carry. HSTS is added per request, under TLS only. */
export interface SecurityHeaders {
  readonly api: Headers
  /** The policy of an explorer's page: its own scripts and workers, this server, nobody else. */
  readonly explorerPolicy: string
  /** The policy of a page of text with one inline style. */
  readonly pagePolicy: (css: string) => string
}

export async function buildSecurityHeaders(): Promise<SecurityHeaders> {
  const api = await headersOf(closed)
  const explorerHeaders = await headersOf(explorer)
  return {
    api,
    explorerPolicy: explorerHeaders['content-security-policy'] ?? '',
    pagePolicy: (css) => `${api['content-security-policy']};style-src ${toStyleSource(css)}`,
  }
}

/** Helmet's headers for one policy, from one request to an application with nothing else in it. */
async function headersOf(directives: Directives): Promise<Headers> {
  const options: FastifyHelmetOptions = {
    contentSecurityPolicy: { useDefaults: false, directives },
    strictTransportSecurity: false,
    frameguard: { action: 'deny' },
  }
  const probe = fastify()
  await probe.register(helmet, options)
  probe.get('/', (_request, reply) => reply.code(204).send())
  const { headers } = await probe.inject('/')
  await probe.close()
  const own = Object.entries(headers).filter(
    ([name]) => !['date', 'connection', 'content-length'].includes(name),
  )
  return Object.freeze(Object.fromEntries(own.map(([name, value]) => [name, String(value)])))
}

const hsts = 'max-age=31536000; includeSubDomains'

/** Puts the headers on every answer, the id of the request with them. */
export function setSecurityHeaders(app: FastifyInstance, headers: SecurityHeaders): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers.api).header('x-request-id', request.id)
    if (request.protocol === 'https') reply.header('strict-transport-security', hsts)
    done()
  })
}
