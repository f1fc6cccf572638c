// Triggers that run after an insert may change the row once more: what the insert itself answers is then not what is stored.
import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Resource } from '../schema/model.ts'
import type { Database } from './database.ts'

const known = new WeakMap<Database, Map<Resource, Promise<boolean>>>()

/** Whether the table has such triggers or is a view with rules; asked once for each table of a process. */
export function hasAfterTriggers(database: Database, resource: Resource): Promise<boolean> {
  const answers = known.get(database) ?? new Map<Resource, Promise<boolean>>()
  known.set(database, answers)
  const before = answers.get(resource)
  if (before !== undefined) return before
  const asked = ask(database, resource)
  answers.set(resource, asked)
  asked.catch(() => answers.delete(resource)) // whoever asked is told; the next one asks again
  return asked
}

/** tgtype's second bit is BEFORE, its third INSERT; internal ones are those of foreign keys (PostgreSQL's manual, pg_trigger). */
async function ask(database: Database, { table }: Resource): Promise<boolean> {
  const name = new PgDialect().sqlToQuery(sql`${table}`).sql
  const { rows } = await database.query({
    text: `select exists (select 1 from pg_trigger where tgrelid = $1::regclass and not tgisinternal and tgtype & 2 = 0 and tgtype & 4 = 4)
      or exists (select 1 from pg_rewrite where ev_class = $1::regclass)`,
    values: [name],
  })
  return rows[0]?.[0]?.startsWith('t') === true
}
