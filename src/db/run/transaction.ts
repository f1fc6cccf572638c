// BEGIN … COMMIT around work on one connection: run again after 40001 and 40P01, cut short when its caller leaves.
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../../errors.ts'
import { statementsOf } from '../../request-statements.ts'
import type { Held } from './connection.ts'
import type { Transaction } from '../database.ts'
import { type IdleLimit, openIdleLimit } from './idle-limit.ts'
import { isInDoubt, outcomeUnknown } from './outcome.ts'
import { isPreparedError } from './prepared-names.ts'
import { throwIfAborted } from './run-statement.ts'
import {
  buildTransaction,
  type Scope,
  takeDeferred,
  toXidReceiver,
  type TransactionSettings,
} from './running-transaction.ts'
import { isConnectionError, isReadOnlyError, sqlstateOf, toFailure } from '../sqlstate.ts'

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
      const again = attempt < attemptsAt(error) && settings.signal?.aborted !== true
      if (!again) throw toFailure(error)
    }
    await sleep(RETRY_DELAY_MS * attempt * (0.5 + Math.random() / 2))
  }
}

/** At most how many there are in all. However deep the error is wrapped: a handler may have put it into one of its own. */
function attemptsAt(error: unknown): number {
  if (isReadOnlyError(error)) return 2
  const state = sqlstateOf(error)
  return state === '40001' || state === '40P01' || isPreparedError(error) ? MAX_ATTEMPTS : 1
}

async function attemptTransaction<T>(
  settings: TransactionSettings,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const held = await settings.hold()
  const watch = watchTransaction(settings)
  const scope: Scope = {
    held,
    watch,
    open: true,
    begun: false,
    xid: undefined,
    deferred: settings.begin.map((text) => ({ text, values: [] })),
    failure: null,
  }
  try {
    throwIfAborted(settings.signal)
    watch.resume()
    const result = await Promise.race([work(buildTransaction(scope, settings)), watch.cut])
    scope.open = false
    await commit(scope, settings)
    await held.giveBack()
    return result
  } catch (error) {
    scope.open = false
    const ended = scope.begun ? rollBack(held, settings) : held.giveBack()
    // A caller who is cut short is answered at once; a statement that still runs ends in the background.
    if (!watch.isCut()) await ended
    throw error
  } finally {
    watch.stop()
  }
}

/** COMMIT of a transaction in which a statement failed is a ROLLBACK; only its command tag shows that. */
async function commit(scope: Scope, settings: TransactionSettings): Promise<void> {
  throwIfAborted(settings.signal)
  if (!scope.begun) return // nothing was asked of the database
  scope.xid ??= undefined // null may be old: what was written since then is known only from the question that goes with COMMIT
  const tag = await scope.held
    .commit({
      before: takeDeferred(scope),
      onXid: toXidReceiver(scope, settings),
      timeout: settings.statementTimeout,
      statements: statementsOf(settings.signal),
    })
    .catch((error: unknown) => settle(scope, settings, error))
  if (tag !== 'ROLLBACK') return
  throw (
    scope.failure ??
    new Problem(
      'INTERNAL',
      'A statement of the transaction failed and its error was not passed on.',
    )
  )
}

/** COMMIT has failed. Returns where the transaction was committed all the same. */
async function settle(
  { held, xid }: Scope,
  { wasCommitted }: TransactionSettings,
  error: unknown,
): Promise<string> {
  if (!isInDoubt(error)) throw error
  if (xid === null) return 'COMMIT' // nothing was written, as the answer before that of COMMIT says
  held.spoil()
  void held.giveBack() // another connection is needed now
  const committed = xid === undefined ? null : await wasCommitted?.(xid)
  if (committed == null) throw outcomeUnknown(error)
  if (committed) return 'COMMIT'
  const message = 'The database was lost before the write was done. Try again.'
  throw new Problem('UNAVAILABLE', message, { headers: { 'retry-after': '1' }, cause: error })
}

/** Rolls a transaction back, and gives its connection back. Never rejects. */
export async function rollBack(
  held: Held,
  settings: Pick<TransactionSettings, 'statementTimeout' | 'signal' | 'onError'>,
): Promise<void> {
  try {
    await held.run(
      { text: 'ROLLBACK' },
      { timeout: settings.statementTimeout, statements: statementsOf(settings.signal) },
    )
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
