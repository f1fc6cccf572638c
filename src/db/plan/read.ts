// Finds the plan of a read, or builds it: requests of one fingerprint share a plan.
import { PgDialect } from 'drizzle-orm/pg-core'
import { factsOf } from './build-read.ts'
import type { PlanCache } from './cache.ts'
import { readFingerprint } from './fingerprint.ts'
import type { Layout, ManyLayout, OneLayout } from './layout.ts'
import { buildReadPlan, type ReadPlan } from './read-plan.ts'
import type { Level, ReadRequest } from './read-request.ts'

const dialect = new PgDialect()

/** One statement, so one snapshot, for a selection of any depth. */
export const planRead = (plans: PlanCache, request: ReadRequest): ReadPlan =>
  planOf(plans, request, Number.POSITIVE_INFINITY)

/** The same with each of its rows in one row: those of a list, or of the one relation that the request is about. */
export const planRowByRow = (plans: PlanCache, request: ReadRequest): ReadPlan =>
  planOf(plans, request, request.page === null ? 2 : 1)

const planOf = (plans: PlanCache, request: ReadRequest, depth: number): ReadPlan =>
  plans.get(`read ${depth} ${readFingerprint(request)}`, () =>
    buildReadPlan(request, dialect, depth),
  )

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

const NOT_ITS_PLAN = 'A plan was found for a request of another fingerprint.'
