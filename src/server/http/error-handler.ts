// Errors on their way out: whatever was thrown becomes a Problem, is reported once, and is answered as problem+json.
import { validateHeaderValue } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errorTable, Problem, toProblem } from '../../errors.ts'
import { toProblemBody } from '../../problem-body.ts'
import type { ErrorCode } from '../../errors.ts'
import { reportProblem } from '../log/log.ts'

/** The framework's own errors that a request can cause; any other is a defect of ours. */
const frameworkProblems: Readonly<Record<string, () => Problem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new Problem('PAYLOAD_TOO_LARGE', 'The body is larger than this server reads.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new Problem('UNSUPPORTED_MEDIA_TYPE', 'The body must be JSON, and say so in Content-Type.'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new Problem('BAD_REQUEST', 'The body is not as long as Content-Length says.'),
  FST_ERR_CTP_EMPTY_JSON_BODY: () =>
    new Problem('BAD_REQUEST', 'The body is empty where JSON was announced.'),
  FST_ERR_BAD_URL: () => new Problem('BAD_REQUEST', 'The path is not a valid URL path.'),
  FST_ERR_INVALID_URL: () => new Problem('BAD_REQUEST', 'The path is not a valid URL path.'),
  FST_ERR_MAX_PARAM_LENGTH: () =>
    new Problem('BAD_REQUEST', 'A part of the path is too long.', { status: 414 }),
  FST_ERR_VALIDATION: () =>
    new Problem('VALIDATION_FAILED', 'The request does not have the shape that this route takes.'),
  FST_ERR_NOT_FOUND: () => new Problem('NOT_FOUND', 'There is nothing at this address.'),
}

const codeByStatus = new Map<number, ErrorCode>([
  [400, 'BAD_REQUEST'],
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [405, 'METHOD_NOT_ALLOWED'],
  [406, 'NOT_ACCEPTABLE'],
  [409, 'CONFLICT'],
  [412, 'PRECONDITION_FAILED'],
  [413, 'PAYLOAD_TOO_LARGE'],
  [415, 'UNSUPPORTED_MEDIA_TYPE'],
  [422, 'VALIDATION_FAILED'],
  [428, 'PRECONDITION_REQUIRED'],
  [429, 'RATE_LIMITED'],
  [503, 'UNAVAILABLE'],
  [504, 'TIMEOUT'],
])

/**
 * What anything thrown while a request was served is to its caller. Errors of plugins and hand-written routes keep
 * their status where the table has it, never their message: nobody has read it for what it tells.
 */
export function toRequestProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (typeof error !== 'object' || error === null) return toProblem(error)
  const framework =
    'code' in error && typeof error.code === 'string' ? frameworkProblems[error.code] : undefined
  if (framework !== undefined) return framework()
  const code =
    'statusCode' in error && typeof error.statusCode === 'number'
      ? codeByStatus.get(error.statusCode)
      : undefined
  return code === undefined
    ? toProblem(error)
    : new Problem(code, `${errorTable[code].title}.`, { cause: error })
}

/** Answers a problem as `application/problem+json` (RFC 9457), with the headers that its code asks for. */
export function sendProblem(
  problem: Problem,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  return reply
    .code(problem.status)
    .headers({
      'cache-control': 'no-store',
      ...codeHeaders(problem, request),
      ...sendable(problem.headers),
    })
    .type('application/problem+json')
    .send(Buffer.from(JSON.stringify(toProblemBody(problem, request.id)))) // bytes: to a text Fastify adds a charset, which JSON has not
}

const sendable = (headers: Problem['headers']): Problem['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name, value]) => isSendable(name, value)))

function codeHeaders({ code, issues }: Problem, request: FastifyRequest): Record<string, string> {
  if (code === 'UNAUTHENTICATED') return { 'www-authenticate': 'Bearer realm="api"' }
  if (code === 'UNAVAILABLE')
    return issues.some((issue) => issue.code === 'outcome_unknown') ? {} : { 'retry-after': '5' } // to send that again may do it twice
  if (code === 'TIMEOUT' && !request.raw.complete) return { connection: 'close' } // the rest of the body is not waited for
  if (code !== 'UNSUPPORTED_MEDIA_TYPE') return {}
  return request.method === 'PATCH'
    ? { 'accept-patch': 'application/merge-patch+json, application/json' }
    : { 'accept-post': 'application/json' }
}

/** Header values that HTTP cannot carry, of a handler or a route of the team's: Node refuses the whole answer for one. */
function removeUnsendable(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (!isSendable(name, value)) reply.removeHeader(name)
}

function isSendable(name: string, value: unknown): boolean {
  try {
    for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, String(one))
    return true
  } catch {
    return false
  }
}

/** The two handlers at the root, which every scope inherits unless it sets its own. */
export function answerProblems(app: FastifyInstance): void {
  app.decorate('reportProblem', reportProblem)
  app.setErrorHandler((error, request, reply) => {
    removeUnsendable(reply)
    const problem = toRequestProblem(error)
    reportProblem(request, problem)
    return sendProblem(problem, request, reply)
  })
  app.setNotFoundHandler(() => {
    throw unknownAddress()
  })
}

const unknownAddress = (): Problem => new Problem('NOT_FOUND', 'There is nothing at this address.')

/**
 * Refuses unknown addresses, and with them those that the caller may not know, before a body is read for them. Comes last, so that
 * they are admitted and counted like others.
 */
export function refuseUnknownAddresses(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404 || request.routeOptions.config.isUnknown?.(request) === true)
      throw unknownAddress()
    done()
  })
}
