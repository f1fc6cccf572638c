// A broken constraint in the words of the model: which fields, in which part of the request.
import { nameOfTable } from '../db/plan/expressions.ts'
import { type ConstraintViolation, toConstraintViolation } from '../db/sqlstate.ts'
import { type Issue, Problem } from '../errors.ts'
import type { Field, ForeignKey, Resource } from '../schema/model.ts'

/** The same for a row that is not there and for one that the caller may not see. */
export function foreignKeyProblem(foreignKey: ForeignKey, cause?: unknown): Problem {
  const issues = foreignKey.fields.map((field): Issue => ({ in: 'input', path: [field.name], code: 'no_such_row', message: 'There is no such row.' }))
  return new Problem('CONFLICT', 'A row that this one refers to does not exist.', { issues, cause })
}

/** A database's error with the fields it is about; anything else as it was. */
export function nameFields(error: unknown, resource: Resource): unknown {
  const violation = error instanceof Problem && error.issues.length === 0 ? toConstraintViolation(error) : null
  if (violation === null || !(error instanceof Problem)) return error
  const { sqlstate } = violation
  if (sqlstate === '23503' || sqlstate === '23001') {
    const foreignKey = brokenForeignKey(resource, violation)
    if (foreignKey !== undefined) return foreignKeyProblem(foreignKey, error)
    return new Problem('CONFLICT', `Other rows still refer to this ${resource.type}.`, { cause: error })
  }
  const fields = fieldsOf(resource, violation)
  const [code, message] = words[sqlstate] ?? ['invalid', error.message]
  const issues = fields.map((field): Issue => ({ in: 'input', path: [field.name], code, message }))
  return new Problem(error.code === 'CONFLICT' ? 'CONFLICT' : 'VALIDATION_FAILED', error.message, { issues, cause: error })
}

/**
 * The foreign key of this very row that leads nowhere. By columns first: constraints have other names in migrations than
 * in Drizzle's tables, and where a table refers to itself one name stands for both ends.
 */
function brokenForeignKey(resource: Resource, { constraint, table, columns }: ConstraintViolation): ForeignKey | undefined {
  if (columns.length === 0) return resource.foreignKeys.find((candidate) => candidate.constraint === constraint)
  if (table !== nameOfTable(resource)) return undefined
  return resource.foreignKeys.find(({ fields }) => fields.length === columns.length && fields.every((field) => columns.includes(columnName(field))))
}

const columnName = (field: Field): string => 'column' in field.source ? field.source.column.name : ''

const words: Readonly<Record<string, readonly [string, string]>> = {
  23505: ['not_unique', 'Another row has this value.'],
  23502: ['required', 'This is required.'],
  23514: ['check', 'This breaks a rule of the table.'],
}

/** By the constraint's name where the model knows it, else by the columns that the database has named. */
function fieldsOf(resource: Resource, { constraint, table, columns }: ConstraintViolation): readonly Field[] {
  if (table !== nameOfTable(resource)) return [] // of a table that a trigger writes
  const known = [...resource.uniqueKeys, ...resource.checks].find((candidate) => constraint !== null && candidate.constraint === constraint)
  return known?.fields ?? [...resource.fields.values()].filter((field) => columns.includes(columnName(field)))
}
