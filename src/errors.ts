// The error table: every code a caller can meet, its HTTP status, its title, and when it is met. Nothing else throws to a caller.

export const errorTable = {
  BAD_REQUEST: {
    status: 400,
    title: 'The request cannot be read',
    when: 'Malformed JSON, an unknown or repeated parameter, an unknown name in `fields` or `include`, a cursor that does not fit, a GraphQL document that is not valid, a header that cannot be read or means nothing there, such as `If-Match` on a read. With 414 a URL over 8 KB, with 431 header fields over 16 KB, with 505 another version of HTTP than 1.1 and 1.0.',
  },
  PERSISTED_QUERY_NOT_FOUND: {
    status: 400,
    title: 'This document is not listed',
    when: "GraphQL only: a `documentId`, or a hash of Apollo's clients, that no file of `GRAPHQL_DOCUMENT_FILES` lists.",
  },
  VALIDATION_FAILED: {
    status: 422,
    title: 'The request does not pass validation',
    when: 'A wrong type or an unknown member of an input, a validator, or a check, type or trigger of the database, that refuses it, a page over its maximum, more groups than may be answered.',
  },
  UNAUTHENTICATED: {
    status: 401,
    title: 'Sign in to do this',
    when: 'Credentials that are not valid, or a policy that says no to an anonymous caller. An `Idempotency-Key` of the anonymous.',
  },
  FORBIDDEN: {
    status: 403,
    title: 'This is not allowed for you',
    when: 'A policy that says no to a caller who is signed in, or a right that the database does not give.',
  },
  NOT_FOUND: {
    status: 404,
    title: 'Nothing is here',
    when: 'No such address; a row that is absent or hidden from the caller. A GraphQL query answers null for such a row.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'This method is not allowed here',
    when: 'The address has other methods; `Allow` names them.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    title: 'None of the accepted media types can be served',
    when: '`Accept` leaves out JSON and, for a list, CSV and NDJSON.',
  },
  CONFLICT: {
    status: 409,
    title: 'The request conflicts with what is stored',
    when: 'A unique or foreign key, or an exclusion, that is broken; the issues name the fields. More rows than a write by filter expects. A request whose `Idempotency-Key` another one is running with. Operations use it for a state that does not allow them.',
  },
  PRECONDITION_FAILED: {
    status: 412,
    title: 'The row has changed',
    when: 'An update or a delete that names a version, as `If-Match` or `ifVersion`, which the row no longer has.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    title: 'The request is too large',
    when: 'A body over `BODY_LIMIT`.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'This media type is not supported',
    when: 'A body that is not JSON in UTF-8.',
  },
  IDEMPOTENCY_MISMATCH: {
    status: 422,
    title: 'The idempotency key was used for another request',
    when: 'An `Idempotency-Key` that this caller has used for another request, face or selection of the same operations.',
  },
  PRECONDITION_REQUIRED: {
    status: 428,
    title: 'A precondition is required',
    when: 'An update or a delete without a version, of a resource that says `requireVersion`.',
  },
  TOO_COMPLEX: {
    status: 400,
    title: 'The request asks for too much',
    when: 'Depth, filter, document, aliases, tokens, variables, a path, the whole cost or the bytes of the answer over the limit; an export with more rows than its resource allows. The message has the limit.',
  },
  RATE_LIMITED: {
    status: 429,
    title: 'Too many requests',
    when: 'More requests in a window than `RATE_LIMIT_MAX`, work for more points than are left of `COST_BUDGET`, more slow requests at a time than `CALLER_CONCURRENCY`, more exports at a time than `EXPORTS_PER_CALLER`, or too many invalid credentials from one address; `Retry-After` says how long to wait.',
  },
  INTERNAL: {
    status: 500,
    title: 'Something went wrong on our side',
    when: 'Anything else. The message tells nothing; the log has the cause under the request id.',
  },
  UNAVAILABLE: {
    status: 503,
    title: 'The service is not available just now',
    when: 'No database, no free connection (issue code `pool_exhausted`), a write whose answer from the database was lost (`outcome_unknown`, without `Retry-After`: it may be done or not), an overloaded process (`Retry-After: 1`), a table or column that the database lacks (`Retry-After: 30`), as many exports as may run at a time, a transaction that kept failing, shutting down, or token keys that cannot be fetched.',
  },
  READ_ONLY: {
    status: 503,
    title: 'The data can only be read just now',
    when: 'A write while the database is read-only, as it is where a failover has made it a replica. Nothing was written, and reads go on.',
  },
  TIMEOUT: {
    status: 504,
    title: 'The request took too long',
    when: 'A statement over `STATEMENT_TIMEOUT`, a lock that was not released, a request over `REQUEST_TIMEOUT`, an export over `EXPORT_TIMEOUT`. With 408 a request whose head or body does not arrive in time.',
  },
} as const

export type ErrorCode = keyof typeof errorTable

/** The part of a request an issue lies in; `path` is relative to it, so it is the same on both faces. */
export const issueParts = [
  'key',
  'input',
  'where',
  'order',
  'search',
  'page',
  'fields',
  'document',
] as const
export type IssuePart = (typeof issueParts)[number]

/** Where an issue that lists what there is has the words that list nothing: see told-names.ts. */
export const plainly: unique symbol = Symbol('bifrons.plainly')

/** One thing that is wrong with a request. */
export interface Issue {
  readonly [plainly]?: string
  readonly in: IssuePart
  readonly path: readonly (string | number)[]
  /** A stable word for programs, such as `unknown_member`, `wrong_type`, `required`, `custom`. */
  readonly code: string
  readonly message: string
}

/** What tells one error from another: a row of the table, or what an operation has declared. */
interface ErrorKind {
  readonly code: string
  readonly status: number
  readonly title: string
}

export interface ProblemOptions {
  readonly issues?: readonly Issue[]
  /** Response headers, in lower case, that the error asks for on either face (`retry-after`, `allow`). */
  readonly headers?: Readonly<Record<string, string>>
  /** Overrides the table's status where HTTP has a finer one (414, 431). */
  readonly status?: number
  /** Which request of several it is about, from 0. */
  readonly request?: number
  /** What really happened; goes to the log under the request id, never to a caller. */
  readonly cause?: unknown
}

/** The most issues one error carries; what is over it is said in a last issue. */
export const MAX_ISSUES = 20

/** An error that a caller may see: its message and issues hold nothing of SQL, values of others, or stacks. */
export class Problem extends Error {
  /** An ErrorCode, or one that an operation has declared. */
  readonly code: string
  readonly status: number
  readonly title: string
  readonly issues: readonly Issue[]
  readonly headers: Readonly<Record<string, string>>
  readonly request: number | null
  /** What a declared error says to programs; undefined of all others. */
  readonly details: unknown

  constructor(code: ErrorCode, message: string, options: ProblemOptions = {}) {
    const issues = toTold(options.issues ?? [])
    super(
      cutText(message, issues),
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.name = 'Problem'
    this.code = code
    this.status = options.status ?? errorTable[code].status
    this.title = errorTable[code].title
    this.issues = issues.map(cutIssue)
    this.headers = options.headers ?? {}
    this.request = options.request ?? null
  }
}

/** A policy that could not be asked: a fault of the declaration, which the log tells of. To the caller it is a refusal like any other. */
export class PolicyFault extends Error {
  override readonly name = 'PolicyFault'
}

/** An error that an operation has declared (see schema/declare/declared-errors.ts): it is in no row of the table. */
export class OperationProblem extends Problem {
  override readonly code: string
  override readonly title: string
  override readonly details: unknown

  constructor(
    { code, status, title }: ErrorKind,
    message: string,
    { details, ...options }: ProblemOptions & { readonly details: unknown },
  ) {
    super('CONFLICT', message, { ...options, status })
    this.code = code
    this.title = title
    this.details = details
  }
}

/** The same problem, as that of one request of several. */
export function ofRequest(problem: Problem, request: number): Problem {
  const { message, issues, headers, details, cause } = problem
  return new OperationProblem(problem, message, { issues, headers, details, request, cause })
}

/** The same problem with its issues told otherwise. */
export function withIssues(problem: Problem, issues: readonly Issue[]): Problem {
  const { message, headers, details } = problem
  return new OperationProblem(problem, message, { issues, headers, details, cause: problem })
}

/** What is said of a request with one fault. */
export const onlyMessage = (issues: readonly Issue[]): string | undefined =>
  issues.length === 1 ? issues[0]?.message : undefined

/** Whether a list of issues has all that an error tells, and one that shows that there are more. */
export const isFull = (issues: readonly Issue[]): boolean => issues.length > MAX_ISSUES

/** Adds issues up to the first that no error tells: a hostile body has hundreds of thousands. */
export function addIssues(issues: Issue[], more: Iterable<Issue>): void {
  for (const issue of more) {
    if (isFull(issues)) return
    issues.push(issue)
  }
}

export const addIssue = (issues: Issue[], issue: Issue): void => addIssues(issues, [issue])

function toTold(issues: readonly Issue[]): readonly Issue[] {
  if (!isFull(issues)) return issues
  const kept = issues.slice(0, MAX_ISSUES - 1)
  const last = issues[MAX_ISSUES - 1]
  const message = `There are more issues; these are the first ${kept.length}.`
  return last === undefined ? kept : [...kept, { in: last.in, path: [], code: 'more', message }]
}

/** The most characters of a caller's text that an error repeats, and of one message. */
export const MAX_ECHO_CHARS = 200
const MAX_MESSAGE_CHARS = 8000

/** A caller's text as an error repeats it. */
export const echo = (text: string): string =>
  text.length <= MAX_ECHO_CHARS ? text : `${text.slice(0, MAX_ECHO_CHARS).toWellFormed()}…`

/** Every problem passes here, whoever has written its messages: no library, validator or handler repeats more. */
function cutIssue(issue: Issue): Issue {
  const { path, message } = issue
  if (message.length <= MAX_ECHO_CHARS && !path.some(isLong)) return issue
  return {
    ...issue,
    path: path.map((step) => (typeof step === 'string' ? echo(step) : step)),
    message: cutText(message, [issue]),
  }
}

const isLong = (step: string | number): boolean =>
  typeof step === 'string' && step.length > MAX_ECHO_CHARS

/** A message with the long names of its issues cut, and any other long word; our own lists of names have short ones. */
function cutText(message: string, issues: readonly Issue[]): string {
  if (message.length <= MAX_ECHO_CHARS) return message
  const names = issues.flatMap(({ path }) => path.filter(isLong).map(String))
  const named = names.reduce(
    (text, name) => (text.length <= MAX_ECHO_CHARS ? text : text.replaceAll(name, echo(name))),
    message,
  )
  const whole =
    named.length <= MAX_MESSAGE_CHARS
      ? named
      : `${named.slice(0, MAX_MESSAGE_CHARS).toWellFormed()}…`
  return whole.split(' ').map(echo).join(' ')
}

/** All that a caller learns of an INTERNAL error: never its own message. */
export const INTERNAL_MESSAGE =
  'Something went wrong on our side. The request id names it in our log.'

/** What any thrown value is to a caller: a Problem as it is, or inside a library's wrapping; anything else INTERNAL with the value as its cause. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof Error && error.cause instanceof Problem) return error.cause
  return new Problem('INTERNAL', INTERNAL_MESSAGE, { cause: error })
}
