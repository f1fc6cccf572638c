// The cost of an export: that of a page of its rows before it begins, and that of its further rows when they have come.
import type { Model } from '../../schema/model/model.ts'
import { type AskedRead, estimateRead } from './estimate.ts'
import { type Charging, chargeMore } from './bill.ts'
import type { Estimate } from './cost.ts'
import type { Bill, ListInput } from '../request.ts'

/** Rows of an export that a point pays for, those of related lists included: they are read once, by a statement that goes on. */
const ROWS_PER_POINT = 1000

/** Exports have no page size of their own, so the largest page that a list has stands for each of their batches. */
export function estimateExport(
  model: Model,
  { form, lists }: Pick<AskedRead, 'form' | 'lists'>,
): ExportEstimate {
  const whole = form.operation.standard === 'list' ? 0 : 1
  const pageRows = form.operation.resource.page.max
  const estimatePage = (own: ListInput): Estimate => {
    const asked = lists.map((list, at) => (at === whole ? { ...own, first: pageRows } : list))
    return estimateRead(model, { form, lists: asked, rows: true, total: false })
  }
  const first = estimatePage(lists[whole] ?? {})
  const further = estimatePage({})
  return {
    first,
    pageRows,
    pointsPerRow: (further.rows / ROWS_PER_POINT + further.fixed - 1) / pageRows,
  }
}

interface ExportEstimate {
  readonly first: Estimate
  /** Rows of the export, without those of related lists, that `first` pays for. */
  readonly pageRows: number
  /** Of a further row, with its related lists; the filter and the order of the export are paid with the first page. */
  readonly pointsPerRow: number
}

/**
 * Counts rows of an export, and takes the points of those behind the first page, which is paid, from the budget.
 * @throws Problem RATE_LIMITED
 */
export type PayRows = (rows: number) => Promise<void>

export function openPaying(
  engine: Charging,
  bill: Bill,
  { pageRows, pointsPerRow }: Omit<ExportEstimate, 'first'>,
): PayRows {
  let unread = pageRows
  let unpaid = 0
  return async (rows) => {
    const further = Math.max(0, rows - unread)
    unread = Math.max(0, unread - rows)
    unpaid += further * pointsPerRow
    const points = Math.ceil(unpaid)
    if (points === 0) return
    unpaid -= points
    await chargeMore(engine, bill, points)
  }
}
