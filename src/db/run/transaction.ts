// BEGIN … COMMIT around work on one connection: run again after 40001 and 40P01, cut short when its caller leaves.
import { setTimeout as sleep } from 'node:timers/promises'
import { answerBytesOf } from '../../answer-bytes.ts'
import { Problem } from '../../errors.ts'
import type { Held } from './connection.ts'
import type { Session, Transaction } from '../database.ts'
import { buildTransactionHandle, type DriverQuery } from './drizzle-handle.ts'
import { type IdleLimit, openIdleLimit } from './idle-limit.ts'
import { isPreparedError } from './prepared-names.ts'
import { type RunLimits, throwIfAborted } from './run-statement.ts'
import type { RunStatement } from './session.ts'
import { isConnectionError, sqlstateOf, toFailure } from '../sqlstate.ts'

export interface TransactionSettings {
  readonly begin: string
  readonly statementTimeout: number
  readonly idleTimeout: number
  readonly relations: unknown
  readonly signal: AbortSignal | undefined
  readonly hold: () => Promise<Held>
  /** The text side of `tx`, over the transaction's own way to run a statement. */
  readonly toSession: (read: RunStatement) => Session
  readonly onError: (error: unknown) => void
}

const MAX_ATTEMPTS = 3
/** Milliseconds before another attempt, times the number of attempts so far, times a random half to whole. */
const RETRY_DELAY_MS = 30

export async function runTransaction<T>(
  settings: TransactionSettings,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptTransaction(settings, work)
    } catch (error) {
      const again =
        isRetryable(error) && attempt < MAX_ATTEMPTS && settings.signal?.aborted !== true
      if (!again) throw toFailure(error)
    }
    await sleep(RETRY_DELAY_MS * attempt * (0.5 + Math.random() / 2))
  }
}

/** However deep it is wrapped: a handler may have put a serialization failure into an error of its own. */
function isRetryable(error: unknown): boolean {
  const state = sqlstateOf(error)
  return state === '40001' || state === '40P01' || isPreparedError(error)
}

async function attemptTransaction<T>(
  settings: TransactionSettings,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const held = await settings.hold()
  const watch = watchTransaction(settings)
  const scope: Scope = { held, watch, open: true, failure: null }
  try {
    await held.run(
      { text: settings.begin },
      { timeout: settings.statementTimeout, signal: settings.signal },
    )
    watch.resume()
    const result = await Promise.race([work(buildTransaction(scope, settings)), watch.cut])
    scope.open = false
    await commit(scope, settings)
    await held.giveBack()
    return result
  } catch (error) {
    scope.open = false
    const ended = rollBack(held, settings)
    // A caller who is cut short is answered at once; a statement that still runs ends in the background.
    if (!watch.isCut()) await ended
    throw error
  } finally {
    watch.stop()
  }
}

interface Scope {
  readonly held: Held
  readonly watch: Watch
  open: boolean
  /** The last error a statement gave: what COMMIT means when it answers ROLLBACK. */
  failure: Error | null
}

function buildTransaction(scope: Scope, settings: TransactionSettings): Transaction {
  const counted = async <T>(
    start: (limits: RunLimits) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    if (!scope.open)
      throw new Problem(
        'INTERNAL',
        'The transaction has ended; its `tx` cannot be used any longer.',
      )
    scope.watch.pause()
    try {
      return await start({ timeout: settings.statementTimeout, signal: signal ?? settings.signal })
    } catch (error) {
      if (error instanceof Error) scope.failure = error
      throw error
    } finally {
      scope.watch.resume()
    }
  }
  const drive: DriverQuery = (config) =>
    counted((limits) => scope.held.run(config, limits), undefined)
  const read: RunStatement = (statement, take, { named, signal }) =>
    counted((limits) => {
      const bytes = answerBytesOf(limits.signal)
      return scope.held.read(statement, take, { ...limits, named, bytes })
    }, signal)
  return new RunningTransaction(settings.toSession(read), () =>
    buildTransactionHandle(drive, settings.relations),
  )
}

/** A class for its getter (see RowPage in engine/render/row-reader.ts). */
class RunningTransaction implements Transaction {
  readonly read: Session['read']
  readonly write: Session['write']
  readonly query: Session['query']
  private readonly buildHandle: () => unknown
  private handle: unknown

  constructor({ read, write, query }: Session, buildHandle: () => unknown) {
    this.read = read
    this.write = write
    this.query = query
    this.buildHandle = buildHandle
  }

  get drizzle(): unknown {
    return (this.handle ??= this.buildHandle())
  }
}

/** COMMIT of a transaction in which a statement failed is a ROLLBACK; only its command tag shows that. */
async function commit(scope: Scope, settings: TransactionSettings): Promise<void> {
  throwIfAborted(settings.signal)
  const { command } = await scope.held.run(
    { text: 'COMMIT' },
    { timeout: settings.statementTimeout },
  )
  if (command !== 'ROLLBACK') return
  throw (
    scope.failure ??
    new Problem(
      'INTERNAL',
      'A statement of the transaction failed and its error was not passed on.',
    )
  )
}

/** Rolls a transaction back, and gives its connection back. Never rejects. */
export async function rollBack(
  held: Held,
  settings: Pick<TransactionSettings, 'statementTimeout' | 'onError'>,
): Promise<void> {
  try {
    await held.run({ text: 'ROLLBACK' }, { timeout: settings.statementTimeout })
  } catch (error) {
    held.spoil()
    // The caller knows of a lost connection already, and the server rolls back by itself.
    if (!isConnectionError(error)) settings.onError(error)
  }
  await held.giveBack()
}

/** The transaction's idle limit, and whether it was reached. */
interface Watch extends IdleLimit {
  /** Rejects when the transaction is cut short. */
  readonly cut: Promise<never>
  isCut(): boolean
}

function watchTransaction({ signal, idleTimeout }: TransactionSettings): Watch {
  const { promise: cut, reject } = Promise.withResolvers<never>()
  cut.catch(() => {}) // the work may have ended before, and then no one awaits it
  let isCut = false
  const message = 'The operation kept its transaction open for too long.'
  const limit = openIdleLimit({ signal, idleTimeout, message }, (problem) => {
    isCut = true
    reject(problem)
  })
  return { ...limit, cut, isCut: () => isCut }
}
