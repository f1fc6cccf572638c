// Runs a planned read: gives its rows to a renderer as they come, or keeps them for code that looks at them.
import type { RunOptions, Session } from '../../db/database.ts'
import { factsOf } from '../../db/plan/build-read.ts'
import type { PlanCache } from '../../db/plan/cache.ts'
import { isEstimated, withEstimates } from '../../db/plan/estimate.ts'
import type { Layout } from '../../db/plan/layout.ts'
import type { ReadPlan } from '../../db/plan/read-plan.ts'
import { layoutFor, planRead } from '../../db/plan/read.ts'
import type { ReadRequest } from '../../db/plan/read-request.ts'
import { type RawRows, toRawRows } from '../../db/raw-rows.ts'
import { weighRows } from '../charge/bill.ts'
import { rootPage, type RowPage } from '../render/page.ts'
import type { Bill } from '../request.ts'
import { keepRows, type Row, type RowSet, rowsIn } from '../render/row-reader.ts'

/** Where a read runs. */
export interface Reader {
  readonly session: Session
  readonly plans: PlanCache
  readonly options: RunOptions
  /** Counts the bytes that come; none where the rows are few. */
  readonly bill?: Bill
}

interface PlannedRead {
  readonly plan: ReadPlan
  readonly values: readonly unknown[]
  /** The request, if its total is estimated: the planner is then asked (estimate.ts). */
  readonly estimated: ReadRequest | null
}

/** Null where the planner is not asked. */
export const estimatedIn = (request: ReadRequest): ReadRequest | null =>
  isEstimated(request) ? request : null

/** Rows whose totals are estimated have to wait for what the planner says, so they are taken as text. */
export async function runRead<T>(
  { session, plans, options, bill }: Reader,
  { plan, values, estimated }: PlannedRead,
  render: (rows: RawRows) => T,
): Promise<T> {
  const take = (rows: RawRows): T => {
    if (bill !== undefined) weighRows(bill, rows.bytes.length)
    return render(rows)
  }
  if (estimated === null) return session.read(plan.bind(values), take, options)
  const { rows } = await session.query(plan.bind(values), options)
  const request = { ...estimated, values }
  return take(toRawRows(await withEstimates(session, plans, { request, plan, rows }, options)))
}

/** One row, or the rows of some keys. */
export async function readRows(
  reader: Reader,
  request: ReadRequest,
): Promise<{ readonly layout: Layout; readonly rows: readonly Row[] }> {
  const { layout, set } = await readSet(reader, request)
  return { layout, rows: rowsIn(set, layout) }
}

/** A page of a list. */
export async function readPage(
  reader: Reader,
  request: ReadRequest,
): Promise<{ readonly layout: Layout; readonly page: RowPage }> {
  const { page } = request
  if (page === null) throw new Error('A read of one row was asked for as a page.')
  const { layout, set, plan } = await readSet(reader, request)
  const { wrapped } = plan
  return { layout, page: rootPage(set, { layout, facts: factsOf(page), wrapped }) }
}

interface KeptRead {
  readonly layout: Layout
  readonly plan: ReadPlan
  readonly set: RowSet
}

async function readSet(reader: Reader, request: ReadRequest): Promise<KeptRead> {
  const plan = planRead(reader.plans, request)
  const planned = { plan, values: request.values, estimated: estimatedIn(request) }
  const set = await runRead(reader, planned, keepRows)
  return { plan, set, layout: layoutFor(plan.layout, request.level) }
}
