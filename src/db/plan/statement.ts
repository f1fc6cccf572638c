// From Drizzle's SQL to a statement whose parameters are bound by slot.
import type { SQL } from 'drizzle-orm'
import type { PgDialect } from 'drizzle-orm/pg-core'
import type { Statement } from '../database.ts'
import { bindingOf } from './conditions.ts'

export interface Compiled {
  readonly text: string
  /** Binds a request's values to the statement's parameters. */
  bind(values: readonly unknown[]): Statement
}

export function compileStatement(statement: SQL, dialect: PgDialect): Compiled {
  const { sql: text, params } = dialect.sqlToQuery(statement)
  const bindings = params.map(bindingOf)
  return { text, bind: (values) => ({ text, values: bindings.map((binding) => binding(values)) }) }
}
