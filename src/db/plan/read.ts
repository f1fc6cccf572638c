// Runs a read: the plan of its shape, its values bound, its rows as they came.
import { PgDialect } from 'drizzle-orm/pg-core'
import type { RunOptions, Session } from '../database.ts'
import { buildReadPlan } from './build-read.ts'
import type { PlanCache } from './cache.ts'
import type { Layout, PageFacts, Row } from './layout.ts'
import { type ReadRequest, shapeOf } from './read-request.ts'

export interface ReadResult {
  readonly layout: Layout
  readonly page: PageFacts | null
  readonly rows: readonly Row[]
  readonly total: number | null
}

const dialect = new PgDialect()

/** One statement, one snapshot, whatever the depth of the selection. */
export async function read(session: Session, plans: PlanCache, request: ReadRequest, options?: RunOptions): Promise<ReadResult> {
  const plan = plans.get(`read ${shapeOf(request)}`, () => buildReadPlan(request, dialect))
  const result = await session.query(plan.bind(request.values), options)
  const { layout, page, wrapped } = plan
  if (wrapped === null) return { layout, page, rows: result.rows, total: null }
  const only = result.rows[0]
  const total = Number(only?.[wrapped.total] ?? 0)
  return { layout, page, total, rows: wrapped.rows === null ? [] : rowsOfCell(only?.[wrapped.rows] ?? null) }
}

/** The rows inside a to-many cell. */
export function rowsOfCell(cell: string | null): readonly Row[] {
  return cell === null ? [] : JSON.parse(cell) as readonly Row[] // our own SQL wrote it: json_agg of text arrays
}
