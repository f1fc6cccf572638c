// The one rule for a running statement: its caller is answered at once when they leave or its time is up, and the database is asked to stop it.
import { Problem } from '../../errors.ts'
import { type RequestStatements, statementsOf } from '../../request-statements.ts'

/** A connection on loan, as far as it can stop what runs on it. */
interface Interruptible {
  /** Stops the running statement, and resolves (it never rejects) when the request has arrived; null when it cannot be stopped. */
  interrupt(why: StopReason): Promise<void> | null
}

export type StopReason = 'abort' | 'deadline'

export interface RunLimits {
  /** Milliseconds; 0 for none. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
  /** Where the statement counts, if not with the signal: one that must not be stopped has none. */
  readonly statements?: RequestStatements | null
}

/** How long a statement may run on after it was asked to stop, in milliseconds. Then its connection is closed. */
const CANCEL_GRACE_MS = 1000

/** Stops the statement. False where it runs on: it cannot be stopped for this reason, or it has not begun. */
type Stop = (why: StopReason) => boolean

/** A statement from the moment it is asked for to its end in the database. Its caller is answered once. */
export interface Call<T> {
  isAnswered(): boolean
  /** Starts the time of the statement, which is stopped by `stop`. */
  begin(stop: Stop): void
  /** Ends the call with the statement's rows. */
  readonly resolve: (answer: T) => void
  /** Ends the call with an error of the statement or the connection. */
  readonly reject: (error: unknown) => void
  /** Answers the caller at once, and stops the statement. */
  readonly refuse: (problem: Problem) => void
}

interface Answer<T> {
  readonly resolve: (answer: T) => void
  readonly reject: (error: unknown) => void
}

/** Watches over one statement: an abort or its deadline answers the caller at once, and stops the statement. */
export function openCall<T>(
  { timeout, signal, statements = statementsOf(signal) }: RunLimits,
  answer: Answer<T>,
): Call<T> {
  let answered = false
  let sentAt = 0
  let timer: NodeJS.Timeout | undefined
  let stop: Stop | null = null
  let ignoreAbort = nothing
  const end = (): boolean => {
    clearTimeout(timer)
    ignoreAbort()
    const isFirst = !answered
    if (isFirst) noteAnswer(statements, sentAt)
    answered = true
    return isFirst
  }
  const stopEarly = (why: StopReason, problem: Problem): void => {
    if (!answered) {
      noteAnswer(statements, sentAt)
      answered = true
      answer.reject(problem)
    }
    const goesOn = stop !== null && !stop(why) // after an abort its deadline still counts
    if (!goesOn) end()
  }
  ignoreAbort = onAbort(signal, (problem) => stopEarly('abort', problem))
  return {
    isAnswered: () => answered,
    begin(how) {
      stop = how
      if (statements !== null) {
        statements.sent += 1
        sentAt = performance.now()
      }
      if (timeout > 0)
        timer = setTimeout(
          () => stopEarly('deadline', new Problem('TIMEOUT', 'The database took too long.')),
          timeout,
        )
    },
    resolve(rows) {
      if (end()) answer.resolve(rows)
    },
    reject(error) {
      if (end()) answer.reject(error)
    },
    refuse: (problem) => stopEarly('abort', problem),
  }
}

/** @param sentAt 0 where it was not sent */
function noteAnswer(statements: RequestStatements | null, sentAt: number): void {
  if (statements !== null && sentAt > 0) statements.ms += performance.now() - sentAt
}

/** The requests to stop what runs on a leased connection. */
export interface Stopper {
  readonly stop: Stop
  /** Whether a request was sent: it may hit a statement that it was not meant for. */
  isUsed(): boolean
  /** Says that the connection runs its next statement: the one before it has ended. */
  next(): void
  /** Resolves true when the connection is idle and no request to stop can arrive any more; false when its statement did not stop in time, and the connection must be closed. */
  untilIdle(running: Promise<unknown>): Promise<boolean>
}

export function openStopper(lease: Interruptible): Stopper {
  const requests: Promise<void>[] = []
  let grace: NodeJS.Timeout | undefined
  let giveUp = nothing
  return {
    stop(why) {
      const request = lease.interrupt(why)
      if (request === null) return false
      requests.push(request)
      grace ??= setTimeout(() => giveUp(), CANCEL_GRACE_MS)
      return true
    },
    isUsed: () => requests.length > 0,
    next() {
      clearTimeout(grace)
      grace = undefined
    },
    untilIdle: (running) =>
      new Promise((resolve) => {
        giveUp = () => resolve(false)
        const end = async (): Promise<void> => {
          clearTimeout(grace)
          await Promise.all(requests) // one that arrives late would stop the next statement
          resolve(true)
        }
        running.then(end, end)
      }),
  }
}

const nothing = (): void => {}

/**
 * Calls `act` when the signal is aborted, at once where it is already.
 * @returns ends the listening
 */
export function onAbort(
  signal: AbortSignal | undefined,
  act: (problem: Problem) => void,
): () => void {
  if (signal === undefined) return nothing
  const listener = (): void => act(toAbortProblem(signal))
  if (signal.aborted) listener()
  else signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}

/** @throws Problem when the caller has left already */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw toAbortProblem(signal)
}

/** Why a signal was aborted, as a Problem: its own reason if that is one, else TIMEOUT. */
function toAbortProblem(signal: AbortSignal): Problem {
  const reason: unknown = signal.reason
  return reason instanceof Problem
    ? reason
    : new Problem('TIMEOUT', 'The request was given up.', { cause: reason })
}
