// The cost of an export: that of a page of its rows before it begins, and that of each further page when its rows have come.
import type { Model } from '../../schema/model/model.ts'
import { type AskedRead, estimateRead } from './estimate.ts'
import { type Charging, chargeMore } from './bill.ts'
import type { Estimate } from './cost.ts'
import type { Bill } from '../request.ts'

/** Exports have no page size of their own, so the largest page that a list has stands for each of their batches. */
export const estimateExport = (
  model: Model,
  { form, lists }: Pick<AskedRead, 'form' | 'lists'>,
): Estimate => {
  const whole = form.operation.standard === 'list' ? 0 : 1
  const asked = lists.map((list, at) =>
    at === whole ? { ...list, first: form.operation.resource.page.max } : list,
  )
  return estimateRead(model, { form, lists: asked, rows: true, total: false })
}

/**
 * Counts rows of an export, and takes the points of each further page from the budget. The first page is paid.
 * @throws Problem RATE_LIMITED
 */
export type PayRows = (rows: number) => Promise<void>

export function openPaying(
  engine: Charging,
  bill: Bill,
  { points, pageRows }: { readonly points: number; readonly pageRows: number },
): PayRows {
  let unpaid = -pageRows
  return async (rows) => {
    unpaid += rows
    if (unpaid <= 0) return
    const pages = Math.ceil(unpaid / pageRows)
    unpaid -= pages * pageRows
    await chargeMore(engine, bill, pages * points)
  }
}
