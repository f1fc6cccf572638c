// Whether PostgreSQL takes a text as a value of a column's type: for types whose text only it can check.
import { is } from 'drizzle-orm'
import { PgEnumColumn } from 'drizzle-orm/pg-core'
import type { Field } from '../../schema/model/model.ts'
import type { RunOptions, Session } from '../database.ts'
import { sqlstateOf } from '../sqlstate.ts'

/** @param value a value of the field as it came; of a field of lists, one of a list */
export async function fitsColumn(
  session: Session,
  type: string,
  value: string,
  options?: RunOptions,
): Promise<boolean> {
  try {
    await session.query({ text: `select cast($1 as ${type})`, values: [value] }, options) // the type as the declaration names it
    return true
  } catch (error) {
    if (isUnfit(error)) return false
    throw error
  }
}

/** The type of a value of the field in SQL; null for what is computed, and for enums, whose names may be those of other types. */
export function castTypeOf({ source, list }: Field): string | null {
  if (!('column' in source) || is(source.column, PgEnumColumn)) return null
  return source.column.getSQLType() + '[]'.repeat(list ? 0 : source.column.dimensions)
}

/** A data exception: a value that its type does not have (class 22). */
export const isUnfit = (error: unknown): boolean => sqlstateOf(error)?.startsWith('22') === true
