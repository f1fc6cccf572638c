// The bill of one HTTP request: everything that it asks for is added to it, and charged, before anything is done for it.
import { answerBytesOf } from '../../answer-bytes.ts'
import { Problem } from '../../errors.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import type { Limits } from '../parse/limits.ts'
import type { Bill } from '../request.ts'
import type { Budget, Receipt } from './budget.ts'
import { BYTES_PER_POINT, type Estimate, inWords } from './cost.ts'

/** What bills are opened and charged with: the engine. */
export interface Charging {
  readonly limits: Pick<Limits, 'cost' | 'roles'>
  readonly budget: Budget | null
}

/** @param account whose budget pays, in the words of the server; callers without one share the empty one */
export const openBill = (
  { limits }: Pick<Charging, 'limits'>,
  caller: Pick<Caller, 'roles'>,
  account = '',
): Bill => ({
  limit: costLimit(limits, caller),
  requested: 0,
  fixed: 0,
  rows: 0,
  statements: 0,
  account,
  isBroken: false,
  receipts: [],
  paid: 0,
  charged: 0,
  givenBack: 0,
  refused: null,
})

/** The greatest of the caller's roles; the gateway's where none of them has a limit. */
export function costLimit(
  { cost, roles }: Charging['limits'],
  caller: Pick<Caller, 'roles'>,
): number {
  let most: number | undefined
  for (const role of caller.roles) {
    const own = Object.hasOwn(roles, role) ? roles[role]?.cost : undefined
    if (own !== undefined) most = Math.max(own, most ?? 0)
  }
  return most ?? cost
}

/**
 * Adds parts of the request, and takes their points from the caller's budget.
 * @returns null where nothing has to be waited for
 * @throws Problem TOO_COMPLEX, RATE_LIMITED
 */
export function chargeBill(
  { budget }: Pick<Charging, 'budget'>,
  bill: Bill,
  estimates: readonly Estimate[],
): Promise<void> | null {
  let points = 0
  let fixed = 0
  for (const one of estimates) {
    points += one.points
    fixed += one.fixed
    bill.rows += one.rows
    bill.statements += one.statements
  }
  if (points === 0) return null
  bill.fixed += fixed
  if (bill.requested + points > bill.limit) {
    bill.requested += points
    bill.refused = 'too_complex'
    throw tooCostly(bill, estimates)
  }
  return chargeMore({ budget }, bill, points)
}

/**
 * Takes points beyond the limit of one request: of an export, which has its own limit of rows.
 * @returns null where nothing has to be waited for
 * @throws Problem RATE_LIMITED
 */
export function chargeMore(
  { budget }: Pick<Charging, 'budget'>,
  bill: Bill,
  points: number,
): Promise<void> | null {
  bill.requested += points
  if (budget === null) {
    bill.charged += points
    return null
  }
  const taken = take(budget, bill, points)
  if (taken instanceof Promise)
    return taken.then(
      (receipt) => keep(bill, receipt, points),
      (error: unknown) => throwRefusal(bill, error),
    )
  keep(bill, taken, points)
  return null
}

function take(budget: Budget, bill: Bill, points: number): ReturnType<Budget['take']> {
  try {
    return budget.take(bill.account, points, bill.paid)
  } catch (error) {
    return throwRefusal(bill, error)
  }
}

function keep(bill: Bill, receipt: Receipt, points: number): void {
  bill.receipts.push(receipt)
  bill.charged += points
}

/** A budget that fails has refused nothing. */
function throwRefusal(bill: Bill, error: unknown): never {
  if (error instanceof Problem && error.code === 'RATE_LIMITED') bill.refused = 'budget'
  throw error
}

function tooCostly({ requested, limit }: Bill, estimates: readonly Estimate[]): Problem {
  const costliest = estimates.reduce((most, one) => (one.points > most.points ? one : most))
  return new Problem(
    'TOO_COMPLEX',
    `The request may cost ${inWords(requested)} points; at most ${inWords(limit)} are allowed. The costliest part is ${costliest.costliest()}. Ask for smaller pages (first, limit), fewer levels of lists, or a simpler filter.`,
  )
}

/**
 * Gives back what completed work did not use. What depends on rows is measured by the bytes that the database sent, or by
 * those of the answer, whichever are more: a row that is read and not shown is paid for too.
 * Work that fails or runs out of time is not settled: it pays in full.
 */
export function settleBill(bill: Bill, signal: AbortSignal, written: number): void {
  const { receipts, requested, fixed, isBroken } = bill
  if (receipts.length === 0 || isBroken) return
  const bytes = Math.max(written, answerBytesOf(signal)?.read ?? 0)
  let unused = requested - fixed - Math.ceil(bytes / BYTES_PER_POINT)
  for (const receipt of receipts) {
    if (unused <= 0) break
    const back = receipt.giveBack(unused) // at most what it took
    bill.givenBack += back
    unused -= back
  }
  receipts.length = 0
}

/** Gives back all points of a request that was refused before its first statement. */
export function refundRefused(bill: Bill): void {
  const { receipts, requested } = bill
  for (const receipt of receipts) bill.givenBack += receipt.giveBack(requested) // each at most what it took
  receipts.length = 0
}

/** What an answer says of its cost. */
export const costOfBill = ({
  requested,
  limit,
}: Bill): { readonly requested: number; readonly limit: number } => ({
  requested: Math.max(1, requested), // an answer without any work, such as that of __typename
  limit,
})

/** The same as a header, with what it pays for at most: a dictionary of structured fields (RFC 9651). */
export const COST_HEADER = 'bifrons-cost'
export function costHeader(bill: Bill): string {
  const { requested, limit } = costOfBill(bill)
  return `requested=${requested}, limit=${limit}, rows=${bill.rows}, statements=${bill.statements}`
}
