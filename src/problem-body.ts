// The body of an error as callers read it: problem+json's members on REST, `extensions` on GraphQL.
import { INTERNAL_MESSAGE, type Issue, type Problem } from './errors.ts'

/** The URN that names a code. */
export function problemType(code: string): string {
  return `urn:bifrons:error:${code.toLowerCase().replaceAll('_', '-')}`
}

/** The most bytes of message, details and issues one error body carries: a body is then below 64 KB. */
export const MAX_ERROR_BYTES = 60_000

/** The members of `application/problem+json` (RFC 9457), in the order they are written. */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly details?: unknown
  readonly issues?: readonly Issue[]
  /** Which request of a batch it is about, from 0. */
  readonly request?: number
  readonly instance: string
}

/** The body of an error. `instance` is the request id, by which the log has the error too. */
export function toProblemBody(problem: Problem, requestId: string): ProblemBody {
  const { code, status, title } = problem
  const isOurs = code === 'INTERNAL' // a team's own text about a defect is for the log, as our own is
  const details = isOurs ? undefined : problem.details
  const issues = isOurs ? [] : fitting(problem)
  return {
    type: problemType(code),
    title,
    status,
    detail: isOurs ? INTERNAL_MESSAGE : problem.message,
    code,
    ...(details === undefined ? {} : { details }),
    ...(issues.length === 0 ? {} : { issues }),
    ...(problem.request === null ? {} : { request: problem.request }),
    instance: requestId,
  }
}

function fitting({ message, issues, details }: Problem): readonly Issue[] {
  let bytes = Buffer.byteLength(JSON.stringify(message))
  if (details !== undefined) bytes += Buffer.byteLength(JSON.stringify(details))
  return issues.filter((issue) => {
    bytes += Buffer.byteLength(JSON.stringify(issue))
    return bytes <= MAX_ERROR_BYTES
  })
}
