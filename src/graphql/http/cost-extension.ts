// The cost of a request in its answer: `extensions.cost`.
import { costOfBill } from '../../engine/charge/bill.ts'
import type { Bill } from '../../engine/request.ts'

/** The member of an answer, without the braces around it. */
export function extensionsText(bill: Bill): string {
  const { requested, limit } = costOfBill(bill)
  return `"extensions":{"cost":{"requested":${requested},"limit":${limit}}}`
}
