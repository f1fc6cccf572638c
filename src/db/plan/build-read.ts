// A read's levels in SQL: to-one relations join flat; a to-many is one cell of JSON text, or rows of its own (flat.ts).
import { and, type SQL, sql } from 'drizzle-orm'
import type { Field, Resource } from '../../schema/model/model.ts'
import {
  type Building,
  conditionSql,
  manySource,
  oneSource,
  type RelationSource,
} from './conditions.ts'
import { firstOfEach } from './distinct.ts'
import { type Aliased, aliasOf, commas, fromTable, readExpressionOf } from './expressions.ts'
import type { Layout, ManyLayout, OneLayout, PageFacts } from './layout.ts'
import { behindCursor, joinCounts, orderBySql, orderExpression } from './order.ts'
import { parameter } from './parameters.ts'
import type { Condition, Level, ManyRequest, PageRequest, CountedTotal } from './read-request.ts'
import { versionSql } from './version.ts'

/** The select list of one row, shared by a level and the to-one levels joined to it. */
export interface RowBuilding {
  readonly building: Building
  /** Adds a cell to the select list and says where it lies in a row. */
  readonly add: (cell: SQL) => number
  readonly joins: SQL[]
  /** Builds the rows of the level's to-many relation in another way than as a cell of JSON; null for none. */
  readonly buildRows: ((many: ManyRequest, from: Aliased) => Layout) | null
}

/** The layout of no cells: of rows that were not asked for, or are not the caller's to see. */
export const emptyLayout = (resource: Resource, denied: readonly string[] = []): Layout => ({
  resource,
  fields: [],
  toOne: [],
  toMany: [],
  key: [],
  cursor: [],
  denied,
})

/** `from … where … order by … limit …` of a level's rows. */
export function selectRows(
  row: Pick<RowBuilding, 'building' | 'joins'>,
  source: RelationSource,
  table: Aliased,
  page: PageRequest | null,
): SQL {
  const { building } = row
  const joins = row.joins.length === 0 ? sql`` : sql` ${sql.join(row.joins, sql` `)}`
  const where = and(source.on, page === null ? undefined : behindCursor(building, page, table))
  const paged =
    page === null
      ? sql``
      : sql` ${orderBySql(building, page, table)} limit ${parameter(page.limitSlot, (limit) => String(Number(limit) + 1))}${
          page.offsetSlot === null ? sql`` : sql` offset ${parameter(page.offsetSlot, String)}`
        }`
  return sql`from ${source.from}${joins} where ${where}${paged}`
}

/** Adds a level's cells and joins to the row; its layout says where they lie. */
export function buildLevel(
  row: RowBuilding,
  level: Level,
  table: Aliased,
  page: PageRequest | null,
): Layout {
  const { building, add } = row
  const placed = new Map<string, number>()
  const place = (field: Field, visible: Condition): number => {
    const known = placed.get(field.name)
    if (known !== undefined) return known
    const read = readExpressionOf(field, table)
    const shown =
      visible.type === 'constant' && visible.value
        ? read
        : sql`case when ${conditionSql(building, visible, table)} then ${read} end`
    const index = add(shown)
    placed.set(field.name, index)
    return index
  }
  const key = level.resource.primaryKey.fields.map((field) => place(field, alwaysVisible))
  const fields = level.fields.map(({ field, visible }) => ({ field, index: place(field, visible) }))
  if (page !== null) for (const join of joinCounts(building, page, table)) row.joins.push(join)
  const cursor = (page?.order ?? []).map((order) =>
    order.path.length === 0 && order.counted === null && !isBoolean(order.field)
      ? place(order.field, alwaysVisible)
      : add(orderExpression(building, order, table, cursorExpressionOf)),
  )
  const toOne = level.toOne.map((one): OneLayout => {
    const inner = aliasOf(one.level.resource, building.nextAlias())
    row.joins.push(joinOne(building, one, table, inner))
    const layout = buildLevel({ ...row, buildRows: null }, one.level, inner, null)
    return { id: one.id, relation: one.relation, layout, present: layout.key[0] ?? 0 }
  })
  const toMany = level.toMany.map((many) => buildMany(row, many, table))
  const version = level.version === true ? { version: add(versionSql(table)) } : {}
  return {
    resource: level.resource,
    fields,
    toOne,
    toMany,
    key,
    cursor,
    denied: level.denied,
    ...version,
  }
}

const isBoolean = ({ kind, list }: Field): boolean => kind.name === 'boolean' && !list

/** `true` from JSON is `t` from the protocol, and a row has one cursor, however it was fetched. */
const cursorExpressionOf = (field: Field, table: Aliased): SQL =>
  isBoolean(field) ? sql`(${readExpressionOf(field, table)})::text` : readExpressionOf(field, table)

const alwaysVisible: Condition = { type: 'constant', value: true }

function joinOne(building: Building, one: Level['toOne'][number], from: Aliased, to: Aliased): SQL {
  const step = {
    relation: one.relation,
    target: one.level.resource,
    through: one.through,
    visible: one.level.where,
  }
  const source = oneSource(building, step, from, to)
  return sql`left join ${source.from} on ${source.on}`
}

function buildMany(
  { building, add, buildRows }: RowBuilding,
  many: ManyRequest,
  from: Aliased,
): ManyLayout {
  const rows = { from: { step: many, table: from }, page: many.page, level: many.level }
  const facts = { id: many.id, relation: many.relation, page: factsOf(many.page) }
  const total = many.total === false ? null : add(countRows(building, rows, many.total))
  if (!many.rows)
    return {
      ...facts,
      total,
      rows: null,
      layout: emptyLayout(many.level.resource, many.level.denied),
    }
  if (buildRows !== null) return { ...facts, total, rows: 'flat', layout: buildRows(many, from) }
  const built = pagedRows(building, rows)
  return { ...facts, total, rows: add(built.sql), layout: built.layout }
}

export interface PagedRows {
  readonly from: { readonly step: ManyRequest; readonly table: Aliased } | null
  readonly page: PageRequest
  readonly level: Level
}

export function rootSource(
  building: Building,
  level: Level,
  table: Aliased,
  page: PageRequest | null,
): RelationSource {
  const source = {
    from: fromTable(level.resource.table, table.name),
    on: conditionSql(building, level.where, table),
  }
  return page === null || page.distinct === 0 ? source : firstOfEach(building, source, page, table)
}

export function sourceOf(
  building: Building,
  { from, level, page }: PagedRows,
  to: Aliased,
): RelationSource {
  if (from === null) return rootSource(building, level, to, page)
  const { relation, through } = from.step
  const source = manySource(
    building,
    { relation, through, target: level.resource, visible: level.where },
    from.table,
    to,
  )
  return page.distinct === 0 ? source : firstOfEach(building, source, page, to)
}

/** A page of rows as one cell: a JSON list of rows, each a list of text. */
export function pagedRows(
  building: Building,
  rows: PagedRows,
): { readonly sql: SQL; readonly layout: Layout } {
  const table = aliasOf(rows.level.resource, building.nextAlias())
  const cells: SQL[] = []
  const row: RowBuilding = {
    building,
    joins: [],
    buildRows: null,
    add: (cell) => cells.push(sql`(${cell})::text`) - 1,
  }
  const layout = buildLevel(row, rows.level, table, rows.page)
  const body = selectRows(row, sourceOf(building, rows, table), table, rows.page)
  return {
    layout,
    sql: sql`(select coalesce(json_agg(q.r), '[]') from (select array[${commas(cells)}]::text[] as r ${body}) as q)`,
  }
}

/** Up to this many rows an estimate is a count. */
export const COUNTED = 10_000

export function countRows(building: Building, rows: PagedRows, total: CountedTotal): SQL {
  const source = sourceOf(building, rows, aliasOf(rows.level.resource, building.nextAlias()))
  if (typeof total === 'string')
    return sql`(select count(*) from (select 1 from ${source.from} where ${source.on} limit ${sql.raw(String(COUNTED + 1))}) as q)`
  return sql`(select count(*) from ${source.from} where ${source.on})`
}

export const factsOf = (page: PageRequest): PageFacts => ({
  at: page.at,
  limit: page.limit,
  backward: page.backward,
  continued: page.continued,
  order: page.orderName,
})
