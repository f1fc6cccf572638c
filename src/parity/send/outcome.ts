// The outcome of a request, the same for both faces: rows, pages and cursors, or an error with its issues.
import type { Issue } from '../../errors.ts'
import { problemType } from '../../problem-body.ts'

export type Outcome =
  | {
      readonly ok: true
      /** A row, a page, rows or a value; null for no row. A batch has the outcome of each of its writes. */
      readonly value: unknown
      /** GraphQL: the code of each field or relation that was answered null with an error, by its path without indices. */
      readonly denied: ReadonlyMap<string, string>
      /** REST: a write that was answered by a status alone. */
      readonly silent: boolean
      /** Whether an upsert has created the row; null for other operations. */
      readonly created: boolean | null
    }
  | Refused

/** An error. */
export interface Refused {
  readonly ok: false
  readonly code: string
  readonly type: string
  readonly message: string
  readonly issues: readonly Issue[]
  /** The details of an operation's own error; null for none. */
  readonly details: unknown
  /** Which write of a batch has failed, from 0; null where the error is of the whole request. */
  readonly request: number | null
}

/** A page of rows: the answer itself, or a relation of a row. */
export interface OutcomePage {
  readonly rows: readonly unknown[]
  readonly next: string | null
  readonly previous: string | null
  readonly total: string | null
}

export const isPage = (value: object): value is OutcomePage =>
  'rows' in value && 'next' in value && 'previous' in value

export const found = (
  value: unknown,
  denied: ReadonlyMap<string, string> = new Map(),
  created: boolean | null = null,
): Outcome => ({ ok: true, value, denied, silent: false, created })

/** An answer that breaks the contract. */
export const unreadableOutcome = (message: string): Refused => ({
  ok: false,
  code: 'INTERNAL',
  type: problemType('INTERNAL'),
  message,
  issues: [],
  details: null,
  request: null,
})

/** The code of an error, or `OK`. */
export function codeOf(outcome: Outcome): string {
  if (!outcome.ok) return outcome.code
  return outcome.denied.size > 0 ? 'OK, in part' : 'OK'
}

/** Whether the database was too slow or too busy. */
export const isLate = (outcome: Outcome): boolean =>
  !outcome.ok && (outcome.code === 'TIMEOUT' || outcome.code === 'UNAVAILABLE')

/** Thrown for an answer that breaks the contract for every request. */
export class UnreadableAnswer extends Error {}
