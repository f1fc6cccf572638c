// A read in SQL: one statement for a whole selection. To-one relations join flat; a to-many is one cell of JSON text.
import { and, type SQL, sql } from 'drizzle-orm'
import type { PgDialect } from 'drizzle-orm/pg-core'
import type { Field, Resource } from '../../schema/model.ts'
import { type Building, conditionSql, manySource, oneSource, parameter, type RelationSource, startBuilding } from './conditions.ts'
import { type Aliased, aliasOf, fromTable, readExpressionOf } from './expressions.ts'
import type { Layout, ManyLayout, OneLayout, PageFacts } from './layout.ts'
import { behindCursor, orderBySql, orderExpression } from './order.ts'
import type { Condition, Level, ManyRequest, PageRequest, ReadRequest } from './read-request.ts'
import { type Compiled, compileStatement } from './statement.ts'

export interface ReadPlan extends Compiled {
  /** Ids and pages in it are those of the request that the plan was built for. */
  readonly layout: Layout
  /** Rows and total come as cells of one row, so that a total is there when no row is. */
  readonly wrapped: { readonly rows: number | null, readonly total: number } | null
}

/** The select list of one row, shared by a level and the to-one levels joined to it. */
interface RowBuilding {
  readonly building: Building
  /** Cells inside JSON are cast to text; at the root the protocol does that. */
  readonly nested: boolean
  readonly cells: SQL[]
  readonly joins: SQL[]
}

export function buildReadPlan(request: ReadRequest, dialect: PgDialect): ReadPlan {
  const building = startBuilding()
  if (request.page !== null && request.total) {
    const root = { from: null, page: request.page, level: request.level }
    const cells: SQL[] = []
    const built = request.rows ? pagedRows(building, root) : null
    if (built !== null) cells.push(built.sql)
    cells.push(countRows(building, root))
    const layout = built?.layout ?? emptyLayout(request.level.resource, request.level.denied)
    return { ...compileStatement(sql`select ${commas(cells)}`, dialect), layout, wrapped: { rows: built === null ? null : 0, total: cells.length - 1 } }
  }
  const table = aliasOf(request.level.resource, building.nextAlias())
  const row: RowBuilding = { building, nested: false, cells: [], joins: [] }
  const layout = buildLevel(row, request.level, table, request.page)
  const body = selectRows(row, rootSource(building, request.level, table), table, request.page)
  return { ...compileStatement(sql`select ${commas(row.cells)} ${body}`, dialect), layout, wrapped: null }
}

/** The layout of no cells: of rows that were not asked for, or are not the caller's to see. */
export const emptyLayout = (resource: Resource, denied: readonly string[] = []): Layout =>
  ({ resource, fields: [], ones: [], manys: [], key: [], cursor: [], denied })

const commas = (parts: readonly SQL[]): SQL => sql.join([...parts], sql`, `)

/** `from … where … order by … limit …` of a level's rows. */
function selectRows(row: RowBuilding, source: RelationSource, table: Aliased, page: PageRequest | null): SQL {
  const { building } = row
  const joins = row.joins.length === 0 ? sql`` : sql` ${sql.join(row.joins, sql` `)}`
  const where = and(source.on, page === null ? undefined : behindCursor(building, page, table))
  const paged = page === null ? sql`` : sql` ${orderBySql(building, page, table)} limit ${parameter(page.limitSlot, (limit) => String(Number(limit) + 1))}${
    page.offsetSlot === null ? sql`` : sql` offset ${parameter(page.offsetSlot, String)}`}`
  return sql`from ${source.from}${joins} where ${where}${paged}`
}

/** Adds a level's cells and joins to the row; its layout says where they lie. */
function buildLevel(row: RowBuilding, level: Level, table: Aliased, page: PageRequest | null): Layout {
  const { building } = row
  const placed = new Map<string, number>()
  const add = (cell: SQL): number => row.cells.push(row.nested ? sql`(${cell})::text` : cell) - 1
  const place = (field: Field, visible: Condition): number => {
    const known = placed.get(field.name)
    if (known !== undefined) return known
    const read = readExpressionOf(field, table)
    const shown = visible.type === 'constant' && visible.value ? read : sql`case when ${conditionSql(building, visible, table)} then ${read} end`
    const index = add(shown)
    placed.set(field.name, index)
    return index
  }
  const key = level.resource.primaryKey.fields.map((field) => place(field, alwaysVisible))
  const fields = level.fields.map(({ field, visible }) => ({ field, index: place(field, visible) }))
  const cursor = (page?.order ?? []).map((order) =>
    order.path.length === 0 ? place(order.field, alwaysVisible) : add(orderExpression(building, order, table, readExpressionOf)))
  const ones = level.ones.map((one): OneLayout => {
    const inner = aliasOf(one.level.resource, building.nextAlias())
    row.joins.push(joinOne(building, one, table, inner))
    const layout = buildLevel(row, one.level, inner, null)
    return { id: one.id, relation: one.relation, layout, present: layout.key[0] ?? 0 }
  })
  const manys = level.manys.map((many) => buildMany(row, many, table, add))
  return { resource: level.resource, fields, ones, manys, key, cursor, denied: level.denied }
}

const alwaysVisible: Condition = { type: 'constant', value: true }

function joinOne(building: Building, one: Level['ones'][number], from: Aliased, to: Aliased): SQL {
  const step = { relation: one.relation, target: one.level.resource, through: one.through, visible: one.level.where }
  const source = oneSource(building, step, from, to)
  return sql`left join ${source.from} on ${source.on}`
}

function buildMany(row: RowBuilding, many: ManyRequest, from: Aliased, add: (cell: SQL) => number): ManyLayout {
  const rows = { from: { step: many, table: from }, page: many.page, level: many.level }
  const built = many.rows ? pagedRows(row.building, rows) : null
  return {
    id: many.id,
    relation: many.relation,
    rows: built === null ? null : add(built.sql),
    total: many.total ? add(countRows(row.building, rows)) : null,
    page: factsOf(many.page),
    layout: built?.layout ?? emptyLayout(many.level.resource, many.level.denied),
  }
}

interface PagedRows {
  readonly from: { readonly step: ManyRequest, readonly table: Aliased } | null
  readonly page: PageRequest
  readonly level: Level
}

const rootSource = (building: Building, level: Level, table: Aliased): RelationSource =>
  ({ from: fromTable(level.resource.table, table.name), on: conditionSql(building, level.where, table) })

function sourceOf(building: Building, { from, level }: PagedRows, to: Aliased): RelationSource {
  if (from === null) return rootSource(building, level, to)
  const { relation, through } = from.step
  return manySource(building, { relation, through, target: level.resource, visible: level.where }, from.table, to)
}

/** A page of rows as one cell: a JSON list of rows, each a list of text. */
function pagedRows(building: Building, rows: PagedRows): { readonly sql: SQL, readonly layout: Layout } {
  const table = aliasOf(rows.level.resource, building.nextAlias())
  const row: RowBuilding = { building, nested: true, cells: [], joins: [] }
  const layout = buildLevel(row, rows.level, table, rows.page)
  const body = selectRows(row, sourceOf(building, rows, table), table, rows.page)
  return { layout, sql: sql`(select coalesce(json_agg(q.r), '[]') from (select array[${commas(row.cells)}]::text[] as r ${body}) as q)` }
}

function countRows(building: Building, rows: PagedRows): SQL {
  const source = sourceOf(building, rows, aliasOf(rows.level.resource, building.nextAlias()))
  return sql`(select count(*) from ${source.from} where ${source.on})`
}

export const factsOf = (page: PageRequest): PageFacts =>
  ({ limit: page.limit, backward: page.backward, continued: page.continued, order: page.orderName })
