// Ends the use of a held connection when its caller leaves, or asks nothing of it for too long.
import { Problem } from '../../errors.ts'
import { onAbort } from './run-statement.ts'

export interface IdleLimit {
  /** A statement begins: no time of idleness counts. */
  pause(): void
  /** A statement has ended: when it was the last one that ran, the time of idleness begins. */
  resume(): void
  /** The use has ended by itself. */
  stop(): void
}

interface IdleLimitOptions {
  readonly signal: AbortSignal | undefined
  /** Milliseconds; 0 for no limit. */
  readonly idleTimeout: number
  /** The message of the TIMEOUT. */
  readonly message: string
}

/**
 * Time is counted here, not by the server alone: the embedded database has no timers, and its one connection is shared. The
 * count begins with one statement that runs, the one that opens the transaction.
 * @param cut called when the use is over
 */
export function openIdleLimit(
  { signal, idleTimeout, message }: IdleLimitOptions,
  cut: (problem: Problem) => void,
): IdleLimit {
  let running = 1
  let timer: NodeJS.Timeout | undefined
  const ignoreAbort = onAbort(signal, cut)
  const onIdle = (): void => cut(new Problem('TIMEOUT', message))
  return {
    pause() {
      running += 1
      clearTimeout(timer)
    },
    resume() {
      running -= 1
      if (running === 0 && idleTimeout > 0) timer = setTimeout(onIdle, idleTimeout)
    },
    stop() {
      running = Number.POSITIVE_INFINITY // a statement that ends later starts no clock
      clearTimeout(timer)
      ignoreAbort()
    },
  }
}
