// Inserts many rows by one statement with one parameter, JSON that PostgreSQL unpacks. With a parameter for each value it took ten times as long.
import type { HandlerTransaction } from 'bifrons'
import { getColumns, type InferInsertModel, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'

/** Inserts rows. All must have the members of the first. Identity columns take the given ids. */
export async function insertRows<T extends PgTable>(
  tx: HandlerTransaction,
  table: T,
  rows: readonly InferInsertModel<T>[],
): Promise<void> {
  const given = Object.keys(rows[0] ?? {})
  if (given.length === 0) return
  const columns = Object.entries(getColumns(table)).filter(([key]) => given.includes(key))
  const names = columns.map(([, column]) => sql.identifier(column.name))
  const keys = columns.map(([key]) => sql.identifier(key))
  const typed = columns.map(
    ([key, column]) =>
      sql`${sql.identifier(key)} ${sql.raw(column.getSQLType() + '[]'.repeat(column.dimensions))}`,
  )
  await tx.execute(sql`
    insert into ${table} (${sql.join(names, comma)}) overriding system value
    select ${sql.join(keys, comma)} from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (${sql.join(typed, comma)})
  `)
}

const comma = sql`, `

/** Inserts rows as they are generated, some thousands at a time, so that a large seed is never in memory as a whole. */
export async function insertAll<T extends PgTable>(
  tx: HandlerTransaction,
  table: T,
  rows: Iterable<InferInsertModel<T>>,
): Promise<void> {
  for (const some of inBatches(rows, 5000)) await insertRows(tx, table, some)
}

export function* inBatches<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length === size) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}
