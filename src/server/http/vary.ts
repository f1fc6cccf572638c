// Vary: what answers depend on besides the address.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { memoize } from '../../memoize.ts'

/**
 * Sets the field on the answers of all addresses, also of those that do not exist. Otherwise the field would show a caller that a hidden
 * address exists. GraphQL's answers have no such field, as caches do not store them.
 */
export function varyByCaller(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (request.routeOptions.config.face !== 'graphql') vary(reply)
    done()
  })
}

const varying = ['Authorization', 'X-API-Key', 'Accept']

/** Adds to what others have set already, such as CORS. */
function vary(reply: FastifyReply): void {
  const set = reply.getHeader('vary') ?? ''
  reply.header('vary', withOurs(Array.isArray(set) ? set.join(', ') : String(set)))
}

const withOurs = memoize(100, (text) => {
  const set = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const missing = varying.filter(
    (name) => !set.some((other) => other.toLowerCase() === name.toLowerCase()),
  )
  return [...set, ...missing].join(', ')
})
