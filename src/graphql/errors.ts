// Errors on this face: every problem as GraphQL shows it, with the code, type and issues that it has on REST.
import { type DocumentNode, GraphQLError, type SourceLocation } from 'graphql'
import {
  errorTable,
  type ErrorCode,
  type Issue,
  onlyMessage,
  Problem,
  toProblem,
} from '../errors.ts'
import { MAX_ERROR_BYTES, toProblemBody } from '../problem-body.ts'
import { defined } from '../defined.ts'

/** One fault of a document. */
export interface Fault {
  readonly error: GraphQLError
  /** What REST says of the same; null for what only a document can have. */
  readonly issue: Issue | null
  /** Whether it is in a literal, which the engine knows more about. */
  readonly literal: boolean
}

/** One member of a response's `errors`. */
export interface ErrorEntry {
  readonly message: string
  readonly locations?: readonly SourceLocation[]
  readonly path?: readonly (string | number)[]
  readonly extensions: {
    readonly code: string
    readonly type: string
    readonly details?: unknown
    readonly issues?: Problem['issues']
    readonly requestId: string
  }
}

export function toEntry(
  problem: Problem,
  requestId: string,
  at: Pick<ErrorEntry, 'locations' | 'path'> = {},
): ErrorEntry {
  const {
    code,
    type,
    detail,
    instance,
    title: _title,
    status: _status,
    ...more
  } = toProblemBody(problem, requestId)
  return { message: detail, ...at, extensions: { code, type, ...more, requestId: instance } }
}

/** The errors of one answer, as many as fit; a last one says how many there are more. */
export function fitting(entries: readonly ErrorEntry[]): readonly ErrorEntry[] {
  let bytes = 0
  const kept = entries.filter((entry, i) => {
    bytes += i > 0 && bytes > MAX_ERROR_BYTES ? 0 : Buffer.byteLength(JSON.stringify(entry))
    return i === 0 || bytes <= MAX_ERROR_BYTES
  })
  const next = entries[kept.length]
  if (next === undefined) return entries
  const { code, type, requestId } = next.extensions
  const message = `There are ${entries.length - kept.length} more errors; these are the first ${kept.length}.`
  return [...kept, { message, extensions: { code, type, requestId } }]
}

/** An error of execution; its path keeps the indices of lists as numbers. */
export function toExecutionEntry(
  error: GraphQLError,
  problem: Problem,
  requestId: string,
): ErrorEntry {
  return toEntry(problem, requestId, defined({ locations: error.locations, path: error.path }))
}

/** What an error of execution is to a caller. */
export function toExecutionProblem(error: GraphQLError): Problem {
  const { originalError } = error
  if (isArgumentError(originalError ?? error)) {
    return new Problem('VALIDATION_FAILED', error.message, {
      issues: [
        {
          in: 'document',
          path: [...(error.path ?? [])],
          code: 'wrong_type',
          message: error.message,
        },
      ],
    })
  }
  return toProblem(originalError ?? error)
}

/** graphql-js finds an argument wrong while it executes where a variable with a default was given null. */
const isArgumentError = (error: Error): boolean =>
  error instanceof GraphQLError && error.message.startsWith('Argument "')

/** A document that is not valid: one problem, and the place of each of its issues. */
export interface DocumentFault extends Error {
  readonly problem: Problem
  readonly locations: readonly (readonly SourceLocation[])[]
  /** The document, where nothing is wrong but literals in it; else null. */
  readonly wrongLiterals: DocumentNode | null
}

const toFault = (
  problem: Problem,
  locations: DocumentFault['locations'],
  wrongLiterals: DocumentNode | null,
): DocumentFault => Object.assign(new Error(problem.message), { problem, locations, wrongLiterals })

/** A text that is no document. */
export function refuseText(error: GraphQLError): DocumentFault {
  const issue: Issue = {
    in: 'document',
    path: [],
    code: 'GRAPHQL_PARSE_FAILED',
    message: error.message,
  }
  return toFault(
    new Problem('BAD_REQUEST', error.message, { issues: [issue] }),
    [error.locations ?? []],
    null,
  )
}

export function refuseDocument(document: DocumentNode, faults: readonly Fault[]): DocumentFault {
  const issues = faults.map(
    ({ error, issue }): Issue =>
      issue ?? {
        in: 'document',
        path: [],
        code: 'GRAPHQL_VALIDATION_FAILED',
        message: error.message,
      },
  )
  const locations = faults.map(({ error }) => error.locations ?? [])
  return toFault(
    notValid(issues),
    locations,
    faults.every(({ literal }) => literal) ? document : null,
  )
}

/** The same of literals that are wrong, once the engine has said what is wrong with them: each issue with the places of all. */
export const refuseLiterals = (
  { locations }: DocumentFault,
  issues: readonly Issue[],
): DocumentFault =>
  toFault(
    notValid(issues),
    issues.map(() => locations.flat()),
    null,
  )

const notValid = (issues: readonly Issue[]): Problem =>
  new Problem('BAD_REQUEST', onlyMessage(issues) ?? 'The document is not valid for this schema.', {
    issues,
  })

export const isDocumentFault = (error: unknown): error is DocumentFault =>
  error instanceof Error && 'problem' in error && error.problem instanceof Problem

/** One entry for each place, as GraphQL's tools expect. */
export function toDocumentEntries(
  { problem, locations }: DocumentFault,
  requestId: string,
  tell: (problem: Problem) => Problem,
): readonly ErrorEntry[] {
  return problem.issues.map((issue, i) =>
    toEntry(tell(new Problem('BAD_REQUEST', issue.message, { issues: [issue] })), requestId, {
      locations: locations[i] ?? [],
    }),
  )
}

const errorCodes = Object.keys(errorTable) as ErrorCode[] // Object.keys forgets what the table knows

/** A problem, or a fault of the request that the framework found; null for what is not this face's to tell. */
export function toDocumentProblem(error: unknown): Problem | null {
  if (error instanceof Problem) return error
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return null
  const { statusCode } = error
  const code = errorCodes.find((one) => errorTable[one].status === statusCode)
  if (code === undefined || errorTable[code].status >= 500) return null
  return new Problem(code, `${errorTable[code].title}.`, { cause: error })
}
