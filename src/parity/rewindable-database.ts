// A database whose writes can be looked at and taken back: every attempt begins from the same rows and the same sequences.
import type { Database, Session, Transaction } from '../db/database.ts'
import { toFailure } from '../db/sqlstate.ts'

/** What a write has left behind in one table. */
export interface StoredTable {
  readonly table: string
  /** Rows that are new or changed, as JSON. */
  readonly written: readonly string[]
  /** How many rows are as they were, and which, as a figure. */
  readonly kept: string
}

export interface Attempt<T> {
  readonly value: T
  readonly stored: readonly StoredTable[]
}

export interface RewindingDatabase extends Database {
  /** One moment of the database: all that is attempted in it begins from the same rows, sequences and time. One at a time. */
  moment<T>(work: () => Promise<T>): Promise<T>
  /** Inside of a moment: runs `work`, looks at what it has stored, and takes it back. */
  attempt<T>(work: () => Promise<T>): Promise<Attempt<T>>
}

/** What a moment runs on: every transaction of the database is a savepoint of this one, which is never committed. */
interface Moment {
  readonly tx: Transaction
  readonly since: string
  /** Sets every sequence back. */
  readonly restore: string
}

/** Wraps a database that nobody else writes to. */
export function openRewinding(base: Database): RewindingDatabase {
  let current: Moment | null = null
  let restore: Promise<string> | null = null

  const moment = async <T>(work: () => Promise<T>): Promise<T> => {
    if (current !== null) throw new Error('A moment began inside of another.')
    restore ??= readSequences(base)
    const sequences = await restore
    const result: T[] = []
    await base
      .transaction(
        async (tx) => {
          current = {
            tx,
            restore: sequences,
            since: await one(tx, 'select pg_current_xact_id()::text'),
          }
          try {
            result.push(await work())
          } finally {
            current = null
          }
          throw rewind
        },
        { statementTimeout: 0 },
      )
      .catch((error: unknown) => {
        if (error !== rewind) throw error
      })
    return result[0] as T // pushed, or an error was thrown
  }

  const attempt = async <T>(work: () => Promise<T>): Promise<Attempt<T>> => {
    if (current === null) throw new Error('An attempt began outside of a moment.')
    const { tx, since, restore: sequences } = current
    await run(tx, 'savepoint bifrons_beginning')
    const value = await work()
    const touched = await readTouched(tx, since)
    await run(tx, 'rollback to savepoint bifrons_beginning')
    const stored: StoredTable[] = []
    for (const table of touched)
      if (table.written.length > 0 || table.kept !== (await readKept(tx, since, table.table)))
        stored.push(table)
    if (sequences !== '') await run(tx, sequences)
    return { value, stored }
  }

  return {
    kind: base.kind,
    drizzle: base.drizzle,
    moment,
    attempt,
    read: (statement, take, options) =>
      current === null
        ? base.read(statement, take, options)
        : inSavepoint(current.tx, (tx) => tx.read(statement, take, options)),
    write: (statement, take, options) =>
      current === null
        ? base.write(statement, take, options)
        : inSavepoint(current.tx, (tx) => tx.write(statement, take, options)),
    query: (statement, options) =>
      current === null
        ? base.query(statement, options)
        : inSavepoint(current.tx, (tx) => tx.query(statement, options)),
    openCursor: null, // its snapshot would not be that of the moment
    transaction: (work, options) =>
      current === null ? base.transaction(work, options) : inSavepoint(current.tx, work),
    close: () => base.close(),
  }
}

const rewind = new Error('rewind')

const run = (session: Session, text: string) => session.query({ text, values: [] })

const one = async (session: Session, text: string): Promise<string> =>
  (await run(session, text)).rows[0]?.[0] ?? ''

/** What would have been a transaction of its own; what is checked at its end is checked at the savepoint's. */
async function inSavepoint<T>(tx: Transaction, work: (tx: Transaction) => Promise<T>): Promise<T> {
  await run(tx, 'savepoint bifrons_attempt')
  try {
    const value = await work(tx)
    await run(tx, 'set constraints all immediate')
    await run(tx, 'release savepoint bifrons_attempt')
    return value
  } catch (error) {
    await run(tx, 'rollback to savepoint bifrons_attempt')
    await run(tx, 'release savepoint bifrons_attempt')
    throw toFailure(error) // as the end of a real transaction does
  }
}

/** The statement that sets every sequence back to where it stands now; empty without sequences. */
const readSequences = (session: Session): Promise<string> =>
  one(
    session,
    `
  select coalesce('select ' || string_agg(format('setval(%L, %s, %L)', format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value), last_value is not null), ', '), '')
  from pg_sequences`,
  )

/** Tables that the transaction may have written to, and what is new in them. PostgreSQL's counts are also of what was taken back, and of transactions shortly before. */
async function readTouched(tx: Transaction, since: string): Promise<readonly StoredTable[]> {
  const { rows: touched } = await run(
    tx,
    `
    select format('%I.%I', schemaname, relname) from pg_stat_xact_user_tables
    where n_tup_ins + n_tup_upd + n_tup_del > 0 order by 1`,
  )
  const stored: StoredTable[] = []
  for (const [table] of touched) {
    if (table === null || table === undefined) continue
    const { rows: written } = await run(
      tx,
      `select row_to_json(bifrons_row)::text from ${table} as bifrons_row where bifrons_row.xmin::text::bigint >= ${toXmin(since)} order by 1`,
    )
    stored.push({
      table,
      kept: await readKept(tx, since, table),
      written: written.flatMap(([row]) => row ?? []),
    })
  }
  return stored
}

const readKept = (tx: Transaction, since: string, table: string): Promise<string> =>
  one(
    tx,
    `
  select count(*) || ' rows kept, ' || coalesce(sum(hashtextextended(bifrons_row.ctid::text, 0)), 0)
  from ${table} as bifrons_row where bifrons_row.xmin::text::bigint < ${toXmin(since)}`,
  )

/** xmin has the lower 32 bits of a transaction's id; the text is PostgreSQL's own digits. */
const toXmin = (id: string): string => String(BigInt(id) % 2n ** 32n)
