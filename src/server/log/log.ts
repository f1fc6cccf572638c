// The log: one line a request, one line a refusal (without values), and defects with their cause under the request id.
import type { FastifyRequest } from 'fastify'
import { type ErrorCode, errorTable, INTERNAL_MESSAGE, PolicyFault, Problem } from '../../errors.ts'
import type { Config } from '../config/config.ts'
import { toStandardOutput } from './log-output.ts'
import { defined } from '../../defined.ts'
import { noteCode } from './request-line.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Logs a problem that a face answers by itself (a GraphQL error in a 200), as the error handler does for the rest. */
    reportProblem: (request: FastifyRequest, problem: Problem) => void
  }
}

type Line = Record<string, unknown>

/** Where log lines go in place of standard output, for tests. */
export interface LogStream {
  write(line: string): void
}

export function toLoggerOptions(config: Pick<Config, 'logLevel'>, stream?: LogStream) {
  return {
    level: config.logLevel,
    redact: ['req.headers', 'headers', '*.authorization', '*.cookie', '*["x-api-key"]'],
    serializers: {
      err: toLoggedError,
      req: toLoggedRequest,
      res: (reply: { statusCode: number }) => ({ status: reply.statusCode }),
    },
    stream: stream ?? toStandardOutput(),
  }
}

/** A request without its values: the route's pattern in place of the path and the query. */
function toLoggedRequest(request: FastifyRequest): Line {
  return { method: request.method, route: request.routeOptions?.url ?? null, address: request.ip }
}

/** What PostgreSQL says of a value repeats it in quotes (class 22); a text that SQL raised by itself may have it anywhere. */
function withoutValues(error: Error): string {
  if ('routine' in error && error.routine === 'exec_stmt_raise') return NOT_LOGGED
  const isOfValue =
    'code' in error && typeof error.code === 'string' && /^22\w{3}$/.test(error.code)
  return isOfValue
    ? error.message.replace(/".*/s, NOT_LOGGED)
    : error.message.replace(/^(Failed query:).*/s, `$1 ${NOT_LOGGED}`)
}

const NOT_LOGGED = '(not logged)'

/** An error for the log. Statements and parameters that drivers put into messages and members stay out. */
function toLoggedError(error: unknown): Line & { type: string; message: string; stack: string } {
  if (!(error instanceof Error))
    return { type: typeof error, message: 'something that is no error was thrown', stack: '' }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const cause = error.cause === undefined ? {} : { cause: toLoggedError(error.cause) }
  // the stack repeats the message, so only its frames are kept
  const stack =
    error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n') ?? ''
  return {
    type: error.name,
    message: withoutValues(error),
    ...code,
    stack,
    ...cause,
  }
}

/** Codes that tell of an attack or of a broken client: the security log. */
const securityEvents: Readonly<Record<string, string | undefined>> = {
  UNAUTHENTICATED: 'unauthenticated',
  FORBIDDEN: 'forbidden',
  RATE_LIMITED: 'rate_limited',
  BAD_REQUEST: 'refused_input',
  VALIDATION_FAILED: 'refused_input',
  TOO_COMPLEX: 'refused_input',
  PAYLOAD_TOO_LARGE: 'refused_input',
  UNSUPPORTED_MEDIA_TYPE: 'refused_input',
  TIMEOUT: 'refused_input', // 408: a request that does not arrive
} satisfies Partial<Record<ErrorCode, string>>

/** One log line for a problem: what it is and who met it where; never what was sent. */
export function reportProblem(request: FastifyRequest, problem: Problem): void {
  const { code, status } = problem
  noteCode(request, code)
  if (code === 'INTERNAL') return request.log.error({ code, err: defectOf(problem) }, 'defect')
  if (code === 'UNAVAILABLE' || code === 'READ_ONLY' || (code === 'TIMEOUT' && status !== 408))
    return reportFault(request, problem)
  if (!Object.hasOwn(errorTable, code)) return reportDeclared(request, problem)
  const fault = policyFaultOf(problem)
  if (fault !== null) request.log.error({ code, err: fault }, 'defect')
  const event = securityEvents[code]
  if (event === undefined) return
  request.log.info(
    {
      security: event,
      code,
      status,
      ...toLoggedRequest(request),
      ...toLoggedCaller(request),
      ...toReason(problem),
    },
    'refused',
  )
}

/** The cause, unless a handler has said more than the table does: then its own error, which has the cause with it. */
const defectOf = (problem: Problem): unknown =>
  problem.message === INTERNAL_MESSAGE ? (problem.cause ?? problem) : problem
/** A caller that left is not told, so nothing failed. Overload and probes have lines of their own, not one for each request. */
function reportFault(request: FastifyRequest, problem: Problem): void {
  const { facts, work, routeOptions } = request
  if (facts?.isShed || work?.endedBy === 'caller' || routeOptions.config.quiet) return
  request.log.warn({ code: problem.code, err: problem.cause ?? problem }, 'unavailable')
}

/** A face that tells a problem's issues otherwise keeps the first problem as the cause. */
function policyFaultOf({ cause }: Error): PolicyFault | null {
  if (cause instanceof PolicyFault) return cause
  return cause instanceof Problem ? policyFaultOf(cause) : null
}

/** An error that an operation declares is its own business; what led to it is the operator's too, and so is a failing part. */
function reportDeclared(request: FastifyRequest, { code, status, cause }: Problem): void {
  if (cause === undefined && status < 500) return
  request.log.warn(defined({ code, status, err: cause }), 'failed')
}

function toLoggedCaller(request: FastifyRequest): Line {
  // absent where the request was refused before anybody asked who sends it
  return request.caller ? { caller: { via: request.caller.via, id: request.caller.id } } : {}
}

function toReason(problem: Problem): Line {
  const cause = problem.cause
  if (
    typeof cause === 'object' &&
    cause !== null &&
    'code' in cause &&
    typeof cause.code === 'string'
  )
    return { reason: cause.code }
  return problem.issues.length > 0 ? { issues: problem.issues.map((issue) => issue.code) } : {}
}
