// The columns of a broken constraint, where neither the error nor the declaration names them: read from the catalog after the error.
import type { Resource } from '../../schema/model/model.ts'
import type { Session } from '../database.ts'
import type { ConstraintViolation } from '../sqlstate.ts'
import { tableName } from './table-name.ts'

/** What a violation is about, as far as the catalog of the resource's table knows. */
export interface Violated {
  /** Whether it was met in the table, or in a partition of it. */
  readonly isOwn: boolean
  /** Columns of the constraint. */
  readonly ofConstraint: readonly string[]
  /** Columns of the domain whose rule it is, or of arrays of it. */
  readonly ofDomain: readonly string[]
}

const text = `
  with tables as (select $1::regclass as id union select relid from pg_partition_tree($1::regclass))
  select 'table' as what, relname::text as name from tables join pg_class on oid = id where relname = $2
  union all
  select 'constraint', attname::text from pg_constraint
    join tables on conrelid = id join pg_attribute on attrelid = id and attnum = any(conkey) where conname = $3
  union all
  select 'domain', attname::text from pg_attribute
    join pg_type used on used.oid = atttypid left join pg_type element on element.oid = used.typelem
    where attrelid = $1::regclass and attnum > 0 and $4 in (case used.typtype when 'd' then used.typname end, case element.typtype when 'd' then element.typname end)`

export async function findViolated(
  session: Session,
  resource: Resource,
  violation: ConstraintViolation,
): Promise<Violated> {
  const { rows } = await session.query({
    text,
    values: [tableName(resource), violation.table, violation.constraint, violation.domain],
  })
  const named = (what: string): readonly string[] =>
    rows.flatMap(([kind, column]) => (kind === what && typeof column === 'string' ? [column] : []))
  return {
    isOwn: named('table').length > 0,
    ofConstraint: named('constraint'),
    ofDomain: named('domain'),
  }
}
