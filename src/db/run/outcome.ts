// A write whose answer was lost: whether it may have been done, and how to find that out.
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../../errors.ts'
import type { Session } from '../database.ts'
import { isConnectionError, serverErrorOf } from '../sqlstate.ts'

/** Milliseconds that a transaction is asked for while it is still in progress. */
const PATIENCE_MS = 2000
const INTERVAL_MS = 50

/** What `pg` says of a connection that it has not sent anything on. */
const NOT_SENT = /is not queryable$/

/**
 * Whether a statement that failed with this error may have been done: it was sent, and the connection ended before its
 * answer, or the server was silent until our own deadline.
 */
export function isInDoubt(error: unknown): boolean {
  if (error instanceof Problem) return error.code === 'TIMEOUT'
  return isConnectionError(error) && !endedBefore(error) && !isUnsent(error)
}

const SELECT = /^\s*select\b/i

/** Whether a statement only reads, as far as its first word says so. */
export const isRead = (text: string): boolean => SELECT.test(text)

const isUnsent = (error: unknown): boolean => error instanceof Error && NOT_SENT.test(error.message)

/**
 * Whether the server itself ended the session in place of the answer. It looks for such an order between the steps of a
 * statement, and never between a commit and its answer. A proxy's or a crash's last words say nothing.
 */
function endedBefore(error: unknown): boolean {
  const server = serverErrorOf(error)
  return server?.routine === 'ProcessInterrupts'
}

const UNKNOWN =
  'The connection to the database was lost while it wrote: the write may be done or not. ' +
  'Send the request again with the same Idempotency-Key; without one, look whether it was done first.'

/** The answer to a write that may be done or not. It has no Retry-After: to send it again may do it twice. */
export const outcomeUnknown = (cause: unknown): Problem =>
  new Problem('UNAVAILABLE', UNKNOWN, {
    issues: [{ in: 'document', path: [], code: 'outcome_unknown', message: UNKNOWN }],
    cause,
  })

/** Asks whether a transaction was committed; null where it goes on, or the database does not say. Never rejects. */
export async function wasCommitted(session: Session, xid: string): Promise<boolean | null> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  while (!signal.aborted) {
    const status = await statusOf(session, xid, signal)
    if (status === 'committed' || status === 'aborted') return status === 'committed'
    await sleep(INTERVAL_MS)
  }
  return null
}

/** Null where the connection to ask on is lost as well. */
async function statusOf(
  session: Session,
  xid: string,
  signal: AbortSignal,
): Promise<string | null> {
  const statement = { text: 'select pg_xact_status($1::xid8)', values: [xid] }
  try {
    const { rows } = await session.query(statement, { signal })
    return rows[0]?.[0] ?? null
  } catch {
    return null
  }
}
