// The line of a request: one for each, whether it was answered, cut off or left by its caller. It holds no values.
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Bill } from '../../engine/request.ts'

/** What a request's line tells besides what the request and its answer have. */
export interface RequestFacts {
  /** The milliseconds that the request may have waited before its first byte was read. */
  readonly loopDelay: number
  /** Bytes that the connection had sent before. */
  readonly sentBefore: number
  /** The name of a GraphQL operation, or its root fields. */
  operation: string | null
  /** The codes of the errors that were answered; each once. */
  codes: string[] | null
  /** Whether the request was refused because of overload. */
  isShed: boolean
  /** When the answer was ready, by the clock of `performance.now()`; 0 while it is not. */
  readyAt: number
  /** What the request was charged; null where no face was asked. */
  bill: Bill | null
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the first hook; absent where the framework refused the request before. */
    facts: RequestFacts
  }
}

/** Codes that one line tells at most. */
const MAX_CODES = 10

/** Notes the code of an error that is answered. */
export function noteCode({ facts }: { readonly facts?: RequestFacts }, code: string): void {
  if (facts === undefined) return
  if (facts.codes === null) facts.codes = [code]
  else if (!facts.codes.includes(code) && facts.codes.length < MAX_CODES) facts.codes.push(code)
}

interface LineOptions {
  /** How late the event loop is at a moment of `performance.now()`. */
  readonly delayAt: (now: number) => number
  /** Requests that take longer, in milliseconds, have a line `slow` too; 0 for none. */
  readonly slowRequest: number
}

/** Comes after the deadlines, as it uses `request.work`. Routes with `quiet` have no line. */
export function logRequests(app: FastifyInstance, { delayAt, slowRequest }: LineOptions): void {
  // nothing of this line is redacted, and looking for it in every member took 2.1 of 2.8 us
  const log = app.log.child({}, { redact: [] })
  app.decorateRequest('facts')
  app.addHook('onRequest', (request, reply, done) => {
    request.facts = openFacts(request, delayAt(performance.now()))
    if (!request.routeOptions.config.quiet)
      request.work.onEnd(() => writeLine(log, { request, reply, slowRequest }))
    done()
  })
  app.addHook('onSend', (request, _reply, _payload, done) => {
    request.facts.readyAt = performance.now()
    done()
  })
}

/** Notes what a request is charged, for its line, and what its body has cost, for its bill. */
export function noteBill({ facts, bodyPoints }: FastifyRequest, bill: Bill): void {
  facts.bill = bill
  bill.paid = bodyPoints
}

/** The line of a request that met no hook, as the router could not read its path. */
export function logUnrouted(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  reply.raw.once('close', () =>
    app.log.info({ reqId: request.id, ...describe(request, reply) }, 'request'),
  )
}

const openFacts = (request: FastifyRequest, loopDelay: number): RequestFacts => ({
  loopDelay,
  sentBefore: request.raw.socket.bytesWritten,
  operation: null,
  codes: null,
  isShed: false,
  readyAt: 0,
  bill: null,
})

/** As nginx has it: the caller closed the connection before an answer began. */
const CLIENT_CLOSED = 499

export const statusOf = ({ raw }: FastifyReply): number =>
  raw.headersSent ? raw.statusCode : CLIENT_CLOSED

const describe = (request: FastifyRequest, reply: FastifyReply) => ({
  method: request.method,
  route: request.routeOptions?.url ?? null,
  address: request.ip,
  status: statusOf(reply),
})

interface Ended {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly slowRequest: number
}

function writeLine(log: FastifyBaseLogger, { request, reply, slowRequest }: Ended): void {
  const { facts, work, caller } = request
  const now = performance.now()
  const line: Record<string, unknown> = {
    ...describe(request, reply),
    ms: Math.round(now - work.began),
    loop_delay_ms: Math.round(facts.loopDelay),
  }
  const bytes = request.raw.socket.bytesWritten - facts.sentBefore
  if (!Number.isNaN(bytes)) line['bytes'] = bytes
  // a request that was refused early has no caller
  if (caller?.id) line['caller'] = { via: caller.via, id: caller.id }
  if (facts.operation !== null) line['operation'] = facts.operation
  if (facts.codes !== null) line['codes'] = facts.codes
  if (facts.bill !== null) line['cost'] = facts.bill.requested
  if (facts.bill !== null && work.statements !== null) {
    line['statements'] = work.statements.sent
    line['db_ms'] = Math.round(work.statements.ms)
  }
  if (work.endedBy === 'caller') line['aborted'] = true
  else if (work.endedBy === 'deadline') line['deadline'] = true
  if (request.routeOptions.logLevel) request.log.info(line, 'request') // a hand-written route's own level
  else log.info({ reqId: request.id, ...line }, 'request')
  warnOfSlow({ request, reply, slowRequest }, line, now)
}

/** By the time until the answer was ready: a slow reader makes no operation slow, nor does a body that comes slowly, nor an export. */
function warnOfSlow(
  { request, slowRequest }: Ended,
  line: Readonly<Record<string, unknown>>,
  now: number,
): void {
  const { facts, work, raw } = request
  const taken = Math.round((facts.readyAt || now) - work.began)
  if (slowRequest === 0 || taken < slowRequest || work.isProlonged || !raw.complete) return
  const { method, route, operation, loop_delay_ms, statements, db_ms } = line
  const told = { method, route, operation, ms: taken, loop_delay_ms, statements, db_ms }
  request.log.warn(told, 'slow')
}
