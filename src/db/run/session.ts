// Statements of plans on a connection: bytes in, bytes or text out, prepared under their names where that works.
import type { RunOptions, Session, Statement } from '../database.ts'
import { isPoolerError } from './prepared-names.ts'
import { type RawRows, toTextRows } from '../raw-rows.ts'
import { toDatabaseProblem } from '../sqlstate.ts'

/** Runs one statement, under its name or without, and rejects with the driver's errors. */
export type RunStatement = <T>(
  statement: Statement,
  take: (rows: RawRows) => T,
  how: { readonly named: boolean; readonly signal: AbortSignal | undefined },
) => Promise<T>

/** Whether statements are prepared: for all sessions of a database, until a pooler cannot take it. */
export interface Preparing {
  on: boolean
  readonly onNotice: ((message: string) => void) | undefined
}

const toText = (rows: RawRows) => ({ rows: toTextRows(rows), rowCount: rows.rowCount })

/** A session over a way to run statements; its errors are Problems. */
export function buildSession(run: RunStatement, preparing: Preparing): Session {
  const read = async <T>(
    statement: Statement,
    take: (rows: RawRows) => T,
    options?: RunOptions,
  ): Promise<T> => {
    const named = preparing.on && statement.name !== undefined
    try {
      return await run(statement, take, { named, signal: options?.signal })
    } catch (error) {
      if (named && preparing.on && isPoolerError(error)) {
        preparing.on = false
        preparing.onNotice?.(
          'Prepared statements do not work on this connection (a pooler in between?) and were switched off.',
        )
      }
      throw toDatabaseProblem(error)
    }
  }
  return { read, write: read, query: (statement, options) => read(statement, toText, options) }
}
