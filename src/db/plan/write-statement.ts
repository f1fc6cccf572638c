// The SQL of each kind of write: what it changes, and what it answers of each row that it touches.
import { type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Field } from '../../schema/model/model.ts'
import { type Building, conditionSql } from './conditions.ts'
import { type Aliased, commas, expressionOf, fromTable } from './expressions.ts'
import { parameter } from './parameters.ts'
import { fieldParameter } from './values.ts'
import { firstVersion, nextVersion } from './version.ts'
import type { Assignment, WriteKind, WriteRequest } from './write-request.ts'

export interface WriteParts {
  readonly where: SQL
  /** What is answered of each row. */
  readonly cells: readonly SQL[]
  readonly table: Aliased
  readonly request: WriteRequest
}

export function statementOf(kind: WriteKind, { where, cells, table, request }: WriteParts): SQL {
  const answer = commas(cells)
  const from = fromTable(request.resource.table, table.name)
  switch (kind) {
    case 'insert': {
      const unless =
        request.unless === undefined
          ? sql``
          : sql` on conflict (${commas(request.unless.map(columnName))}) do nothing`
      return sql`insert into ${from} ${contentOf(request)}${unless} returning ${answer}`
    }
    case 'update': {
      const sets = request.set.map(
        (assignment) => sql`${columnName(assignment.field)} = ${assignedValue(assignment)}`,
      )
      const next = nextVersion(table)
      if (next !== null) sets.push(sql`${columnName(next.field)} = ${next.value}`)
      return sql`update ${from} set ${commas(sets)} where ${where} returning ${answer}`
    }
    case 'delete':
      return sql`delete from ${from} where ${where} returning ${answer}`
    case 'lock':
      return sql`select ${answer} from ${from} where ${where} for update of ${sql.identifier(table.name)}`
    case 'lockMany': {
      const key = request.resource.primaryKey.fields.map((field) => expressionOf(field, table))
      return sql`select ${answer} from ${from} where ${where} order by ${commas(key)} limit ${parameter(request.most ?? -1, String)} for update of ${sql.identifier(table.name)}`
    }
    case 'look':
      return sql`select ${answer} from ${from} where ${where}`
  }
}

export const whereOf = (building: Building, { where }: WriteRequest, table: Aliased): SQL =>
  where === null ? sql`true` : conditionSql(building, where, table)

const columnName = (field: Field): SQL => sql`${sql.identifier(columnOf(field).name)}`

export const assignedValue = (assignment: Assignment): SQL =>
  assignment.sql ?? parameter(assignment.slot, fieldParameter(assignment.field))

/** Every column that one of the rows names; a row that does not name it has the column's default. */
function contentOf({ resource, set, rows = [set] }: WriteRequest): SQL {
  const first = firstVersion(resource)
  const fields = new Set(rows.flatMap((row) => row.map(({ field }) => field)))
  if (fields.size === 0 && first === null) return sql`default values`
  const values = rows.map((row) => {
    const given = new Map(row.map((assignment) => [assignment.field, assignment]))
    const cells = [...fields].map((field) => {
      const assignment = given.get(field)
      return assignment === undefined ? sql`default` : assignedValue(assignment)
    })
    return sql`(${commas([...cells, ...(first === null ? [] : [first.value])])})`
  })
  return sql`(${commas([...[...fields].map(columnName), ...(first === null ? [] : [columnName(first.field)])])}) values ${commas(values)}`
}

export function columnOf(field: Field): PgColumn {
  if ('sql' in field.source) throw new Error(`${field.name} is computed; it has no column.`)
  return field.source.column
}
