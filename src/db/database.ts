// The database as the rest of db/ uses it: single statements anywhere, or one exclusive lease.

import type { RawRows, TextRow } from './raw-rows.ts'

export type { TextRow } from './raw-rows.ts'

export interface Statement {
  readonly text: string
  /** Values are strings, null, or arrays of them (bound as PostgreSQL arrays). Never concatenated into `text`. */
  readonly values: readonly unknown[]
  /** Set by plans: a stable name, for prepared statements. */
  readonly name?: string
}

export interface TextResult {
  readonly rows: readonly TextRow[]
  readonly rowCount: number
}

export interface RunOptions {
  /**
   * Aborts the statement when the caller goes away or its deadline passes: on PostgreSQL it is cancelled in the
   * database; on PGlite its caller is answered, and it ends at the latest at the statement timeout.
   */
  readonly signal?: AbortSignal
  /** Whether it may take long: then no statement of another request waits for it on its connection. */
  readonly isHeavy?: boolean
}

export interface TransactionOptions extends RunOptions {
  /** Milliseconds for each statement of this transaction, in place of the database's; 0 for no limit (migrations). */
  readonly statementTimeout?: number
}

/** Runs statements; rows come as text. Errors are Problems already (see sqlstate.ts), the original as `cause`. */
export interface Session {
  /**
   * Gives the rows as bytes to `take`, and resolves with what it makes of them. It is called once, at the moment they
   * have come, and must not keep them: the next answer is read into the same memory.
   */
  read<T>(statement: Statement, take: (rows: RawRows) => T, options?: RunOptions): Promise<T>
  /** The same of a statement that writes: it is neither sent together with others nor run a second time. */
  write<T>(statement: Statement, take: (rows: RawRows) => T, options?: RunOptions): Promise<T>
  query(statement: Statement, options?: RunOptions): Promise<TextResult>
}

/** A session inside one transaction, on a connection of its own. */
export interface Transaction extends Session {
  /**
   * Sends a statement whose rows are not wanted (SAVEPOINT, RELEASE, a lock) together with the next one, or with COMMIT,
   * and not in a round trip of its own. Its error is that of the statement that it is sent with.
   */
  readonly defer: (statement: Statement) => void
  /** The connection as Drizzle sees it, for handlers (`tx`): built on first use, with the team's relations. */
  readonly drizzle: unknown
}

/** The rows of one statement, all of one moment, fetched a few at a time. */
export interface RowCursor {
  /** The next rows, `count` at most; none when there are no more. They are given to `take` as Session.read does. */
  fetch<T>(count: number, take: (rows: RawRows) => T): Promise<T>
  /** Ends it, also before its last row. Never rejects, and is safe to call twice. */
  readonly close: () => Promise<void>
}

/** Statements that must not run, as the database does not fit the model: see server/drift.ts, which sets it. */
export interface StatementGate {
  /** Of a statement's text; null where all may run. */
  refuses: ((text: string) => boolean) | null
  /** Called where a statement was refused, or has named what the database lacks. */
  onMissing: () => void
}

/** The connections of a pool at one moment. */
export interface PoolFigures {
  /** The most that it may have. */
  readonly max: number
  /** Connections that are there. */
  readonly size: number
  readonly idle: number
  /** Lent to a statement or a transaction. */
  readonly inUse: number
}

export interface Database extends Session {
  readonly kind: 'pglite' | 'postgres'
  /** The database itself, where this is one transaction's view of it: see joined-transaction.ts. */
  readonly joined?: Database
  /** The database as Drizzle sees it, for hand-written GraphQL fields: single statements, no transactions. */
  readonly drizzle: unknown
  /**
   * Runs `work` between BEGIN and COMMIT on an exclusive connection; ROLLBACK when it throws. Serialization failures
   * and deadlocks (40001, 40P01) run it again, at most twice more, then UNAVAILABLE. Errors of the database come out
   * as Problems, anything else that `work` throws as it is. BEGIN is sent with the first statement. Where the answer to
   * COMMIT is lost, the database is asked for the transaction's outcome on another connection; where that cannot be had,
   * it is UNAVAILABLE with the issue code `outcome_unknown`. Inside `work` only `tx` may be used: the database itself
   * answers INTERNAL there, as it would wait for itself on the embedded database's one connection.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>
  /**
   * Opens a cursor over a statement that reads. It has a connection of its own until it is closed, so half of the connections
   * at most have one at a time, and more are UNAVAILABLE; null where there is no connection to spare. The signal closes it, and
   * so does a reader that does not fetch for as long as a transaction may be idle.
   */
  readonly openCursor: ((statement: Statement, options?: RunOptions) => Promise<RowCursor>) | null
  /** Absent where no one sets it. */
  readonly gate?: StatementGate
  /** Counts the callers that wait for a connection at this moment. Tests may leave it out. */
  readonly queued?: () => number
  /** Counts the pool's connections. It answers null for a database without a pool (PGlite). Tests may leave it out. */
  readonly pool?: () => PoolFigures | null
  /** Resolves when the database answers, also where all connections are in use. Rejects with a Problem. */
  probe(options?: RunOptions): Promise<void>
  /** Ends what is idle, waits for what runs, then closes. Safe to call twice. */
  close(): Promise<void>
}

/** What `openDatabase` takes. Times are in milliseconds. */
export interface DatabaseOptions {
  /** `postgres://…`, `postgresql://…`, `pglite:FOLDER` or `pglite:memory`. */
  readonly url: string
  /** The most connections this process holds (PostgreSQL only). */
  readonly poolMax: number
  readonly statementTimeout: number
  readonly lockTimeout: number
  readonly idleInTransactionTimeout: number
  /** The longest wait for a connection; then UNAVAILABLE. */
  readonly connectTimeout: number
  /** Whether plans in use are prepared on their connections; `auto` stops where a pooler refuses. */
  readonly prepare?: 'auto' | 'off'
  /** The team's Drizzle relations, for `tx.drizzle`. */
  readonly relations?: unknown
  /** A tar file of a PGlite data directory that a new embedded database starts from: four times faster than initdb. */
  readonly snapshot?: string
  /** Sentences for the operator: what a start should say, what was lost or switched off. */
  readonly onNotice?: (message: string) => void
  /** Errors without a caller to receive them: lost idle connections, a rollback that failed. */
  readonly onError?: (error: unknown) => void
}
