// Statements of plans on a connection: bytes in, bytes or text out, prepared under their names where that works.
import type { RunOptions, Session, Statement, StatementGate } from '../database.ts'
import { Problem } from '../../errors.ts'
import { isPoolerError } from './prepared-names.ts'
import { type RawRows, toTextRows } from '../raw-rows.ts'
import { isMissingError, toDatabaseProblem } from '../sqlstate.ts'

interface HowToRun {
  readonly named: boolean
  readonly signal: AbortSignal | undefined
  readonly isHeavy: boolean
}

/** Runs one statement, under its name or without, and rejects with the driver's errors. */
export type RunStatement = <T>(
  statement: Statement,
  take: (rows: RawRows) => T,
  how: HowToRun,
) => Promise<T>

/** Whether statements are prepared: for all sessions of a database, until a pooler cannot take it. */
export interface Preparing {
  on: boolean
  readonly onNotice: ((message: string) => void) | undefined
}

/** It names no table and no column; the log does. */
const unfit = (cause?: unknown): Problem =>
  new Problem('UNAVAILABLE', 'The database does not have what this needs just now.', {
    headers: { 'retry-after': '30' },
    ...(cause !== undefined && { cause }),
  })

const toText = (rows: RawRows) => ({ rows: toTextRows(rows), rowCount: rows.rowCount })

/** What all sessions of a database share. */
export interface SessionsShare {
  readonly preparing: Preparing
  readonly gate: StatementGate
}

/** A session over a way to run statements; its errors are Problems. */
export function buildSession(run: RunStatement, { preparing, gate }: SessionsShare): Session {
  const read = async <T>(
    statement: Statement,
    take: (rows: RawRows) => T,
    options?: RunOptions,
  ): Promise<T> => {
    if (gate.refuses?.(statement.text) === true) {
      gate.onMissing()
      throw unfit()
    }
    const named = preparing.on && statement.name !== undefined
    try {
      return await run(statement, take, {
        named,
        signal: options?.signal,
        isHeavy: options?.isHeavy === true,
      })
    } catch (error) {
      if (named && preparing.on && isPoolerError(error)) {
        preparing.on = false
        preparing.onNotice?.(
          'Prepared statements do not work on this connection (a pooler in between?) and were switched off.',
        )
      }
      if (!isMissingError(error)) throw toDatabaseProblem(error)
      gate.onMissing()
      throw unfit(error)
    }
  }
  return { read, write: read, query: (statement, options) => read(statement, toText, options) }
}
