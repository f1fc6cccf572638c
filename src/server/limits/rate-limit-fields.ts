// The fields RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers, sections 3 and 4), with one item for
// each policy: "requests", which the flood guard counts, and "cost", which the budget does.
import type { FastifyInstance } from 'fastify'
import type { AccountBudget, Standing } from './budget.ts'
import { type Counter, toSeconds } from './counter.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the flood guard counted. */
    counted: Standing | null
  }
}

/** Sets the fields on every answer to a request that was counted. */
export function setRateLimitFields(
  app: FastifyInstance,
  requests: Counter,
  budget: AccountBudget,
  windowMs: number,
): void {
  const window = toSeconds(windowMs)
  const policy = [
    requests.limit > 0 && `"requests";q=${requests.limit};w=${window}`,
    budget.limit > 0 && `"cost";q=${budget.limit};qu="points";w=${window}`,
  ]
    .filter((item) => item !== false)
    .join(', ')
  app.decorateRequest('counted', null)
  if (policy === '') return
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (request.account === '' && request.counted === null) return done()
    reply.header('ratelimit-policy', policy)
    const limits = [
      toItem('requests', request.counted),
      toItem('cost', budget.look(request.account)),
    ]
    const text = limits.filter((item) => item !== null).join(', ')
    if (text !== '') reply.header('ratelimit', text)
    done()
  })
}

const toItem = (name: string, count: Standing | null): string | null =>
  count === null ? null : `"${name}";r=${count.left};t=${toSeconds(count.endsInMs)}`
