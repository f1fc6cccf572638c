// The checks of a row as a write would have left it, without the row: for writes that a constraint refused before their checks ran.
import { getColumns, is, SQL, sql } from 'drizzle-orm'
import { PgDialect, type PgColumn } from 'drizzle-orm/pg-core'
import type { Session } from '../database.ts'
import { type Building, conditionSql, startBuilding } from './conditions.ts'
import { aliasOf, columnAt, fromTable } from './expressions.ts'
import { compileStatement } from './statement.ts'
import { withRuntimeDefaults } from './runtime-defaults.ts'
import type { WriteRequest } from './write-request.ts'
import { assignedValue, columnOf } from './write-statement.ts'

const dialect = new PgDialect()

/** What the checks say of each row that the write asked for; nothing for a row to be updated that is no longer there. */
export async function checkProposedRow(
  session: Session,
  request: WriteRequest,
): Promise<readonly (readonly boolean[])[]> {
  const filled = withRuntimeDefaults(request, request.where === null ? 'insert' : 'update')
  const building = startBuilding()
  const row = aliasOf(request.resource, building.nextAlias())
  const checks = request.checks.map(
    (check) => sql`coalesce(${conditionSql(building, check, row)}, false)`,
  )
  const statement = sql`select ${list(checks)} from (${proposedRow(building, filled)}) as ${sql.identifier(row.name)}`
  const { rows } = await session.query(compileStatement(statement, dialect).bind(filled.values)) // rare, so its plan is not kept
  return rows.map((cells) => cells.map((cell) => cell?.startsWith('t') === true))
}

/** All columns of the table: what is given, then what was there or what the declaration has as a default. */
function proposedRow(building: Building, { resource, where, set }: WriteRequest): SQL {
  const table = aliasOf(resource, building.nextAlias())
  const columns = Object.values(getColumns(resource.table))
  const given = new Map(
    set.map((assignment) => [columnOf(assignment.field).name, assignedValue(assignment)]),
  )
  const stored = columns.map((column) => columnAt(table.name, column))
  const values = columns.map(
    (column, i) =>
      given.get(column.name) ?? (where === null ? defaultOf(column) : (stored[i] ?? sql`null`)),
  )
  const from = fromTable(resource.table, table.name)
  const proposed =
    where === null
      ? sql`select ${list(values)}`
      : sql`select ${list(values)} from ${from} where ${conditionSql(building, where, table)}`
  return sql`select ${list(stored)} from ${from} where false union all ${proposed}` // the first part gives the values their types
}

const list = (parts: readonly SQL[]): SQL => sql.join([...parts], sql`, `)

/** Numbers that the database gives out, and what it alone knows, stay null. */
function defaultOf(column: PgColumn): SQL {
  const { default: value } = column
  if (value === undefined) return sql`null`
  return is(value, SQL) ? value : sql`${sql.param(value, column)}`
}
