// A database that cannot be reached yet: which faults waiting can mend, and connections that come when it is there.
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../../errors.ts'
import type { Connections } from '../run/connection.ts'
import { isConnectionError, serverErrorOf } from '../sqlstate.ts'

/** Milliseconds before the next attempt: twice as long each time, up to the most. */
const FIRST_DELAY_MS = 500
const MAX_DELAY_MS = 10_000

/**
 * Whether an opening that failed may succeed later: the server refused the connection, its name was not resolved, it did not
 * answer, or it starts (57P03). Credentials, the name of a database or a missing TLS are not mended by waiting.
 */
export function isLate(error: unknown): boolean {
  const cause = error instanceof Problem ? error.cause : error
  const server = serverErrorOf(cause)
  if (server !== null) return server.code === '57P03'
  return (
    isConnectionError(cause) && !/support SSL/.test(cause instanceof Error ? cause.message : '')
  )
}

export interface LateConnections {
  readonly connections: Connections
  /** Resolves when the database is there; rejects when waiting cannot mend it, and never after the connections are closed. */
  readonly arriving: Promise<void>
}

/** @param onWait called before each wait, with what is wrong */
export function openLateConnections(
  open: () => Promise<Connections>,
  first: unknown,
  onWait: (line: string) => void,
): LateConnections {
  let inner: Connections | null = null
  let isClosed = false
  const arriving = (async () => {
    let error = first
    for (let delay = FIRST_DELAY_MS; ; delay = Math.min(2 * delay, MAX_DELAY_MS)) {
      if (!isLate(error)) throw error
      onWait(
        `${error instanceof Error ? error.message : String(error)} The next attempt is in ${delay / 1000} s.`,
      )
      await sleep(delay, undefined, { ref: false })
      if (isClosed) return new Promise<void>(() => {})
      try {
        inner = await open()
        return undefined
      } catch (again) {
        error = again
      }
    }
  })()
  const there = (): Connections => {
    if (inner !== null) return inner
    throw new Problem('UNAVAILABLE', 'The database is not available just now. Try again.', {
      headers: { 'retry-after': '1' },
    })
  }
  return {
    arriving,
    connections: {
      kind: 'postgres',
      get begin() {
        return there().begin
      },
      lease: async (since) => there().lease(since),
      isBusy: () => inner?.isBusy() === true,
      queued: () => inner?.queued() ?? 0,
      pool: () => inner?.pool() ?? null,
      knock: async () => there().knock(),
      async close() {
        isClosed = true
        await inner?.close()
      },
    },
  }
}
