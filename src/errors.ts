// The error table: every code a caller can meet, its HTTP status and its title. Nothing else throws to a caller.

export const errorTable = {
  BAD_REQUEST: { status: 400, title: 'The request cannot be read' },
  VALIDATION_FAILED: { status: 422, title: 'The request does not pass validation' },
  UNAUTHENTICATED: { status: 401, title: 'Sign in to do this' },
  FORBIDDEN: { status: 403, title: 'This is not allowed for you' },
  NOT_FOUND: { status: 404, title: 'Nothing is here' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This method is not allowed here' },
  NOT_ACCEPTABLE: { status: 406, title: 'None of the accepted media types can be served' },
  CONFLICT: { status: 409, title: 'The request conflicts with what is stored' },
  PRECONDITION_FAILED: { status: 412, title: 'The row has changed' },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'The request is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'This media type is not supported' },
  IDEMPOTENCY_MISMATCH: { status: 422, title: 'The idempotency key was used for another request' },
  PRECONDITION_REQUIRED: { status: 428, title: 'A precondition is required' },
  TOO_COMPLEX: { status: 400, title: 'The request asks for too much' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  INTERNAL: { status: 500, title: 'Something went wrong on our side' },
  UNAVAILABLE: { status: 503, title: 'The service is not available just now' },
  TIMEOUT: { status: 504, title: 'The request took too long' },
} as const

export type ErrorCode = keyof typeof errorTable

/** The part of a request an issue lies in; `path` is relative to it, so it is the same on both faces. */
export type IssuePart = 'key' | 'input' | 'where' | 'order' | 'page' | 'fields' | 'document'

/** One thing that is wrong with a request. */
export interface Issue {
  readonly in: IssuePart
  readonly path: readonly (string | number)[]
  /** A stable word for programs, such as `unknown_member`, `wrong_type`, `required`, `custom`. */
  readonly code: string
  readonly message: string
}

export interface ProblemOptions {
  readonly issues?: readonly Issue[]
  /** Response headers, in lower case, that the error asks for on either face (`retry-after`, `allow`). */
  readonly headers?: Readonly<Record<string, string>>
  /** Overrides the table's status where HTTP has a finer one (414, 431). */
  readonly status?: number
  /** What really happened; goes to the log under the request id, never to a caller. */
  readonly cause?: unknown
}

/** The most issues one error carries; what is over it is said in a last issue (reliability.md, limits). */
const MAX_ISSUES = 20

/** An error that a caller may see: its message and issues hold nothing of SQL, values of others, or stacks. */
export class Problem extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly issues: readonly Issue[]
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, message: string, options: ProblemOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Problem'
    this.code = code
    this.status = options.status ?? errorTable[code].status
    this.issues = capped(options.issues ?? [])
    this.headers = options.headers ?? {}
  }
}

function capped(issues: readonly Issue[]): readonly Issue[] {
  if (issues.length <= MAX_ISSUES) return issues
  const kept = issues.slice(0, MAX_ISSUES - 1)
  const last = issues[MAX_ISSUES - 1]
  const message = `There are ${issues.length - kept.length} more issues; these are the first ${kept.length}.`
  return last === undefined ? kept : [...kept, { in: last.in, path: [], code: 'more', message }]
}

/** What any thrown value is to a caller: a Problem as it is, anything else INTERNAL with the value as its cause. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem('INTERNAL', 'Something went wrong on our side. The request id names it in our log.', { cause: error })
}

/** The JSON form shared by both faces: problem+json's members on REST, `extensions` on GraphQL. */
export function problemType(code: ErrorCode): string {
  return `urn:bifrons:error:${code.toLowerCase().replaceAll('_', '-')}`
}

/** The most bytes of issues one error body carries (reliability.md, limits): a body is then below 64 KB. */
const MAX_ISSUE_BYTES = 60_000

/** The members of `application/problem+json` (RFC 9457), in the order they are written. */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  readonly issues?: readonly Issue[]
  readonly instance: string
}

/** What a caller is told of a problem; `instance` is the request id, which names it in the log. */
export function toProblemBody(problem: Problem, requestId: string): ProblemBody {
  const { code, status } = problem
  const issues = fitting(problem.issues)
  const members = { type: problemType(code), title: errorTable[code].title, status, detail: problem.message, code }
  return issues.length === 0 ? { ...members, instance: requestId } : { ...members, issues, instance: requestId }
}

function fitting(issues: readonly Issue[]): readonly Issue[] {
  let bytes = 0
  return issues.filter((issue) => {
    bytes += Buffer.byteLength(JSON.stringify(issue))
    return bytes <= MAX_ISSUE_BYTES
  })
}
