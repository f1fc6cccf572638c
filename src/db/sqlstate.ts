// Turns errors of the driver into Problems, by SQLSTATE. No SQL and no values reach a caller.
import { INTERNAL_MESSAGE, Problem, type ErrorCode } from '../errors.ts'

/** The problem that a class of SQLSTATEs becomes. */
interface Meaning {
  readonly code: ErrorCode
  readonly message: string
}

const MEANINGS = {
  duplicate: { code: 'CONFLICT', message: 'A row with the same unique value exists already.' },
  reference: {
    code: 'CONFLICT',
    message: 'A row that this one refers to is missing, or other rows still refer to this one.',
  },
  overlap: { code: 'CONFLICT', message: 'The row collides with another row.' },
  missing: { code: 'VALIDATION_FAILED', message: 'A required value is missing.' },
  check: { code: 'VALIDATION_FAILED', message: 'A value breaks a rule of the table.' },
  rule: { code: 'VALIDATION_FAILED', message: 'A rule of the database refuses this.' },
  value: { code: 'VALIDATION_FAILED', message: 'A value does not fit its type.' },
  characters: {
    code: 'BAD_REQUEST',
    message: 'A text holds characters that the database cannot store.',
  },
  retry: {
    code: 'UNAVAILABLE',
    message: 'Too many writers are at the same rows just now. Try again.',
  },
  timeout: { code: 'TIMEOUT', message: 'The database took too long.' },
  unavailable: {
    code: 'UNAVAILABLE',
    message: 'The database is not available just now. Try again.',
  },
  readOnly: {
    code: 'READ_ONLY',
    message: 'The database can only be read just now. Nothing was written.',
  },
  forbidden: { code: 'FORBIDDEN', message: 'The database does not allow this.' },
  complex: { code: 'TOO_COMPLEX', message: 'The request asks the database for too much.' },
  internal: { code: 'INTERNAL', message: INTERNAL_MESSAGE },
} as const satisfies Record<string, Meaning>

/** The server refuses to write: it is a replica, or its sessions are read-only. */
const READ_ONLY_STATE = '25006'

/** By the whole SQLSTATE first, then by its class (appendix A of PostgreSQL's manual). What is in neither is INTERNAL. */
const BY_STATE: Readonly<Record<string, Meaning>> = {
  '23505': MEANINGS.duplicate,
  '23503': MEANINGS.reference,
  '23001': MEANINGS.reference, // ON DELETE RESTRICT, since PostgreSQL 18
  '23P01': MEANINGS.overlap,
  '23502': MEANINGS.missing,
  '23514': MEANINGS.check,
  P0001: MEANINGS.rule, // RAISE EXCEPTION without a SQLSTATE of its own
  '22021': MEANINGS.characters,
  '22P05': MEANINGS.characters,
  '40001': MEANINGS.retry,
  '40P01': MEANINGS.retry,
  '55P03': MEANINGS.timeout,
  '57014': MEANINGS.timeout,
  '25P03': MEANINGS.timeout, // idle in transaction
  '25P04': MEANINGS.timeout, // the transaction as a whole
  '54000': MEANINGS.value, // too long for its index, among others
  '57P01': MEANINGS.unavailable,
  '57P02': MEANINGS.unavailable,
  '57P03': MEANINGS.unavailable,
  '57P05': MEANINGS.unavailable,
  [READ_ONLY_STATE]: MEANINGS.readOnly,
  '3D000': MEANINGS.unavailable,
  '42501': MEANINGS.forbidden,
}

const BY_CLASS: Readonly<Record<string, Meaning>> = {
  '08': MEANINGS.unavailable,
  '22': MEANINGS.value,
  '23': MEANINGS.rule, // raised by a trigger; PostgreSQL's own are above
  '28': MEANINGS.unavailable, // the role's password was changed under us
  '53': MEANINGS.unavailable,
  '54': MEANINGS.complex,
}

/**
 * Whether a trigger or a function has chosen the SQLSTATE: PostgreSQL's own classes begin with 0 to 4, 5, F0, HV, P0 and XX
 * (appendix A), and the standard leaves those from 5 and I to implementations.
 */
const isChosen = (state: string): boolean =>
  /^[5-9I-Z]/.test(state) && !/^(5[3-8]|72|HV|P0|XX)/.test(state)

/** Seconds a caller is asked to wait. A failover takes longer than a lost connection. */
const RETRY_AFTER: Readonly<Record<string, string>> = { UNAVAILABLE: '1', READ_ONLY: '5' }

/** What node's sockets say, and the sentences of `pg` and `pg-pool`, which have no codes. */
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EACCES',
])
const CONNECTION_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Cannot use a pool after|Client has encountered a connection error|Client was closed|The server does not support SSL)/

/** The fields of a `pg` DatabaseError that are read here; any of them may be absent. */
interface ServerError {
  readonly code: string
  readonly severity?: string
  readonly message: string
  readonly detail?: string
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
  readonly dataType?: string
  /** The context: the functions that the statement was in. */
  readonly where?: string
  /** Of the server's source. */
  readonly file?: string
  readonly routine?: string
}

const isServerError = (error: unknown): error is ServerError =>
  error instanceof Error &&
  'severity' in error &&
  'code' in error &&
  typeof error.code === 'string' &&
  error.code.length === 5

/** The server's error in `error` or in what caused it (Drizzle and Problem wrap it), or null. */
export function serverErrorOf(error: unknown): ServerError | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    if (isServerError(at)) return at
  }
  return null
}

/** The SQLSTATE behind an error, or null when the server did not say one. */
export const sqlstateOf = (error: unknown): string | null => serverErrorOf(error)?.code ?? null

/** Whether the error is the connection's and not the statement's: what is left of the connection is thrown away. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (isServerError(error)) {
    if (error.severity === 'FATAL' || error.severity === 'PANIC') return true
    // The word is translated by lc_messages. An ERROR of these classes is raised by a function (dblink) on a good connection.
    return error.severity !== 'ERROR' && /^(08|57P)/.test(error.code)
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return SOCKET_CODES.has(code) || CONNECTION_MESSAGES.test(error.message)
}

/** Whether the server is read-only, so that another connection may lead to one that is not. */
export const isReadOnlyError = (error: unknown): boolean => sqlstateOf(error) === READ_ONLY_STATE

/** Whether an error came from the database or the way to it, however it was wrapped by Drizzle. */
function isDatabaseError(error: unknown): boolean {
  const inner = unwrapped(error)
  return inner !== error || isServerError(inner) || isConnectionError(inner)
}

/** A table, column, schema or type is missing, or an operator has no such types. */
const MISSING = new Set(['42P01', '42703', '3F000', '42704', '42883', '42804'])

/**
 * Whether a statement names what the database lacks, or has with another type. Such an error inside of a function or a trigger
 * has a context, and is a defect of that function.
 */
export function isMissingError(error: unknown): boolean {
  const server = serverErrorOf(error)
  return server !== null && MISSING.has(server.code) && server.where === undefined
}

/** Any error of the driver, or of Drizzle around it, as a Problem; the error itself is the `cause`, for the log. */
export function toDatabaseProblem(error: unknown): Problem {
  const inner = unwrapped(error)
  if (inner instanceof Problem) return inner
  const { code, message } = meaningOf(inner)
  const seconds = RETRY_AFTER[code]
  return new Problem(code, message, {
    cause: error,
    ...(seconds !== undefined && { headers: { 'retry-after': seconds } }),
  })
}

/**
 * What a statement of the team's own code has thrown. A value that does not fit its type (22P02 and the like) is a fault of
 * that code, so it is INTERNAL; anything else is as it was.
 */
export function toOwnFailure(error: unknown): unknown {
  if (error instanceof Problem || !isDatabaseError(error)) return error
  const { code, message } = MEANINGS.internal
  return meaningOf(unwrapped(error)) === MEANINGS.value
    ? new Problem(code, message, { cause: error })
    : error
}

function meaningOf(error: unknown): Meaning {
  if (!isServerError(error))
    return isConnectionError(error) ? MEANINGS.unavailable : MEANINGS.internal
  const known = BY_STATE[error.code] ?? BY_CLASS[error.code.slice(0, 2)]
  if (known !== undefined) return known
  if (isChosen(error.code)) return MEANINGS.rule
  return isOfGeometry(error) ? MEANINGS.value : MEANINGS.internal
}

/** PostGIS has no SQLSTATEs for what is wrong with a geometry: its library raises everything from one place. */
const isOfGeometry = ({ code, file }: ServerError): boolean =>
  code === 'XX000' && file?.startsWith('lwgeom') === true

/** DrizzleQueryError's message holds the SQL and its parameters: only what it wraps is looked at. */
function unwrapped(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'DrizzleQueryError' || error.cause === undefined)
    return error
  return unwrapped(error.cause)
}

/** What a transaction or a statement throws: an error of the database as a problem, any other error as it is. */
export const toFailure = (error: unknown): unknown =>
  isDatabaseError(error) ? toDatabaseProblem(error) : error

/** Which rule of which table a row broke: for the layer that knows the fields of the columns. */
export interface ConstraintViolation {
  readonly sqlstate: string
  readonly constraint: string | null
  readonly table: string | null
  /** The domain whose rule it is, which is of no table. */
  readonly domain: string | null
  /** Column names, or index expressions as PostgreSQL writes them; empty when the server did not say. */
  readonly columns: readonly string[]
}

/** Of any other class, an error about a row says its table: a trigger can (RAISE … USING table, column, constraint). */
const isAboutRow = ({ code, table }: ServerError): boolean =>
  code.startsWith('23') || (table !== undefined && (code === 'P0001' || isChosen(code)))

/** The broken constraint behind a Problem (or a driver's error), or null when it is about something else. */
export function toConstraintViolation(error: unknown): ConstraintViolation | null {
  const server = serverErrorOf(error)
  if (server === null || !isAboutRow(server)) return null
  const columns =
    server.column === undefined ? columnsOfDetail(server.detail ?? '') : [server.column]
  return {
    sqlstate: server.code,
    constraint: server.constraint ?? null,
    table: server.table ?? null,
    domain: server.dataType ?? null,
    columns,
  }
}

/**
 * `Key (a, "B", lower(c))=(…) already exists.` -> a, B, lower(c). The words change with lc_messages and the values may
 * hold anything, so only the part up to the first `)=(` is read.
 */
function columnsOfDetail(detail: string): readonly string[] {
  const start = detail.indexOf('(') + 1
  const end = detail.indexOf(')=(', start)
  if (start === 0 || end === -1) return []
  const parts =
    detail.slice(start, end).match(/(?:"(?:[^"]|"")*"|\((?:[^()]|\([^()]*\))*\)|[^,("])+/g) ?? []
  return parts.map((part) => toColumnName(part.trim()))
}

function toColumnName(part: string): string {
  return /^"(?:[^"]|"")*"$/.test(part) ? part.slice(1, -1).replaceAll('""', '"') : part
}
