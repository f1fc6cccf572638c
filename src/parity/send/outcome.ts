// What an answer comes to, whichever face gave it: rows with their values, pages and cursors, or an error with its issues.
import { type Issue } from '../../errors.ts'
import { problemType } from '../../problem-body.ts'

export type Outcome =
  | {
      readonly ok: true
      /** A row, a page, rows or a value; null for no row. Of several writes together the outcome of each. */
      readonly value: unknown
      /** Fields and relations that were answered null with an error, by their path without indices, and the error's code. */
      readonly denied: ReadonlyMap<string, string>
      /** REST: a status without the row that was written. */
      readonly silent: boolean
      /** An upsert's: whether the row was not there before. */
      readonly created: boolean | null
    }
  | Refused

/** An error, as both faces tell it. */
export interface Refused {
  readonly ok: false
  readonly code: string
  readonly type: string
  readonly message: string
  readonly issues: readonly Issue[]
  /** What an operation's own error says besides; null for none. */
  readonly details: unknown
  /** Which of several writes has failed, from 0; null for none of them, and where there is one alone. */
  readonly request: number | null
}

/** A page of rows, at the root or in a row. */
export interface OutcomePage {
  readonly rows: readonly unknown[]
  readonly next: string | null
  readonly previous: string | null
  readonly total: string | null
}

export const found = (
  value: unknown,
  denied: ReadonlyMap<string, string> = new Map(),
  created: boolean | null = null,
): Outcome => ({ ok: true, value, denied, silent: false, created })

/** What is no answer of the contract's. */
export const unreadable = (message: string): Refused => ({
  ok: false,
  code: 'INTERNAL',
  type: problemType('INTERNAL'),
  message,
  issues: [],
  details: null,
  request: null,
})

export const codeOf = (outcome: Outcome): string =>
  outcome.ok ? (outcome.denied.size > 0 ? 'OK, in part' : 'OK') : outcome.code

/** An answer that no request may get: it says more of the face than of the request. */
export class UnreadableAnswer extends Error {}
