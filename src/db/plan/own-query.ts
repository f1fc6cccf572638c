// Whether a computed field has a query of its own: PostgreSQL then runs it for each row that the field is asked of.
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Field, Resource } from '../../schema/model/model.ts'
import { aliasOf, expressionOf } from './expressions.ts'

const dialect = new PgDialect()

const known = new WeakMap<Field, boolean>()

/** Worked out once for each field. */
export function hasOwnQuery(field: Field, resource: Resource): boolean {
  if (!('sql' in field.source)) return false
  const before = known.get(field)
  if (before !== undefined) return before
  const { sql } = dialect.sqlToQuery(expressionOf(field, aliasOf(resource, 't')))
  const found = /\bselect\b/i.test(sql)
  known.set(field, found)
  return found
}
