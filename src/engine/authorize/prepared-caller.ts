// What prepared reads and writes know of their caller: the values that it gives, and the decisions that must be as they were.
import type { Caller } from '../../schema/declare/caller.ts'
import type { Authorization, Source } from './authorization.ts'
import { answerText, formsOf } from './evaluate-policy.ts'

/** Where a value comes from that the request does not bring. */
export type OwnSource = Exclude<Source, { readonly leaf: string }>

export const valueFor = (source: OwnSource, { claims }: Caller): unknown =>
  'claim' in source ? formsOf(claims[source.claim])[source.form] : source.constant

/** Whether functions of the caller answer as they did before. */
export const decidesAlike = (decided: Authorization['decided'], caller: Caller): boolean =>
  decided.every(({ decide, answer }) => answerText(decide(caller as never)) === answer) // the declaration's caller schema made the claims
