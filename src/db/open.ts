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
import { openHeavyLeases } from './connect/heavy-leases.ts'
import { openBatches } from './run/batches.ts'
import { probe } from './connect/probe.ts'
import { openCursors } from './run/cursor.ts'
import type {
  Database,
  DatabaseOptions,
  Session,
  Statement,
  Transaction,
  TransactionOptions,
} from './database.ts'
import { buildSingleStatementHandle, type DriverQuery } from './drizzle/drizzle-handle.ts'
import { openPglite } from './connect/pglite.ts'
import { openPostgres } from './connect/postgres.ts'
import { isPreparedError } from './run/prepared-names.ts'
import type { RunLimits } from './run/run-statement.ts'
import { isInDoubt, outcomeUnknown, wasCommitted } from './run/outcome.ts'
import { isLate, openLateConnections } from './connect/late.ts'
import { isConnectionError, isReadOnlyError } from './sqlstate.ts'
import { checkServer } from './server-check.ts'
import { buildSession, type RunStatement, type SessionsShare } from './run/session.ts'
import { runTransaction } from './run/transaction.ts'

/** PostgreSQL ends a statement at its timeout by itself; our own deadline comes that much later, for when it does not. */
const SERVER_FIRST_MS = 500

/**
 * Opens the database of `options.url` and checks that it can be served: PostgreSQL 15 or later, UTF8, ISO dates.
 * Throws a Problem for the operator, which names the server and never the password.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return openChecked(await openConnections(options), options)
}

/** A database that is there, or comes later. */
export interface ComingDatabase {
  readonly database: Database
  /** Resolves when it is there; rejects as `openDatabase` does. Null where it is there. Until then it is UNAVAILABLE. */
  readonly arriving: Promise<void> | null
}

/**
 * As `openDatabase`, but waits for a server that cannot be reached yet.
 * @param onWait called before each wait, with a sentence for the operator
 */
export async function openDatabaseOrWait(
  options: DatabaseOptions,
  onWait: (line: string) => void,
): Promise<ComingDatabase> {
  try {
    return { database: await openDatabase(options), arriving: null }
  } catch (error) {
    if (!isLate(error) || options.url.startsWith('pglite:')) throw error
    const late = openLateConnections(() => openConnections(options), error, onWait)
    const database = buildDatabase(late.connections, options)
    return { database, arriving: late.arriving.then(() => checkServer(database)) }
  }
}

async function openChecked(connections: Connections, options: DatabaseOptions): Promise<Database> {
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
    heavy: { lease: openHeavyLeases(connections, options) },
    options,
    usage: openUsage(),
    preparing: { on: options.prepare !== 'off', onNotice: options.onNotice },
    gate: { refuses: null, onMissing: () => {} },
  }
  const { usage } = shared
  const batched = buildBatchedSession(shared)
  const single = buildSession(
    (statement, take, { named, ...asked }) =>
      runOnce(shared, asked, (held, limits) =>
        held.read(statement, take, { ...limits, named, bytes: answerBytesOf(asked.signal) }),
      ),
    shared,
  )
  const writing = buildWritingSession(shared)
  const drive: DriverQuery = (config) =>
    // a function that a select calls may write, so the first word does not tell a read from a write
    runOnce(shared, {}, (held, limits) => held.run(config, limits).catch(throwDoubt))
  return {
    kind: connections.kind,
    drizzle: buildSingleStatementHandle(drive, options.relations),
    read: (statement, take, limits) => unnamed(statement, (one) => batched.read(one, take, limits)),
    write: (statement, take, limits) =>
      unnamed(statement, (one) => writing.write(one, take, limits)),
    query: (statement, limits) => unnamed(statement, (one) => single.query(one, limits)),
    transaction: (work, settings) => inTransaction(shared, single, { work, ...settings }),
    openCursor: openCursors(
      connections.kind === 'pglite' ? 0 : Math.floor(options.poolMax / 2),
      (signal) => toSettings(shared, signal, options.statementTimeout),
    ),
    gate: shared.gate,
    queued: connections.queued,
    pool: connections.pool,
    probe: (probing) => probe(connections, single, probing),
    close: () => usage.close(() => connections.close()),
  }
}

interface Working<T> extends TransactionOptions {
  readonly work: (tx: Transaction) => Promise<T>
}

/** @param asking a session that is outside of the transaction */
function inTransaction<T>(
  shared: Shared,
  asking: Session,
  { work, signal, statementTimeout }: Working<T>,
): Promise<T> {
  const { connections, options, usage } = shared
  const limit = `SET LOCAL statement_timeout = ${statementTimeout}`
  const settings = {
    ...toSettings(shared, signal, statementTimeout ?? options.statementTimeout),
    ...(statementTimeout !== undefined && { begin: [...connections.begin, limit] }),
    wasCommitted: connections.kind === 'pglite' ? null : (xid: string) => wasCommitted(asking, xid),
  }
  return usage.inTransaction((inside) => runTransaction(settings, (tx) => inside(() => work(tx))))
}

/** What the ways to use one database share. */
interface Shared extends SessionsShare {
  readonly connections: Connections
  /** For heavy reads. */
  readonly heavy: Pick<Connections, 'lease'>
  readonly options: DatabaseOptions
  readonly usage: Usage
}

/** Our own deadline for statements of a timeout, in milliseconds. */
const toDeadline = ({ connections }: Shared, timeout: number): number =>
  connections.kind === 'postgres' && timeout > 0 ? timeout + SERVER_FIRST_MS : timeout

/** Whose statement it is. */
interface Asked {
  readonly signal?: AbortSignal | undefined
  readonly isHeavy?: boolean
}

async function hold({ usage, connections, heavy }: Shared, { signal, isHeavy = false }: Asked) {
  usage.check()
  return holdConnection(await leaseUnlessAborted(isHeavy ? heavy : connections, signal))
}

/** One statement on a connection, which is given back when it has ended in the database: later, maybe, than its caller waits. */
function runOnce<T>(
  shared: Shared,
  asked: Asked,
  use: (held: Held, limits: RunLimits) => Promise<T>,
): Promise<T> {
  const timeout = toDeadline(shared, shared.options.statementTimeout)
  return againIfReadOnly(async () => {
    const held = await hold(shared, asked)
    return use(held, { timeout, signal: asked.signal }).finally(() => {
      void held.giveBack()
    })
  })
}

/** The statement wrote nothing. Its connection is not lent again, so the second attempt has a newer one. */
async function againIfReadOnly<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!isReadOnlyError(error)) throw error
    return run()
  }
}

/** Such a write has committed when its row comes: to refuse the answer then would hide that it was done. */
function buildWritingSession(shared: Shared): Session {
  return buildSession(
    (statement, take, { named, signal }) =>
      runOnce(shared, { signal }, (held, limits) =>
        held.read(statement, take, { ...limits, named, bytes: null }).catch(throwDoubt),
      ),
    shared,
  )
}

/** A statement with a connection of its own was sent: where its answer was lost, it may be done or not. */
function throwDoubt(error: unknown): never {
  throw isConnectionError(error) && isInDoubt(error) ? outcomeUnknown(error) : error
}

/** Statements that share a connection with others of the same turn. */
function buildBatchedSession(shared: Shared): Session {
  const { connections, heavy, options, usage } = shared
  const batches = openBatches((since) => connections.lease(since), heavy.lease)
  const timeout = toDeadline(shared, options.statementTimeout)
  return buildSession(async (statement, take, { named, signal, isHeavy }) => {
    usage.check()
    const bytes = answerBytesOf(signal)
    const limits = { named, timeout, signal, isHeavy, bytes }
    return againIfReadOnly(() => batches(statement, take, limits)) // a select may call a function that writes
  }, shared)
}

const toSettings = (shared: Shared, signal: AbortSignal | undefined, statementTimeout: number) => ({
  begin: shared.connections.begin,
  relations: shared.options.relations,
  idleTimeout: shared.options.idleInTransactionTimeout,
  statementTimeout: toDeadline(shared, statementTimeout),
  signal,
  hold: () => hold(shared, { signal }),
  toSession: (read: RunStatement) => buildSession(read, shared),
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
