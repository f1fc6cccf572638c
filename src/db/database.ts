// The database as the rest of db/ uses it: single statements anywhere, or one exclusive lease.
import type { Problem } from '../errors.ts'

/** One row as PostgreSQL wrote it: text cells in the order of the select list, null for NULL. */
export type TextRow = readonly (string | null)[]

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
  /** Aborts the statement in the database when the caller goes away or its deadline passes. */
  readonly signal?: AbortSignal
}

/** Runs statements; rows come as text. Errors are Problems already (see sqlstate.ts), the original as `cause`. */
export interface Session {
  query(statement: Statement, options?: RunOptions): Promise<TextResult>
}

/** A session inside one transaction, on one connection that nobody else uses meanwhile. */
export interface Transaction extends Session {
  /** The connection as Drizzle sees it, for handlers (`tx`): built on first use, with the team's relations. */
  readonly drizzle: unknown
}

export interface Database extends Session {
  readonly kind: 'pglite' | 'postgres'
  /**
   * Runs `work` between BEGIN and COMMIT on an exclusive connection; ROLLBACK when it throws. Serialization failures
   * and deadlocks (40001, 40P01) run it again, at most twice more, then UNAVAILABLE.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: RunOptions): Promise<T>
  /** Ends what is idle, waits for what runs, then closes. Safe to call twice. */
  close(): Promise<void>
}

/** How a driver's error becomes a Problem. `constraint` names are looked up by the caller that knows the table. */
export type ToDatabaseProblem = (error: unknown) => Problem
