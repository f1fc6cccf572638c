// CORS: which web pages may call from a browser. Without CORS_ORIGINS none may of another site, and nothing is added.
import cors from '@fastify/cors'
import type { FastifyCorsOptions } from '@fastify/cors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'
import type { Config } from '../config/config.ts'

/** Headers that scripts of other origins may read. */
const exposed = [
  'etag',
  'link',
  'location',
  'allow',
  'accept-patch',
  'content-disposition',
  'preference-applied',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
  'bifrons-cost',
  'x-request-id',
  'www-authenticate',
  'idempotency-replayed',
]

export async function allowOrigins(
  app: FastifyInstance,
  { corsOrigins }: Pick<Config, 'corsOrigins'>,
): Promise<void> {
  if (corsOrigins === undefined) return
  const options: FastifyCorsOptions = {
    origin: corsOrigins[0] === '*' ? '*' : [...corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: exposed,
    credentials: false, // callers prove themselves by header, never by cookie
    maxAge: 600,
  }
  await app.register(cors, {
    // an OPTIONS that is no preflight is an ordinary request: it is answered with Allow
    delegator: (request, done) => {
      const preflight =
        request.headers.origin !== undefined &&
        request.headers['access-control-request-method'] !== undefined
      done(null, request.method === 'OPTIONS' && !preflight ? { origin: false } : options)
    },
  })
}

/**
 * Refuses a POST without a media type from a page of another site. Browsers send it without asking first, and it may run an operation
 * that needs no input. For JSON they ask first, and any other media type is refused.
 */
export function refuseForeignPages(
  app: FastifyInstance,
  { corsOrigins = [] }: Pick<Config, 'corsOrigins'>,
): void {
  const isAllowed = (origin: string): boolean =>
    corsOrigins[0] === '*' || corsOrigins.includes(origin)
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, headers } = request
    if (method === 'POST' && headers['content-type'] === undefined && isForeign(request, isAllowed))
      throw new Problem(
        'UNSUPPORTED_MEDIA_TYPE',
        'A page of another site may send JSON only, with its media type, and only where CORS_ORIGINS names the site.',
      )
    done()
  })
}

/** Old browsers send Origin without Sec-Fetch-Site. Programs that are no browsers send neither. */
function isForeign(
  { headers: { origin, host, 'sec-fetch-site': site } }: FastifyRequest,
  isAllowed: (origin: string) => boolean,
): boolean {
  if (origin !== undefined && isAllowed(origin)) return false
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  return origin !== undefined && origin.replace(/^https?:\/\//, '') !== host
}
