// Statements of plans on a connection: text in, text out, prepared under their names where that works.
import type { QueryConfig, QueryResult } from 'pg'
import type { Session, Statement, TextResult, TextRow } from './database.ts'
import { isPoolerError } from './prepared.ts'
import { toDatabaseProblem } from './sqlstate.ts'

/** Runs one statement as the driver would, and rejects with the driver's errors. */
export type Run = (config: QueryConfig, signal?: AbortSignal) => Promise<QueryResult>

/** Whether statements are prepared: for all sessions of a database, until a pooler cannot take it. */
export interface Preparing {
  on: boolean
  readonly onNotice: ((message: string) => void) | undefined
}

/** A session over a way to run statements; its errors are Problems. */
export function buildSession(run: Run, preparing: Preparing): Session {
  return {
    async query(statement, options): Promise<TextResult> {
      const named = preparing.on && statement.name !== undefined
      try {
        const result = await run(toConfig(statement, named), options?.signal)
        return { rows: result.rows as TextRow[], rowCount: result.rowCount ?? 0 } // rowMode and types make cells of text
      } catch (error) {
        if (named && preparing.on && isPoolerError(error)) {
          preparing.on = false
          preparing.onNotice?.('Prepared statements do not work on this connection (a pooler in between?) and were switched off.')
        }
        throw toDatabaseProblem(error)
      }
    },
  }
}

/** `pg` calls this per cell: the text stays as PostgreSQL wrote it. */
const asText = { getTypeParser: () => (text: string) => text }

function toConfig({ text, values, name }: Statement, named: boolean): QueryConfig {
  const config = {
    text,
    values: [...values],
    ...(named && name !== undefined && { name }),
    rowMode: 'array',
    queryMode: 'extended', // one statement only, also when it has no values
    types: asText,
  }
  return config as QueryConfig // whose type knows neither rowMode nor queryMode
}
