// Runs a read: the plan of its shape, its values bound, its rows as they came.
import { PgDialect } from 'drizzle-orm/pg-core'
import type { RunOptions, Session } from '../database.ts'
import { factsOf } from './build-read.ts'
import { buildExportPlan, buildReadPlan, type ReadPlan } from './read-plan.ts'
import type { PlanCache } from './cache.ts'
import { isEstimated, withEstimates } from './estimate.ts'
import {
  type Layout,
  type ManyLayout,
  type OneLayout,
  type PageFacts,
  type Row,
  rowsOfCell,
} from './layout.ts'
import { type Level, type ReadRequest, shapeOf } from './read-request.ts'

export interface ReadResult {
  readonly layout: Layout
  readonly page: PageFacts | null
  readonly rows: readonly Row[]
  readonly total: number | null
}

const dialect = new PgDialect()

/** The plan of a request whose reader puts related rows together by itself: see flat.ts. */
export const planFlat = (plans: PlanCache, request: ReadRequest): ReadPlan =>
  plans.get(`flat ${shapeOf(request)}`, () => buildReadPlan(request, dialect, true))

export const planExport = (plans: PlanCache, request: ReadRequest): ReadPlan =>
  plans.get(`export ${shapeOf(request)}`, () => buildExportPlan(request, dialect))

/** One statement, one snapshot, whatever the depth of the selection. */
export async function read(
  session: Session,
  plans: PlanCache,
  request: ReadRequest,
  options?: RunOptions,
): Promise<ReadResult> {
  const plan = plans.get(`read ${shapeOf(request)}`, () => buildReadPlan(request, dialect))
  const { rows: fetched } = await session.query(plan.bind(request.values), options)
  const rows = isEstimated(request)
    ? await withEstimates(session, plans, { request, plan, rows: fetched }, options)
    : fetched
  const { wrapped } = plan
  const layout = layoutFor(plan.layout, request.level)
  const page = request.page === null ? null : factsOf(request.page)
  if (wrapped === null) return { layout, page, rows, total: null }
  const [only] = rows
  const total = Number(only?.[wrapped.total] ?? 0)
  return {
    layout,
    page,
    total,
    rows: wrapped.rows === null ? [] : rowsOfCell(only?.[wrapped.rows] ?? null),
  }
}

/**
 * The plan's layout with what is this request's own: ids and limits, which requests of one plan differ in. The plan's
 * itself where they agree, so that what was built for a layout serves again.
 */
export function layoutFor(layout: Layout, level: Level): Layout {
  const toOne = layout.toOne.map((one, i) => oneFor(one, level.toOne[i]))
  const toMany = layout.toMany.map((many, i) => manyFor(many, level.toMany[i]))
  const same =
    toOne.every((one, i) => one === layout.toOne[i]) &&
    toMany.every((many, i) => many === layout.toMany[i])
  return same ? layout : { ...layout, toOne, toMany }
}

function oneFor(one: OneLayout, asked: Level['toOne'][number] | undefined): OneLayout {
  if (asked === undefined) throw new Error(NOT_ITS_PLAN)
  const layout = layoutFor(one.layout, asked.level)
  return one.id === asked.id && one.layout === layout ? one : { ...one, id: asked.id, layout }
}

function manyFor(many: ManyLayout, asked: Level['toMany'][number] | undefined): ManyLayout {
  if (asked === undefined) throw new Error(NOT_ITS_PLAN)
  const layout = many.rows === null ? many.layout : layoutFor(many.layout, asked.level)
  const same =
    many.id === asked.id &&
    many.layout === layout &&
    many.page.limit === asked.page.limit &&
    many.page.order === asked.page.orderName &&
    many.page.at === asked.page.at
  return same ? many : { ...many, id: asked.id, layout, page: factsOf(asked.page) }
}

const NOT_ITS_PLAN = 'A plan was found for a request of another shape.'
