// A database whose writes can be looked at and taken back: every attempt begins with the same rows and sequences.
import type { Database, Session, Transaction } from '../db/database.ts'
import { toFailure } from '../db/sqlstate.ts'
import { column, isChanged, readTouched, type StoredTable } from './stored-tables.ts'

export interface Attempt<T> {
  readonly value: T
  readonly stored: readonly StoredTable[]
}

export interface RewindingDatabase extends Database {
  /** Runs `work`, whose attempts all begin with the same rows, sequences and time. Moments do not overlap. */
  moment<T>(work: () => Promise<T>): Promise<T>
  /** Inside a moment: runs `work`, looks at what it has stored, and takes it back. */
  attempt<T>(work: () => Promise<T>): Promise<Attempt<T>>
}

/** The transaction of a moment, which is never committed. Every transaction inside the moment is a savepoint of this one. */
interface Moment {
  readonly tx: Transaction
  /** The transaction's id. */
  readonly since: string
  /** The statement that sets every sequence back; empty without sequences. */
  readonly restore: string
}

/** @param base a database that has no other writer */
export function openRewinding(base: Database): RewindingDatabase {
  let current: Moment | null = null
  let restore: Promise<string> | null = null

  const moment = async <T>(work: () => Promise<T>): Promise<T> => {
    if (current !== null) throw new Error('A moment began inside of another.')
    restore ??= sequencesStatement(base)
    const sequences = await restore
    return inRolledBack(base, async (tx) => {
      const [since = ''] = await column(tx, 'select pg_current_xact_id()::text')
      current = { tx, since, restore: sequences }
      try {
        return await work()
      } finally {
        current = null
      }
    })
  }

  const attempt = <T>(work: () => Promise<T>): Promise<Attempt<T>> => {
    if (current === null) return Promise.reject(new Error('An attempt began outside of a moment.'))
    return attemptIn(current, work)
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
    openCursor: null, // its snapshot would differ from the moment's
    transaction: (work, options) =>
      current === null ? base.transaction(work, options) : inSavepoint(current.tx, work),
    probe: (options) => base.probe(options),
    close: () => base.close(),
  }
}

/** Runs `work` in a transaction that is rolled back. */
async function inRolledBack<T>(base: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const results: T[] = []
  const rollback = new Error('rollback')
  try {
    await base.transaction(
      async (tx) => {
        results.push(await work(tx))
        throw rollback
      },
      { statementTimeout: 0 },
    )
  } catch (error) {
    if (error !== rollback) throw error
  }
  const [result] = results
  return result as T // `work` has pushed it, or has thrown
}

async function attemptIn<T>(
  { tx, since, restore }: Moment,
  work: () => Promise<T>,
): Promise<Attempt<T>> {
  await run(tx, 'savepoint bifrons_beginning')
  const value = await work()
  const touched = await readTouched(tx, since)
  await run(tx, 'rollback to savepoint bifrons_beginning')
  const stored: StoredTable[] = []
  for (const table of touched) if (await isChanged(tx, since, table)) stored.push(table)
  if (restore !== '') await run(tx, restore)
  return { value, stored }
}

const run = (session: Session, text: string) => session.query({ text, values: [] })

/** A transaction inside of a moment. Its deferred constraints are checked at the end of the savepoint. */
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
async function sequencesStatement(session: Session): Promise<string> {
  const [statement = ''] = await column(
    session,
    `
  select coalesce('select ' || string_agg(format('setval(%L, %s, %L)', format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value), last_value is not null), ', '), '')
  from pg_sequences`,
  )
  return statement
}
