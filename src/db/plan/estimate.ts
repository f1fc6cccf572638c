// Estimated totals: rows are counted up to a bound (countRows), and from there on PostgreSQL's planner is asked how many it
// expects of the very same statement, with the same filter and values. That is one statement more for each such list. The
// planner's statistics are of whole tables, so it is asked only for callers who see every row of the tables (isCountable).
import { eq, is, type SQL, sql } from 'drizzle-orm'
import { PgDialect, PgTable } from 'drizzle-orm/pg-core'
import type { Resource } from '../../schema/model/model.ts'
import type { RunOptions, Session, TextRow } from '../database.ts'
import { COUNTED, type PagedRows, sourceOf } from './build-read.ts'
import type { PlanCache } from './cache.ts'
import { startBuilding } from './conditions.ts'
import { aliasOf, expressionOf, fromTable } from './expressions.ts'
import { readFingerprint, relationFingerprint } from './fingerprint.ts'
import { type Layout, type ManyLayout, rowsOfCell } from './layout.ts'
import { allHold } from './logic.ts'
import { parameter } from './parameters.ts'
import type {
  Condition,
  CountedTotal,
  Level,
  ManyRequest,
  PageRequest,
  ReadRequest,
  Step,
} from './read-request.ts'
import type { ReadPlan } from './read-plan.ts'
import { compileStatement } from './statement.ts'
import { cellParameter } from './values.ts'

const dialect = new PgDialect()

/** Whether a read asks the planner for the total of any of its lists. */
export const isEstimated = (request: ReadRequest): boolean =>
  isOf(request, (total) => total === 'estimated')

/** Whether a read counts any of its lists up to a bound only. */
export const isBounded = (request: ReadRequest): boolean =>
  isOf(request, (total) => typeof total === 'string')

type TotalTest = (total: CountedTotal) => boolean

const isOf = ({ total, level }: ReadRequest, test: TotalTest): boolean =>
  test(total) || levelIsOf(level, test)

const levelIsOf = (level: Level, test: TotalTest): boolean =>
  level.toOne.some((one) => levelIsOf(one.level, test)) ||
  level.toMany.some((many) => test(many.total) || levelIsOf(many.level, test))

const hasEstimates = (level: Level): boolean => levelIsOf(level, (total) => total === 'estimated')

/** Rows of a list, as policies have it. */
export interface ListRows {
  readonly resource: Resource
  /** What the policy of the resource says, and that of the junction on the way to it. */
  readonly visible: Condition
  readonly through: Condition
  /** The caller's filter, in which the policies of related resources stand. */
  readonly filter: Condition
  readonly page: PageRequest
}

/**
 * Whether the planner's statistics are only of rows that the caller may read: no policy hides rows of any table that the list's
 * rows depend on, and none of them is a view, which may hide rows of its tables.
 */
export const isCountable = ({ resource, visible, through, filter, page }: ListRows): boolean =>
  seesAll({ target: resource, visible, through }) &&
  holdsInView(filter) &&
  (page.distinct === 0 ||
    page.order.every(({ path, counted }) =>
      [...path, ...(counted === null ? [] : [counted])].every(seesAll),
    ))

const seesAll = ({ target, visible, through }: Omit<Step, 'relation'>): boolean =>
  is(target.table, PgTable) && isTrue(visible) && isTrue(through)

const isTrue = (condition: Condition): boolean => condition.type === 'constant' && condition.value

function holdsInView(condition: Condition): boolean {
  switch (condition.type) {
    case 'and':
    case 'or':
      return condition.of.every(holdsInView)
    case 'not':
      return holdsInView(condition.of)
    case 'related':
    case 'counted':
      return seesAll(condition) && holdsInView(condition.of)
    default:
      return true
  }
}

interface Estimating {
  readonly session: Session
  readonly plans: PlanCache
  readonly request: ReadRequest
  readonly options: RunOptions | undefined
  /** By list and parent: rows that came side by side repeat both. */
  readonly known: Map<string, Promise<string>>
}

/** A read with the rows that its plan has fetched. */
interface Fetched {
  readonly request: ReadRequest
  readonly plan: ReadPlan
  readonly rows: readonly TextRow[]
}

/** The rows of a read with estimates in place of the totals that were not counted to their end. */
export async function withEstimates(
  session: Session,
  plans: PlanCache,
  { request, plan, rows }: Fetched,
  options?: RunOptions,
): Promise<readonly TextRow[]> {
  const estimating: Estimating = { session, plans, request, options, known: new Map() }
  const { level } = request
  const { wrapped, layout } = plan
  if (wrapped === null) return each(rows, (row) => inRow(estimating, level, layout, row))
  return each(rows, async (row) => {
    const cells = [...row]
    if (request.total === 'estimated' && isOver(cells[wrapped.total]))
      cells[wrapped.total] = await estimateOf(
        estimating,
        { from: null, level, page: pageOf(request) },
        [],
      )
    if (wrapped.rows !== null)
      cells[wrapped.rows] = await inCell(estimating, level, layout, cells[wrapped.rows] ?? null)
    return cells
  })
}

const isOver = (total: string | null | undefined): boolean => Number(total) > COUNTED

const pageOf = ({ page }: ReadRequest): PagedRows['page'] => {
  if (page === null) throw new Error('What is counted is a page.')
  return page
}

/** One after the other: a page of rows must not take every connection. */
async function each(
  rows: readonly TextRow[],
  change: (row: TextRow) => Promise<TextRow>,
): Promise<readonly TextRow[]> {
  const changed: TextRow[] = []
  for (const row of rows) changed.push(await change(row))
  return changed
}

async function inCell(
  estimating: Estimating,
  level: Level,
  layout: Layout,
  cell: string | null,
): Promise<string | null> {
  if (cell === null || !hasEstimates(level)) return cell
  return JSON.stringify(
    await each(rowsOfCell(cell), (row) => inRow(estimating, level, layout, row)),
  )
}

async function inRow(
  estimating: Estimating,
  level: Level,
  layout: Layout,
  row: TextRow,
): Promise<TextRow> {
  if (!hasEstimates(level)) return row
  let changed = row
  for (const [i, one] of layout.toOne.entries()) {
    const asked = level.toOne[i]
    if (asked !== undefined && row[one.present] !== null)
      changed = await inRow(estimating, asked.level, one.layout, changed)
  }
  for (const [i, many] of layout.toMany.entries()) {
    const asked = level.toMany[i]
    if (asked !== undefined)
      changed = await inMany(estimating, { asked, many, parent: layout }, changed)
  }
  return changed
}

interface Related {
  readonly asked: ManyRequest
  readonly many: ManyLayout
  readonly parent: Layout
}

async function inMany(
  estimating: Estimating,
  { asked, many, parent }: Related,
  row: TextRow,
): Promise<TextRow> {
  const cells = [...row]
  const key = parent.key.map((index) => row[index] ?? null)
  if (asked.total === 'estimated' && many.total !== null && isOver(cells[many.total])) {
    cells[many.total] = await estimateOf(estimating, { parent: parent.resource, asked }, key)
  }
  if (typeof many.rows === 'number')
    cells[many.rows] = await inCell(estimating, asked.level, many.layout, cells[many.rows] ?? null)
  const [first = 0] = many.layout.key
  return many.rows === 'flat' && row[first] !== null
    ? inRow(estimating, asked.level, many.layout, cells)
    : cells
}

type Counted = PagedRows | { readonly parent: Resource; readonly asked: ManyRequest }

function estimateOf(estimating: Estimating, counted: Counted, key: TextRow): Promise<string> {
  const { request, known } = estimating
  const fingerprint =
    'asked' in counted
      ? `estimate ${counted.parent.key} ${request.values.length} ${relationFingerprint(counted.asked)}`
      : `estimate ${readFingerprint(request)}`
  const place = JSON.stringify([fingerprint, ...key])
  const estimate = known.get(place) ?? askPlanner(estimating, { counted, fingerprint }, key)
  known.set(place, estimate)
  return estimate
}

/** Row level security that holds for the session hides rows that the statistics are of. */
const SECURED =
  'select 1 from pg_catalog.pg_class where relrowsecurity and pg_catalog.row_security_active(oid) limit 1'

/** Never fewer than were counted. */
async function askPlanner(
  { session, plans, request, options }: Estimating,
  { counted, fingerprint }: { readonly counted: Counted; readonly fingerprint: string },
  key: TextRow,
): Promise<string> {
  const secured = await session.query({ text: SECURED, values: [] }, options)
  if (secured.rows.length > 0) return String(COUNTED + 1)
  const plan = plans.get(fingerprint, () =>
    compileStatement(
      sql`explain (format json) ${'asked' in counted ? relatedRows(counted, request.values.length) : rootRows(counted)}`,
      dialect,
    ),
  )
  const {
    rows: [row],
  } = await session.query(plan.bind([...request.values, ...key]), options)
  const [explained] = JSON.parse(row?.[0] ?? '[]') as readonly {
    readonly Plan: { readonly 'Plan Rows': number }
  }[] // PostgreSQL's own form
  return String(Math.max(Math.round(explained?.Plan['Plan Rows'] ?? 0), COUNTED + 1))
}

function rootRows(rows: PagedRows): SQL {
  const building = startBuilding()
  const source = sourceOf(building, rows, aliasOf(rows.level.resource, building.nextAlias()))
  return sql`select 1 from ${source.from} where ${source.on}`
}

/** Rows related to one row, which is found by the cells of its key. */
function relatedRows(
  { parent, asked }: Extract<Counted, { readonly asked: ManyRequest }>,
  slot: number,
): SQL {
  const building = startBuilding()
  const table = aliasOf(parent, building.nextAlias())
  const source = sourceOf(
    building,
    { from: { step: asked, table }, page: asked.page, level: asked.level },
    aliasOf(asked.level.resource, building.nextAlias()),
  )
  const keyed = allHold(
    parent.primaryKey.fields.map((field, i) =>
      eq(expressionOf(field, table), parameter(slot + i, cellParameter(field))),
    ),
  )
  return sql`select 1 from ${fromTable(parent.table, table.name)} cross join lateral (select 1 from ${source.from} where ${source.on}) as q where ${keyed}`
}
