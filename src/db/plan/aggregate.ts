// Aggregates in SQL: the rows that a caller sees, their groups, and the groups that are asked for, each a level of its own.
import { type SQL, sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Aggregate, DatePart, GroupKey } from '../../schema/model/aggregates.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import type { RunOptions, Session, TextRow } from '../database.ts'
import type { PlanCache } from './cache.ts'
import { conditionSql, startBuilding } from './conditions.ts'
import {
  type Aliased,
  aliasOf,
  commas,
  expressionOf,
  fromTable,
  readExpressionOf,
} from './expressions.ts'
import { conditionFingerprint, orderFingerprint } from './fingerprint.ts'
import { orderBySql } from './order.ts'
import { parameter } from './parameters.ts'
import type { Condition, OrderKey, Slot } from './read-request.ts'
import { type Compiled, compileStatement } from './statement.ts'

export interface AggregateRequest {
  readonly resource: Resource
  /** Policy and filter, both to hold of a row. */
  readonly where: Condition
  readonly keys: readonly GroupKey[]
  /** Everything that is shown, compared or sorted by. */
  readonly aggregates: readonly Aggregate[]
  /** Over values of groups. */
  readonly having: Condition
  /** By values of groups. */
  readonly order: readonly OrderKey[]
  readonly limitSlot: Slot
  readonly offsetSlot: Slot | null
  readonly values: readonly unknown[]
}

const dialect = new PgDialect()

/** Groups in their order: the cells of the keys, then those of the aggregates, as the request has them. */
export async function aggregate(
  session: Session,
  plans: PlanCache,
  request: AggregateRequest,
  options?: RunOptions,
): Promise<readonly TextRow[]> {
  const plan = plans.get(fingerprintOf(request), () => buildAggregate(request))
  const { rows } = await session.query(plan.bind(request.values), options)
  return rows
}

const fingerprintOf = ({
  resource,
  where,
  keys,
  aggregates,
  having,
  order,
  limitSlot,
  offsetSlot,
}: AggregateRequest): string =>
  `aggregate ${resource.key};${conditionFingerprint(where)};${keys.map(({ name }) => name).join()};${aggregates.map(({ value }) => value.name).join()}` +
  `;${conditionFingerprint(having)};${orderFingerprint(order)};${limitSlot};${offsetSlot ?? ''}`

/**
 * `select … from (select key, sum(…) from (select … from table where …) as r group by key) as g where … order by …`. Each
 * level names what the next one uses, so that a computed field is worked out once for a row, and a sum once for a group.
 */
function buildAggregate({
  resource,
  where,
  keys,
  aggregates,
  having,
  order,
  limitSlot,
  offsetSlot,
}: AggregateRequest): Compiled {
  const building = startBuilding()
  const table = aliasOf(resource, building.nextAlias())
  const fields = [
    ...new Set([...keys.map(({ of }) => of), ...aggregates.flatMap(({ of }) => of ?? [])]),
  ]
  const cells = new Map(fields.map((field, i) => [field, name('r', `f${i}`)]))
  const rows = sql`select ${commas(fields.map((field, i) => sql`${expressionOf(field, table)} as ${sql.identifier(`f${i}`)}`))} from ${fromTable(
    resource.table,
    table.name,
  )} where ${conditionSql(building, where, table)}`
  const values = [
    ...keys.map((key) => ({ field: key.value, made: keySql(key, cellOf(cells, key.of)) })),
    ...aggregates.map((one) => ({
      field: one.value,
      made: aggregateSql(one, cellOf(cells, one.of)),
    })),
  ]
  const by =
    keys.length === 0 ? sql`` : sql` group by ${commas(keys.map((_, i) => sql.raw(String(i + 1))))}`
  const groups = sql`select ${commas(values.map(({ made }, i) => sql`${made} as ${sql.identifier(`v${i}`)}`))} from (${rows}) as r${by}`
  const group = groupOf(
    resource,
    values.map(({ field }) => field),
  )
  const sorted =
    order.length === 0 ? sql`` : sql` ${orderBySql(building, { order, backward: false }, group)}`
  const skipped = offsetSlot === null ? sql`` : sql` offset ${parameter(offsetSlot, String)}`
  return compileStatement(
    sql`select ${commas(values.map(({ field }) => readExpressionOf(field, group)))} from (${groups}) as g where ${conditionSql(
      building,
      having,
      group,
    )}${sorted} limit ${parameter(limitSlot, String)}${skipped}`,
    dialect,
  )
}

const name = (alias: string, column: string): SQL =>
  sql`${sql.identifier(alias)}.${sql.identifier(column)}`

function cellOf(cells: ReadonlyMap<Field, SQL>, field: Field | null): SQL {
  const cell = field === null ? sql`1` : cells.get(field)
  if (cell === undefined)
    throw new Error('An aggregate is of a field that its rows were not asked for.')
  return cell
}

/** The groups as a table: fields of a group find their column by their own name. */
const groupOf = (resource: Resource, fields: readonly Field[]): Aliased => ({
  resource,
  name: 'g',
  columns: Object.fromEntries(
    fields.map((field, i) => [field.name, name('g', `v${i}`)]),
  ) as unknown as Aliased['columns'], // put into SQL as columns are
})

function keySql({ of, part }: GroupKey, cell: SQL): SQL {
  if (part === null) return cell
  const unit = sql.raw(`'${units[part]}'`)
  switch (of.kind.name) {
    case 'dateTime':
      return sql`date_trunc(${unit}, ${cell}, 'UTC')`
    case 'date':
      return sql`date_trunc(${unit}, ${cell}::timestamp)::date` // by itself a date is taken for a moment in the session's zone
    default:
      return sql`date_trunc(${unit}, ${cell})`
  }
}

const units: Readonly<Record<DatePart, string>> = {
  Year: 'year',
  Month: 'month',
  Week: 'week',
  Day: 'day',
  Hour: 'hour',
}

function aggregateSql({ does, of }: Aggregate, cell: SQL): SQL {
  switch (does) {
    case 'count':
      return sql`count(*)`
    case 'countDistinct':
      return sql`count(distinct ${cell})`
    case 'sum':
      return sql`sum(${cell})`
    case 'avg':
      return sql`avg(${cell})`
    case 'min':
    case 'max':
      return extremeSql(does, of, cell)
  }
}

/** UUIDs have a least one since PostgreSQL 18, and so have bytes; their digits in hexadecimal are in the same order. */
function extremeSql(does: 'min' | 'max', of: Field | null, cell: SQL): SQL {
  const call = sql.raw(does)
  switch (of?.kind.name) {
    case 'uuid':
      return sql`${call}(${cell}::text collate "C")::uuid`
    case 'bytes':
      return sql`decode(${call}(encode(${cell}, 'hex') collate "C"), 'hex')`
    default:
      return sql`${call}(${cell})`
  }
}
