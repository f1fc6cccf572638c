// Opens the database that a URL names, and makes of its connections what the rest of db/ uses.
import { AsyncLocalStorage } from 'node:async_hooks'
import { Problem } from '../errors.ts'
import {
  holdConnection,
  toAbortProblem,
  type Connections,
  type Held,
  type Lease,
  type RunLimits,
} from './run/connection.ts'
import { openBatches } from './run/batches.ts'
import { openCursors } from './run/cursor.ts'
import type { Database, DatabaseOptions, Statement } from './database.ts'
import { buildSingleStatementHandle, type DriverQuery } from './run/drizzle-handle.ts'
import { openPglite } from './connect/pglite.ts'
import { openPostgres } from './connect/postgres.ts'
import { isPreparedError } from './run/prepared-names.ts'
import { checkServer } from './server-check.ts'
import { buildSession, type Preparing, type Read } from './run/session.ts'
import { runTransaction } from './run/transaction.ts'

/** PostgreSQL ends a statement at its timeout by itself; our own deadline comes that much later, for when it does not. */
const SERVER_FIRST = 500

/**
 * Opens the database of `options.url` and checks that it can be served: PostgreSQL 15 or later, UTF8, ISO dates.
 * Throws a Problem for the operator, which names the server and never the password.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const connections = await openConnections(options)
  const database = buildDatabase(connections, options)
  try {
    await checkServer(database)
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

function openConnections(options: DatabaseOptions): Promise<Connections> {
  if (options.url.startsWith('pglite:')) return openPglite(options)
  if (/^postgres(ql)?:\/\//.test(options.url)) return openPostgres(options)
  throw new Problem(
    'INTERNAL',
    "The database's URL must begin with postgres://, postgresql:// or pglite:.",
  )
}

function buildDatabase(connections: Connections, options: DatabaseOptions): Database {
  const inside = new AsyncLocalStorage<{ open: boolean }>()
  const preparing: Preparing = { on: options.prepare !== 'off', onNotice: options.onNotice }
  const toDeadline = (timeout: number): number =>
    timeout + (timeout > 0 && connections.kind === 'postgres' ? SERVER_FIRST : 0)
  let closing: Promise<void> | undefined

  const refuseUnusable = (): void => {
    if (closing !== undefined) throw new Problem('UNAVAILABLE', 'The database is closed.')
    if (inside.getStore()?.open === true) throw new Problem('INTERNAL', INSIDE)
  }
  const hold = async (signal: AbortSignal | undefined): Promise<Held> => {
    refuseUnusable()
    return holdConnection(await leaseUnlessAborted(connections, signal))
  }

  /** Given back when it is over in the database, which may be later than its caller stops to wait. */
  const once = async <T>(
    signal: AbortSignal | undefined,
    use: (held: Held, limits: RunLimits) => Promise<T>,
  ): Promise<T> => {
    const held = await hold(signal)
    return use(held, { timeout: toDeadline(options.statementTimeout), signal }).finally(() => {
      void held.giveBack()
    })
  }
  const drive: DriverQuery = (config) => once(undefined, (held, limits) => held.run(config, limits))
  const session = buildSession(
    (statement, take, { named, signal }) =>
      once(signal, (held, limits) => held.read(statement, take, { ...limits, named })),
    preparing,
  )
  const batches = openBatches(() => connections.lease())
  const single = buildSession(async (statement, take, { named, signal }) => {
    refuseUnusable()
    return batches(statement, take, {
      named,
      timeout: toDeadline(options.statementTimeout),
      signal,
    })
  }, preparing)

  const toSettings = (signal: AbortSignal | undefined, statementTimeout: number) => ({
    ...ofTransactions(connections, options, preparing),
    signal,
    statementTimeout: toDeadline(statementTimeout),
    hold: () => hold(signal),
  })

  return {
    kind: connections.kind,
    drizzle: buildSingleStatementHandle(drive, options.relations),
    read: (statement, take, limits) => unnamed(statement, (one) => single.read(one, take, limits)),
    write: (statement, take, limits) =>
      unnamed(statement, (one) => session.write(one, take, limits)),
    query: (statement, limits) => unnamed(statement, (one) => session.query(one, limits)),
    transaction(work, { signal, statementTimeout } = {}) {
      const scope = { open: true }
      const settings = toSettings(signal, statementTimeout ?? options.statementTimeout)
      if (statementTimeout !== undefined)
        settings.begin += `; SET LOCAL statement_timeout = ${statementTimeout}`
      return runTransaction(settings, (tx) => inside.run(scope, () => work(tx))).finally(() => {
        scope.open = false
      })
    },
    openCursor: openCursors(
      connections.kind === 'pglite' ? 0 : Math.floor(options.poolMax / 2),
      (signal) => toSettings(signal, options.statementTimeout),
    ),
    close() {
      closing ??= connections.close()
      return closing
    },
  }
}

/** What all transactions of a database have in common. */
const ofTransactions = (
  { begin }: Connections,
  { idleInTransactionTimeout, relations, onError }: DatabaseOptions,
  preparing: Preparing,
) => ({
  begin,
  relations,
  idleTimeout: idleInTransactionTimeout,
  toSession: (read: Read) => buildSession(read, preparing),
  onError: (error: unknown) => onError?.(error),
})

/** A statement whose name was lost on the way is run without one. */
async function unnamed<T>(
  statement: Statement,
  run: (statement: Statement) => Promise<T>,
): Promise<T> {
  try {
    return await run(statement)
  } catch (error) {
    if (statement.name === undefined || !isPreparedError(error)) throw error
    return run({ text: statement.text, values: statement.values })
  }
}

const INSIDE =
  "The database was used inside one of its transactions: only the transaction's own `tx` can be, there."

/** A connection, or the abort's Problem at once; a connection that comes later goes straight back. */
async function leaseUnlessAborted(
  connections: Connections,
  signal: AbortSignal | undefined,
): Promise<Lease> {
  if (signal === undefined) return connections.lease()
  if (signal.aborted) throw toAbortProblem(signal)
  const coming = connections.lease()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => {
    reject(toAbortProblem(signal))
    coming.then(
      (lease) => lease.release(false),
      () => {},
    ) // its error has nobody left to tell
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([coming, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
