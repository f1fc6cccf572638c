// Triggers that run after a write: they may change the row once more, so the write's own answer is not what is stored.
import type { Resource } from '../../schema/model/model.ts'
import type { Database } from '../database.ts'
import { tableName } from './table-name.ts'

export type TriggeringWrite = 'insert' | 'update'

const known = new WeakMap<Database, Map<string, Promise<boolean>>>()

/** Whether the table has such triggers or is a view with rules; asked once for each table and kind of write of a process. */
export function hasAfterTriggers(
  database: Database,
  resource: Resource,
  write: TriggeringWrite,
): Promise<boolean> {
  const itself = database.joined ?? database
  const answers = known.get(itself) ?? new Map<string, Promise<boolean>>()
  known.set(itself, answers)
  const key = `${write} ${resource.key}`
  const before = answers.get(key)
  if (before !== undefined) return before
  const asked = ask(database, resource, write)
  answers.set(key, asked)
  asked.catch(() => answers.delete(key)) // its caller gets the error; the next call asks again
  return asked
}

/** Bits of tgtype. */
const BEFORE = 2
const writeBits = { insert: 4, update: 16 } as const

/** Internal triggers are those of foreign keys (PostgreSQL's manual, pg_trigger). */
async function ask(
  database: Database,
  resource: Resource,
  write: TriggeringWrite,
): Promise<boolean> {
  const { rows } = await database.query({
    text: `select exists (select 1 from pg_trigger where tgrelid = $1::regclass and not tgisinternal and tgtype & $2::integer = 0 and tgtype & $3::integer <> 0)
      or exists (select 1 from pg_rewrite where ev_class = $1::regclass)`,
    values: [tableName(resource), String(BEFORE), String(writeBits[write])],
  })
  return rows[0]?.[0]?.startsWith('t') === true
}
