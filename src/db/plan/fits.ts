// Whether PostgreSQL takes a value for a column's type, for kinds whose text it alone can judge.
import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Field } from '../../schema/model.ts'
import type { RunOptions, Session } from '../database.ts'
import { sqlstateOf } from '../sqlstate.ts'
import { parameter } from './parameters.ts'
import { compileStatement } from './statement.ts'
import { operandParameter } from './values.ts'

const dialect = new PgDialect()

/** @param value a value of the field's shape, or null; of a field of lists, one in a list */
export async function fitsColumn(session: Session, field: Field, value: unknown, options?: RunOptions): Promise<boolean> {
  const type = typeOf(field)
  if (type === null) return true
  const { text, values } = compileStatement(sql`select cast(${parameter(0, operandParameter(field, 'has'))} as ${sql.raw(type)})`, dialect).bind([value]) // as the declaration names it
  try {
    await session.query({ text, values }, options)
    return true
  } catch (error) {
    if (isUnfit(error)) return false
    throw error
  }
}

/** The name of the column's type in SQL, of a list that of its elements; null for what is computed. */
export const typeOf = ({ source }: Field): string | null => 'column' in source ? source.column.getSQLType() : null

/** A data exception: a value that its type does not have (class 22). */
export const isUnfit = (error: unknown): boolean => sqlstateOf(error)?.startsWith('22') === true
