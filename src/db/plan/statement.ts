// From Drizzle's SQL to a statement whose parameters are bound by slot.
import { createHash } from 'node:crypto'
import type { SQL } from 'drizzle-orm'
import type { PgDialect } from 'drizzle-orm/pg-core'
import type { Statement } from '../database.ts'
import { bindingOf } from './parameters.ts'

export interface Compiled {
  readonly text: string
  /** Binds a request's values to the statement's parameters. From its second use on a statement is named, to be prepared. */
  bind(values: readonly unknown[]): Statement
}

export function compileStatement(statement: SQL, dialect: PgDialect): Compiled {
  const { sql: text, params } = dialect.sqlToQuery(statement)
  const bindings = params.map(bindingOf)
  const bound = (values: readonly unknown[]) => ({
    text,
    values: bindings.map((binding) => binding(values)),
  })
  const name = `bifrons_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`
  let used = false
  return {
    text,
    bind(values) {
      if (used) return { ...bound(values), name }
      used = true
      return bound(values)
    },
  }
}
