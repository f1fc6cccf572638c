// A transaction while it runs: its session and its handle, what is sent ahead of the next statement, and its id.
import { answerBytesOf } from '../../answer-bytes.ts'
import { Problem } from '../../errors.ts'
import type { Held } from './connection.ts'
import type { Session, Statement, Transaction } from '../database.ts'
import { buildTransactionHandle, type DriverQuery } from '../drizzle/drizzle-handle.ts'
import type { IdleLimit } from './idle-limit.ts'
import { toTextRows } from '../raw-rows.ts'
import { isRead } from './outcome.ts'
import { type RunLimits, throwIfAborted } from './run-statement.ts'
import type { RunStatement } from './session.ts'

export interface TransactionSettings {
  /** The statements that open the transaction. */
  readonly begin: readonly string[]
  readonly statementTimeout: number
  readonly idleTimeout: number
  readonly relations: unknown
  readonly signal: AbortSignal | undefined
  readonly hold: () => Promise<Held>
  /** Whether the transaction of this id was committed; null where that cannot be learnt. Never rejects. Null where there is no other connection to ask on. */
  readonly wasCommitted: ((xid: string) => Promise<boolean | null>) | null
  /** The text side of `tx`, over the transaction's own way to run a statement. */
  readonly toSession: (read: RunStatement) => Session
  readonly onError: (error: unknown) => void
}

export interface Scope {
  readonly held: Held
  readonly watch: IdleLimit
  open: boolean
  /** Whether a statement was sent, and BEGIN with it. */
  begun: boolean
  /** The transaction's id; null where nothing was written. Undefined as long as the server has not said it. */
  xid: string | null | undefined
  /** What is sent ahead of the next statement. */
  deferred: Statement[]
  /** The last error a statement gave: what COMMIT means when it answers ROLLBACK. */
  failure: Error | null
}

export function buildTransaction(scope: Scope, settings: TransactionSettings): Transaction {
  const counted = async <T>(
    start: (limits: RunLimits, before: readonly Statement[]) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    if (!scope.open)
      throw new Problem(
        'INTERNAL',
        'The transaction has ended; its `tx` cannot be used any longer.',
      )
    scope.watch.pause()
    try {
      const limits = { timeout: settings.statementTimeout, signal: signal ?? settings.signal }
      throwIfAborted(limits.signal) // it would not be sent, and what was deferred would be lost with it
      return await start(limits, takeDeferred(scope))
    } catch (error) {
      if (error instanceof Error) scope.failure = error
      throw error
    } finally {
      scope.watch.resume()
    }
  }
  const drive: DriverQuery = (config) =>
    counted(async (limits, before) => {
      // both take their places in one turn: what is asked for meanwhile, COMMIT and ROLLBACK too, comes behind them
      const ahead =
        before.length > 0 ? runAhead(scope, before, { ...limits, text: config.text }) : undefined
      const running = scope.held.run(config, limits)
      return (await Promise.all([running, ahead]))[0]
    }, undefined)
  const read: RunStatement = (statement, take, { named, signal }) =>
    counted(
      (limits, before) =>
        scope.held.read(statement, take, {
          ...limits,
          named,
          bytes: answerBytesOf(limits.signal),
          ...(before.length > 0 && { before }),
          ...(!isRead(statement.text) && { onXid: toXidReceiver(scope, settings) }),
        }),
      signal,
    )
  const defer = (statement: Statement): void => {
    scope.deferred.push(statement)
  }
  return new RunningTransaction(settings.toSession(read), defer, () =>
    buildTransactionHandle(drive, settings.relations),
  )
}

/** A statement of the driver's own is not sent together with others, so what was deferred goes first. */
async function runAhead(
  scope: Scope,
  before: readonly Statement[],
  { text, ...limits }: RunLimits & { readonly text: string },
): Promise<void> {
  const how = { ...limits, named: false, bytes: null, before }
  if (isRead(text)) return scope.held.read(NOTHING, () => undefined, how)
  scope.xid = await scope.held.read(ASSIGN_XID, (rows) => toTextRows(rows)[0]?.[0], how)
}

/** While the id is not known: it is asked for with each statement that may write. */
export function toXidReceiver(
  scope: Scope,
  { wasCommitted }: TransactionSettings,
): ((xid: string | null) => void) | undefined {
  if (wasCommitted === null || typeof scope.xid === 'string') return undefined
  return (xid) => {
    scope.xid = xid
  }
}

const NOTHING = { text: 'select', values: [] }
/** Gives the transaction its id, which it would get with the write that follows. */
const ASSIGN_XID = { text: 'select pg_current_xact_id()', values: [] }

/** What is sent ahead of the statement that follows. */
export function takeDeferred(scope: Scope): readonly Statement[] {
  scope.begun = true
  return scope.deferred.splice(0)
}

/** A class for its getter (see RowPage in engine/render/row-reader.ts). */
class RunningTransaction implements Transaction {
  readonly read: Session['read']
  readonly write: Session['write']
  readonly query: Session['query']
  readonly defer: Transaction['defer']
  private readonly buildHandle: () => unknown
  private handle: unknown

  constructor(
    { read, write, query }: Session,
    defer: Transaction['defer'],
    buildHandle: () => unknown,
  ) {
    this.defer = defer
    this.read = read
    this.write = write
    this.query = query
    this.buildHandle = buildHandle
  }

  get drizzle(): unknown {
    return (this.handle ??= this.buildHandle())
  }
}
