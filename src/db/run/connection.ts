// One connection held for a while: its statements one after another, each with a deadline and a way to stop it.
import type { ClientBase, QueryConfig, QueryResult } from 'pg'
import { Problem } from '../../errors.ts'
import type { Statement } from '../database.ts'
import { forgetPrepared, isPreparedError } from './prepared-names.ts'
import { type Member, resolveWith, runRaw } from './wire-protocol.ts'
import type { RawRows } from '../raw-rows.ts'
import { isConnectionError } from '../sqlstate.ts'

/** A connection on loan. Whoever has it is the only one who uses it. */
export interface Lease {
  readonly client: ClientBase
  /** Stops the running statement, and resolves (it never rejects) when that was said; null when it cannot be stopped. */
  interrupt(why: 'abort' | 'deadline'): Promise<void> | null
  /** Gives the connection back; a broken one is closed. */
  release(broken: boolean): void
}

/** Where connections come from: a pool of PostgreSQL's, or the one of the embedded database. */
export interface Connections {
  readonly kind: 'pglite' | 'postgres'
  /** Opens a transaction: BEGIN, and the timeouts where a session cannot hold them (poolers). */
  readonly begin: string
  /** Rejects with the driver's error, or with a Problem when nobody gave a connection back in time. */
  lease(): Promise<Lease>
  close(): Promise<void>
}

export interface RunLimits {
  /** Milliseconds; 0 for none. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

export interface ReadLimits extends RunLimits {
  /** Whether the statement may be prepared under its name. */
  readonly named: boolean
}

/** A leased connection as sessions use it. */
export interface Held {
  /** Runs after what runs already; rejects with the driver's own error, or at once with a Problem when it is stopped. */
  run(config: QueryConfig, limits: RunLimits): Promise<QueryResult>
  /** A plan's statement, in the same way: see Session.read. */
  read<T>(statement: Statement, take: (rows: RawRows) => T, limits: ReadLimits): Promise<T>
  /** Waits for what still runs, then gives the connection back. Never rejects. */
  giveBack(): Promise<void>
  /** Says that the connection is in no state to be used again. */
  spoil(): void
}

/** How long a statement that was stopped may take to end before its connection is thrown away. */
const CANCEL_GRACE_MS = 1000

export function holdConnection(lease: Lease): Held {
  const { client } = lease
  let last: Promise<void> = Promise.resolve() // settles when everything that was sent has ended
  let broken = false
  let stale = false

  const spoil = (): void => {
    broken = true
  }

  async function inTurn<T>(start: () => Promise<T>, limits: RunLimits, named: boolean): Promise<T> {
    const turn = last
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    last = ended
    try {
      await turn
      if (broken) throw new Error('Connection terminated')
      if (limits.signal?.aborted) throw toAbortProblem(limits.signal)
    } catch (error) {
      end()
      throw error
    }
    try {
      return await watched(start(), { lease, limits, end, spoil })
    } catch (error) {
      if (isConnectionError(error)) broken = true
      if (named && isPreparedError(error)) stale = true
      throw error
    }
  }

  async function giveBack(): Promise<void> {
    await last
    if (stale && !broken) await forgetPrepared(client).catch(spoil)
    lease.release(broken)
  }

  return {
    run: (config, limits) => inTurn(() => client.query(config), limits, config.name !== undefined),
    read(statement, take, limits) {
      const name = limits.named ? (statement.name ?? null) : null
      return inTurn(() => runOne(client, { statement, name }, take), limits, name !== null)
    },
    giveBack,
    spoil,
  }
}

function runOne<T>(
  client: ClientBase,
  statement: Pick<Member, 'statement' | 'name'>,
  take: (rows: RawRows) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    runRaw(client, [{ ...statement, reject, resolve: resolveWith(take, resolve, reject) }]).catch(
      reject,
    )
  })
}

interface Watch {
  readonly lease: Lease
  readonly limits: RunLimits
  readonly end: () => void
  readonly spoil: () => void
}

/** The running statement, or its early end: `end` is called when it is over in the database too, or given up. */
function watched<T>(running: Promise<T>, { lease, limits, end, spoil }: Watch): Promise<T> {
  return new Promise((resolve, reject) => {
    let stopping: Promise<void> = Promise.resolve()
    let patience: NodeJS.Timeout | undefined

    const stop = (why: 'abort' | 'deadline', problem: Problem): void => {
      reject(problem)
      const interruption = lease.interrupt(why)
      if (interruption === null) return // it goes on until its deadline
      stopping = interruption
      patience ??= setTimeout(() => {
        spoil()
        end()
      }, CANCEL_GRACE_MS)
    }
    const onAbort = (): void => stop('abort', toAbortProblem(limits.signal))
    const onDeadline = (): void =>
      stop('deadline', new Problem('TIMEOUT', 'The database took too long.'))

    const timer = limits.timeout > 0 ? setTimeout(onDeadline, limits.timeout) : undefined
    limits.signal?.addEventListener('abort', onAbort, { once: true })
    const settle = async (): Promise<void> => {
      clearTimeout(timer)
      limits.signal?.removeEventListener('abort', onAbort)
      await stopping // the connection is free when nothing more can arrive: a late cancel would hit the next statement
      clearTimeout(patience)
      end()
    }
    running.then(resolve, reject).finally(() => {
      void settle()
    })
  })
}

/** Why a signal was aborted, as a Problem: its own reason if that is one, else TIMEOUT. */
export function toAbortProblem(signal: AbortSignal | undefined): Problem {
  const reason: unknown = signal?.reason
  return reason instanceof Problem
    ? reason
    : new Problem('TIMEOUT', 'The request was given up.', { cause: reason })
}
