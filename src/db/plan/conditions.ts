// Conditions in SQL: comparisons, logic, and rows of relations that exist.
import { and, eq, exists, SQL, sql } from 'drizzle-orm'
import { relationsFilterToSQL } from 'drizzle-orm/relations'
import { alias as aliasedTable, type PgTable } from 'drizzle-orm/pg-core'
import type { Relation } from '../../schema/model/model.ts'
import type { OperatorName } from '../../schema/model/operators.ts'
import {
  type Aliased,
  aliasOf,
  columnAt,
  comparedExpressionOf,
  expressionOf,
  fromTable,
} from './expressions.ts'
import { spatialCondition } from './geometry.ts'
import { jsonSql } from './json.ts'
import { allHold, oneHolds } from './logic.ts'
import { sidesOf } from './operands.ts'
import { parameter } from './parameters.ts'
import type { Condition, OrderKey, Step } from './read-request.ts'
import { matchesSql } from './search.ts'
import { searchParameter } from './values.ts'
import { versionParts, versionSql } from './version.ts'

/** A statement under construction: it gives out aliases. */
export interface Building {
  nextAlias(): string
  /** Keys of orders that a join has worked out already: see joinCounts. */
  readonly joined: Map<OrderKey, SQL>
}

export function startBuilding(): Building {
  let count = 0
  return { nextAlias: () => `t${count++}`, joined: new Map() }
}

const negated = (condition: SQL): SQL => sql`not (${condition})`

/** A condition over the rows of `table`. */
export function conditionSql(building: Building, condition: Condition, table: Aliased): SQL {
  switch (condition.type) {
    case 'constant':
      return condition.value ? sql`true` : sql`false`
    case 'and':
      return allHold(cheapFirst(condition.of).map((part) => conditionSql(building, part, table)))
    case 'or':
      return oneHolds(cheapFirst(condition.of).map((part) => conditionSql(building, part, table)))
    case 'not':
      return negated(conditionSql(building, condition.of, table))
    case 'compare':
      return compareSql(condition, table)
    case 'search':
      return matchesSql(condition.search, parameter(condition.slot, searchParameter), table.columns)
    case 'related':
      return relatedSql(building, condition, table)
    case 'counted':
      return countedSql(building, condition, table)
    case 'version':
      return sql`${versionSql(table)} = any(${parameter(condition.slot, (versions) => versions)})`
  }
}

/** PostgreSQL asks the parts of an `or` in their order, and the rows of another table cost more than columns of this one. */
const cheapFirst = (parts: readonly Condition[]): readonly Condition[] => [
  ...parts.filter((part) => !looksElsewhere(part)),
  ...parts.filter(looksElsewhere),
]

const looksElsewhere = (condition: Condition): boolean =>
  condition.type === 'related' ||
  condition.type === 'counted' ||
  (condition.type === 'not' && looksElsewhere(condition.of)) ||
  ((condition.type === 'and' || condition.type === 'or') && condition.of.some(looksElsewhere))

function compareSql(condition: Extract<Condition, { type: 'compare' }>, table: Aliased): SQL {
  const { field, operator, slot } = condition
  const left = comparedExpressionOf(field, table)
  if (field.kind.name === 'json' && !field.list) return jsonSql(condition, left)
  if (operator === 'isNull') return sql`${left} is null`
  if (operator === 'isEmpty') return sql`cardinality(${left}) = 0`
  if (operator === 'distance' || operator === 'within' || operator === 'intersects')
    return spatialCondition(field, operator, (convert) => parameter(slot, convert), left)
  const compare = comparisons[operator]
  if (compare === undefined) throw new Error(`${field.name} has no comparison ${operator}.`)
  const sides = sidesOf(field, operator, slot, left)
  return compare(sides.left, sides.right)
}

type Comparison = (left: SQL, right: SQL) => SQL

const like: Comparison = (left, right) => sql`${left} like ${right}`
const ilike: Comparison = (left, right) => sql`${left} ilike ${right}`

/** What is special about an operator's operand, such as a pattern around it, is in values.ts. */
const comparisons: Readonly<Partial<Record<OperatorName, Comparison>>> = {
  eq: (left, right) => sql`${left} = ${right}`,
  ne: (left, right) => sql`${left} <> ${right}`,
  gt: (left, right) => sql`${left} > ${right}`,
  gte: (left, right) => sql`${left} >= ${right}`,
  lt: (left, right) => sql`${left} < ${right}`,
  lte: (left, right) => sql`${left} <= ${right}`,
  in: (left, right) => sql`${left} = any(${right})`,
  notIn: (left, right) => sql`${left} <> all(${right})`,
  like,
  contains: like,
  startsWith: like,
  endsWith: like,
  ilike,
  iContains: ilike,
  iStartsWith: ilike,
  iEndsWith: ilike,
  has: (left, right) => sql`${right} = any(${left})`,
  hasEvery: (left, right) => sql`${left} @> ${right}`,
  hasSome: (left, right) => sql`${left} && ${right}`,
}

function relatedSql(
  building: Building,
  condition: Extract<Condition, { type: 'related' }>,
  table: Aliased,
): SQL {
  const { relation, target, quantifier, visible, of } = condition
  const inner = aliasOf(target, building.nextAlias())
  const step = { relation, target, through: condition.through, visible }
  const source = relation.many
    ? manySource(building, step, table, inner)
    : oneSource(building, step, table, inner)
  const holds = conditionSql(building, of, inner)
  const wanted = quantifier === 'every' ? sql`(${holds}) is not true` : holds
  const found = exists(sql`(select 1 from ${source.from} where ${and(source.on, wanted)})`)
  return quantifier === 'none' || quantifier === 'every' ? negated(found) : found
}

/** However many comparisons there are, the rows are counted once. */
function countedSql(
  building: Building,
  condition: Extract<Condition, { type: 'counted' }>,
  table: Aliased,
): SQL {
  const inner = aliasOf(condition.target, building.nextAlias())
  const source = manySource(building, condition, table, inner)
  return sql`(select ${conditionSql(building, condition.of, inner)} from ${source.from} where ${source.on})`
}

/** Where related rows come from, and what ties them to the row they belong to. */
export interface RelationSource {
  readonly from: SQL
  readonly on: SQL
}

export function manySource(
  building: Building,
  step: Step,
  from: Aliased,
  to: Aliased,
): RelationSource {
  const tied = tiedRows(building, step, from, to)
  return {
    from: tied.from,
    on: and(tied.on, conditionSql(building, step.visible, to)) ?? sql`true`,
  }
}

/** At most one row: where no key promises that, the first by the target's key of those that the caller may see. */
export function oneSource(
  building: Building,
  step: Step,
  from: Aliased,
  to: Aliased,
): RelationSource {
  if (step.relation.through === null && !step.relation.first)
    return manySource(building, step, from, to)
  const inner = aliasOf(step.target, building.nextAlias())
  const source = manySource(building, step, from, inner)
  const key = sql.join(
    step.target.primaryKey.fields.map((field) => expressionOf(field, inner)),
    sql`, `,
  )
  const shown = sql.join([sql`${sql.identifier(inner.name)}.*`, ...versionParts(inner)], sql`, `)
  return {
    from: sql`lateral (select ${shown} from ${source.from} where ${source.on} order by ${key} limit 1) as ${sql.identifier(to.name)}`,
    on: sql`true`,
  }
}

/** The target's rows; a junction ties a row once, however often it names it. */
function tiedRows(building: Building, step: Step, from: Aliased, to: Aliased): RelationSource {
  const { relation } = step
  const where = relationWhere(relation, from, to)
  if (relation.through === null) {
    const on = relation.from.map((column, i) =>
      eqColumns(columnAt(from.name, column), columnAt(to.name, at(relation.to, i))),
    )
    return { from: fromTable(to.resource.table, to.name), on: allHold([...on, where]) }
  }
  const { table, source, target } = relation.through
  const junction = building.nextAlias()
  const tie = allHold([
    ...relation.from.map((column, i) =>
      eqColumns(columnAt(from.name, column), columnAt(junction, at(source, i))),
    ),
    ...relation.to.map((column, i) =>
      eqColumns(columnAt(junction, at(target, i)), columnAt(to.name, column)),
    ),
    junctionPolicy(building, step, table, junction),
  ])
  return {
    from: fromTable(to.resource.table, to.name),
    on:
      and(exists(sql`(select 1 from ${fromTable(table, junction)} where ${tie})`), where) ??
      sql`true`,
  }
}

function junctionPolicy(
  building: Building,
  { through, target }: Step,
  table: PgTable,
  name: string,
): SQL | undefined {
  if (through.type === 'constant' && through.value) return undefined
  return conditionSql(building, through, {
    resource: { ...target, table },
    name,
    columns: aliasColumns(table, name),
  }) // conditions hold their own fields
}

const aliasColumns = (table: PgTable, name: string) =>
  aliasedTable(table, name) as unknown as Aliased['columns'] // a table is its columns by key

const eqColumns = (left: SQL, right: SQL): SQL => eq(left, right)

const at = <T>(list: readonly T[], index: number): T => {
  const one = list[index]
  if (one === undefined)
    throw new Error('A relation pairs as many columns of its source as of its target.')
  return one
}

/** Drizzle's own `where` of a relation, by Drizzle's own reading of it. */
function relationWhere(relation: Relation, from: Aliased, to: Aliased): SQL | undefined {
  if (typeof relation.where !== 'object' || relation.where === null) return undefined
  const over = relation.whereOnSource ? from : to
  const { sql: chunks } = relationsFilterToSQL(
    aliasedTable(over.resource.table, over.name),
    relation.where,
  )
  return chunks === undefined ? undefined : sql`(${new SQL(chunks)})`
}
