// Drizzle over connections that are lent and taken back: the handle handlers get (`tx`), and the one for single statements.
import {
  nodePgCodecs,
  NodePgSession,
  NodePgTransaction,
  type NodePgClient,
} from 'drizzle-orm/node-postgres'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { AnyRelations } from 'drizzle-orm/relations'
import type { QueryConfig, QueryResult } from 'pg'
import { Problem } from '../../errors.ts'
import { toDatabaseProblem, toOwnFailure } from '../sqlstate.ts'

/** Runs one statement as the driver would, and rejects with the driver's errors: Drizzle wraps them itself. */
export type DriverQuery = (config: QueryConfig) => Promise<QueryResult>

/**
 * Drizzle on one connection inside a transaction. It is Drizzle's transaction class and not its database, so that
 * `tx.transaction(…)` is a savepoint: the database's would send BEGIN and COMMIT in the middle of ours.
 */
export function buildTransactionHandle(
  query: DriverQuery,
  relations: unknown,
): NodePgTransaction<AnyRelations> {
  // Drizzle calls nothing of a client but `query`; a real one would let code past the guards around it.
  const client = {
    query: (config: QueryConfig, values: unknown[]) => query({ ...config, values }),
  } as unknown as NodePgClient
  const dialect = new PgDialect({ codecs: nodePgCodecs })
  const known = (relations ?? {}) as AnyRelations // the team's defineRelations(…), passed through as it is
  return new NodePgTransaction(dialect, new NodePgSession(client, dialect, known), known, 0, false)
}

/**
 * Drizzle for single statements, each on any free connection: a transaction would be spread over several. Its
 * errors are Drizzle's, with our Problem as their cause (`toProblem` finds it).
 */
export function buildSingleStatementHandle(query: DriverQuery, relations: unknown): unknown {
  const telling: DriverQuery = (config) =>
    query(config).catch((error: unknown) => {
      throw toDatabaseProblem(toOwnFailure(error))
    })
  return Object.assign(buildTransactionHandle(telling, relations), {
    transaction: refuseTransaction,
  })
}

const refuseTransaction = (): Promise<never> =>
  Promise.reject(
    new Problem(
      'INTERNAL',
      'This handle runs single statements; for a transaction use the `tx` of an operation.',
    ),
  )
