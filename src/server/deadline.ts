// Every request has a deadline, and its work ends with it or with the caller: one signal says both.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Aborts at the deadline or when the caller goes away. In place of Fastify's own `signal` and `handlerTimeout`,
     * which take the end of a request's body for the end of its caller: Node emits `close` for both.
     */
    work: AbortController
  }
}

/** Milliseconds between the signal and the answer: what heeds the signal answers in its own words. */
const GRACE = 250

export function setDeadlines(app: FastifyInstance, milliseconds: number): void {
  app.decorateRequest('work')
  app.addHook('onRequest', async (request, reply) => {
    const work = new AbortController()
    request.work = work
    const timer = setTimeout(() => endAtDeadline(request, reply), milliseconds)
    reply.raw.once('close', () => {
      clearTimeout(timer)
      if (!reply.raw.writableFinished) work.abort(new Problem('UNAVAILABLE', 'The caller went away.'))
    })
  })
}

function endAtDeadline(request: FastifyRequest, reply: FastifyReply): void {
  const problem = new Problem('TIMEOUT', 'The request took longer than this server allows.')
  request.work.abort(problem)
  setTimeout(() => {
    if (reply.raw.headersSent) reply.raw.destroy() // an answer half sent has no place for an error
    else if (!reply.sent) void reply.send(problem)
  }, GRACE).unref()
}
