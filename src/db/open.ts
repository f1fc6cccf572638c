// Opens the database that a URL names, and builds the ways to use it from its connections.
import { AsyncLocalStorage } from 'node:async_hooks'
import { answerBytesOf } from '../answer-bytes.ts'
import { Problem } from '../errors.ts'
import {
  type Connections,
  type Held,
  holdConnection,
  leaseUnlessAborted,
} from './run/connection.ts'
import { openBatches } from './run/batches.ts'
import { openCursors } from './run/cursor.ts'
import type { Database, DatabaseOptions, Session, Statement } from './database.ts'
import { buildSingleStatementHandle, type DriverQuery } from './run/drizzle-handle.ts'
import { openPglite } from './connect/pglite.ts'
import { openPostgres } from './connect/postgres.ts'
import { isPreparedError } from './run/prepared-names.ts'
import type { RunLimits } from './run/run-statement.ts'
import { checkServer } from './server-check.ts'
import { buildSession, type Preparing, type RunStatement } from './run/session.ts'
import { runTransaction } from './run/transaction.ts'

/** PostgreSQL ends a statement at its timeout by itself; our own deadline comes that much later, for when it does not. */
const SERVER_FIRST_MS = 500

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
  const shared: Shared = {
    connections,
    options,
    usage: openUsage(),
    preparing: { on: options.prepare !== 'off', onNotice: options.onNotice },
  }
  const { usage } = shared
  const batched = buildBatchedSession(shared)
  const single = buildSingleSession(shared, answerBytesOf)
  // such a write has committed when its row comes: to refuse the answer then would hide that it was done
  const writing = buildSingleSession(shared, () => null)
  const drive: DriverQuery = (config) =>
    runOnce(shared, undefined, (held, limits) => held.run(config, limits))
  return {
    kind: connections.kind,
    drizzle: buildSingleStatementHandle(drive, options.relations),
    read: (statement, take, limits) => unnamed(statement, (one) => batched.read(one, take, limits)),
    write: (statement, take, limits) =>
      unnamed(statement, (one) => writing.write(one, take, limits)),
    query: (statement, limits) => unnamed(statement, (one) => single.query(one, limits)),
    transaction(work, { signal, statementTimeout } = {}) {
      const settings = toSettings(shared, signal, statementTimeout ?? options.statementTimeout)
      if (statementTimeout !== undefined)
        settings.begin += `; SET LOCAL statement_timeout = ${statementTimeout}`
      return usage.inTransaction((inside) =>
        runTransaction(settings, (tx) => inside(() => work(tx))),
      )
    },
    openCursor: openCursors(
      connections.kind === 'pglite' ? 0 : Math.floor(options.poolMax / 2),
      (signal) => toSettings(shared, signal, options.statementTimeout),
    ),
    close: () => usage.close(() => connections.close()),
  }
}

/** What the ways to use one database share. */
interface Shared {
  readonly connections: Connections
  readonly options: DatabaseOptions
  readonly usage: Usage
  readonly preparing: Preparing
}

/** Our own deadline for statements of a timeout, in milliseconds. */
const toDeadline = ({ connections }: Shared, timeout: number): number =>
  connections.kind === 'postgres' && timeout > 0 ? timeout + SERVER_FIRST_MS : timeout

async function hold({ usage, connections }: Shared, signal: AbortSignal | undefined) {
  usage.check()
  return holdConnection(await leaseUnlessAborted(connections, signal))
}

/** One statement on a connection, which is given back when it has ended in the database: later, maybe, than its caller waits. */
async function runOnce<T>(
  shared: Shared,
  signal: AbortSignal | undefined,
  use: (held: Held, limits: RunLimits) => Promise<T>,
): Promise<T> {
  const held = await hold(shared, signal)
  const timeout = toDeadline(shared, shared.options.statementTimeout)
  return use(held, { timeout, signal }).finally(() => {
    void held.giveBack()
  })
}

/** Statements that have a connection each. */
const buildSingleSession = (shared: Shared, bytesOf: typeof answerBytesOf): Session =>
  buildSession(
    (statement, take, { named, signal }) =>
      runOnce(shared, signal, (held, limits) =>
        held.read(statement, take, { ...limits, named, bytes: bytesOf(signal) }),
      ),
    shared.preparing,
  )

/** Statements that share a connection with others of the same turn. */
function buildBatchedSession(shared: Shared): Session {
  const { connections, options, usage, preparing } = shared
  const batches = openBatches(() => connections.lease())
  const timeout = toDeadline(shared, options.statementTimeout)
  return buildSession(async (statement, take, { named, signal }) => {
    usage.check()
    return batches(statement, take, { named, timeout, signal, bytes: answerBytesOf(signal) })
  }, preparing)
}

const toSettings = (shared: Shared, signal: AbortSignal | undefined, statementTimeout: number) => ({
  begin: shared.connections.begin,
  relations: shared.options.relations,
  idleTimeout: shared.options.idleInTransactionTimeout,
  statementTimeout: toDeadline(shared, statementTimeout),
  signal,
  hold: () => hold(shared, signal),
  toSession: (read: RunStatement) => buildSession(read, shared.preparing),
  onError: (error: unknown) => shared.options.onError?.(error),
})

/** Whether the database may be used. */
interface Usage {
  /** @throws Problem after the close, and inside one of the database's own transactions */
  check(): void
  /** Runs a transaction; `check` throws in the work that it runs `inside`, until the transaction has ended. */
  inTransaction<T>(run: (inside: <W>(work: () => W) => W) => Promise<T>): Promise<T>
  /** Closes once, however often it is called. */
  close(end: () => Promise<void>): Promise<void>
}

function openUsage(): Usage {
  const inside = new AsyncLocalStorage<{ open: boolean }>()
  let closing: Promise<void> | undefined
  return {
    check() {
      if (closing !== undefined) throw new Problem('UNAVAILABLE', 'The database is closed.')
      if (inside.getStore()?.open === true) throw new Problem('INTERNAL', INSIDE)
    },
    inTransaction(run) {
      const scope = { open: true }
      return run((work) => inside.run(scope, work)).finally(() => {
        scope.open = false
      })
    },
    close: (end) => (closing ??= end()),
  }
}

const INSIDE =
  "The database was used inside one of its transactions: only the transaction's own `tx` can be, there."

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
