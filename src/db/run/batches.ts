// Single statements, those of one turn of the event loop together: one write to a connection in place of many.
import { Problem } from '../../errors.ts'
import { type Lease, type ReadLimits, toAbortProblem } from './connection.ts'
import type { Statement } from '../database.ts'
import { forgetPrepared, isPreparedError } from './prepared-names.ts'
import { type Member, resolveWith, runRaw } from './wire-protocol.ts'
import type { RawRows } from '../raw-rows.ts'
import { isConnectionError, sqlstateOf } from '../sqlstate.ts'

/** Runs a statement that reads (Session.read): again where the end of another one has hit it. Rejects with the driver's errors. */
export type ReadOne = <T>(
  statement: Statement,
  take: (rows: RawRows) => T,
  limits: ReadLimits,
) => Promise<T>

/** The most statements that share a connection for once: each waits for those before it. */
const MAX_BATCH = 4

/** How long a statement that was stopped may take to end before its connection is thrown away, in milliseconds. */
const CANCEL_GRACE_MS = 1000

/** @param lend gives a connection that nobody else uses until it is released */
export function openBatches(lend: () => Promise<Lease>): ReadOne {
  let waiting: Waiting[] = []
  const flush = (): void => {
    const all = waiting.filter((one) => !one.isSettled())
    waiting = []
    const groups = Math.ceil(all.length / MAX_BATCH)
    for (let i = 0; i < groups; i += 1) {
      const members = all.filter((_, at) => at % groups === i)
      lend().then(
        (lease) =>
          runGroup(
            lease,
            members.filter((one) => !one.isSettled()),
          ),
        (error: unknown) => {
          for (const one of members) one.reject(error)
        },
      )
    }
  }
  const read: ReadOne = (statement, take, limits) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush)
      waiting.push(
        waitFor({ statement, limits, reject, resolve: resolveWith(take, resolve, reject) }),
      )
    })
  return async (statement, take, limits) => {
    try {
      return await read(statement, take, limits)
    } catch (error) {
      if (!(error instanceof HitByAnother)) throw error
      return read(statement, take, limits)
    }
  }
}

/** A statement was ended by the cancel request for another one. */
class HitByAnother extends Error {}

interface Asked {
  readonly statement: Statement
  readonly limits: ReadLimits
  readonly resolve: (rows: RawRows) => void
  readonly reject: (error: unknown) => void
}

/** A statement from when it was asked for to its end. */
interface Waiting extends Member {
  readonly reject: (error: unknown) => void
  isSettled(): boolean
  /** Starts its clock: the group stops the statement when that runs out, or its caller goes away. */
  begin(stopRunning: (why: 'abort' | 'deadline') => void): void
}

/** Whoever goes away or waits for too long is answered at once, wherever the statement is. */
function waitFor({ statement, limits, resolve, reject }: Asked): Waiting {
  let settled = false
  let timer: NodeJS.Timeout | undefined
  let stopRunning: ((why: 'abort' | 'deadline') => void) | null = null
  const { timeout, signal } = limits
  const settle = (): boolean => {
    if (settled) return false
    settled = true
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    return true
  }
  const end = (why: 'abort' | 'deadline', problem: Problem): void => {
    if (!settle()) return
    reject(problem)
    stopRunning?.(why)
  }
  const onAbort = (): void => end('abort', toAbortProblem(signal))
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  return {
    statement,
    name: limits.named ? (statement.name ?? null) : null,
    isSettled: () => settled,
    resolve(rows) {
      if (settle()) resolve(rows)
    },
    reject(error) {
      if (settle()) reject(error)
    },
    begin(stop) {
      stopRunning = stop
      if (timeout > 0)
        timer = setTimeout(
          () => end('deadline', new Problem('TIMEOUT', 'The database took too long.')),
          timeout,
        )
    },
  }
}

/** What happens to the connection of a group. */
interface Group {
  /** The statement that runs now, by its number. */
  at: number
  /** Cancel requests on their way: the connection is free when none can arrive any more. */
  readonly cancels: Promise<void>[]
  broken: boolean
  stale: boolean
  patience: NodeJS.Timeout | undefined
}

async function runGroup(lease: Lease, waiting: readonly Waiting[]): Promise<void> {
  if (waiting.length === 0) return lease.release(false)
  const group: Group = { at: -1, cancels: [], broken: false, stale: false, patience: undefined }
  const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<void>()
  for (const [number, one] of waiting.entries()) {
    one.begin((why) => {
      if (group.at !== number) return // not begun or over: its rows are for nobody
      const cancel = lease.interrupt(why)
      if (cancel === null) return // it goes on until its deadline
      group.cancels.push(cancel)
      group.patience ??= setTimeout(giveUp, CANCEL_GRACE_MS)
    })
  }
  const done = runRaw(
    lease.client,
    waiting.map((one) => toMember(group, one)),
    (at) => {
      group.at = at
    },
  )
  const ended = await Promise.race([
    done.then(
      () => true,
      () => false,
    ),
    givenUp.then(() => false),
  ])
  if (!ended) group.broken = true
  clearTimeout(group.patience)
  group.at = -1
  await Promise.all(group.cancels)
  if (group.stale && !group.broken)
    await forgetPrepared(lease.client).catch(() => {
      group.broken = true
    })
  for (const one of waiting) one.reject(new Error('Connection terminated')) // who has no answer by now
  lease.release(group.broken)
}

function toMember(group: Group, { statement, name, resolve, reject }: Waiting): Member {
  return {
    statement,
    name,
    resolve,
    reject(error) {
      if (isConnectionError(error)) group.broken = true
      if (isPreparedError(error)) group.stale = true
      const isHit = group.cancels.length > 0 && sqlstateOf(error) === '57014'
      reject(isHit ? new HitByAnother(error.message, { cause: error }) : error)
    },
  }
}
