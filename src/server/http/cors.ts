// CORS: which web pages may call from a browser. Without CORS_ORIGINS none may, and nothing is added.
import cors from '@fastify/cors'
import type { FastifyCorsOptions } from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
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
