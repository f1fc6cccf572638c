// One connection held for a while: its statements one after another, each with a deadline and a way to stop it.
import type { ClientBase, QueryConfig, QueryResult } from 'pg'
import type { AnswerBytes } from '../../answer-bytes.ts'
import type { PoolFigures, Statement } from '../database.ts'
import {
  type Call,
  onAbort,
  openCall,
  openStopper,
  type RunLimits,
  type StopReason,
  throwIfAborted,
} from './run-statement.ts'
import { forgetPrepared, isPreparedError } from './prepared-names.ts'
import type { BatchMember } from './answer-reader.ts'
import { resolveWith, runRaw } from './wire-protocol.ts'
import { type RawRows, toTextRows } from '../raw-rows.ts'
import { isConnectionError, isReadOnlyError } from '../sqlstate.ts'

/** A connection on loan. Its holder alone uses it. */
export interface Lease {
  readonly client: ClientBase
  /** Stops the running statement, and resolves (it never rejects) when the request has arrived; null when it cannot be stopped. */
  interrupt(why: StopReason): Promise<void> | null
  /** Says that its server is read-only: connections to it are replaced. */
  onReadOnly(): void
  /** Gives the connection back; a broken one is closed. */
  release(broken: boolean): void
}

/** Where connections come from: a pool of PostgreSQL's, or the one of the embedded database. */
export interface Connections {
  readonly kind: 'pglite' | 'postgres'
  /** Opens a transaction: BEGIN, and the timeouts where a session cannot hold them (poolers). */
  readonly begin: readonly string[]
  /**
   * Rejects with the driver's error, or with a Problem when no connection became free in time.
   * @param since a moment (performance.now) at which a connection was lost: those that are older are closed and not lent
   */
  lease(since?: number): Promise<Lease>
  /** Whether all connections are lent. */
  isBusy(): boolean
  /** Resolves when the database answers, on a connection outside of the pool. */
  knock(): Promise<void>
  /** How many wait for one at this moment. */
  queued(): number
  /** Null where there is no pool: the embedded database, and a server that was not reached yet. */
  pool(): PoolFigures | null
  close(): Promise<void>
}

export interface ReadLimits extends RunLimits {
  /** Whether the statement may be prepared under its name. */
  readonly named: boolean
  /** Counts the bytes of the rows, and bounds them; null for no bound. */
  readonly bytes: AnswerBytes | null
  /** See RunOptions. */
  readonly isHeavy?: boolean
  /** Statements that are sent ahead of it: see BatchMember. */
  readonly before?: readonly Statement[]
  /** Called with the id of the transaction, which is asked for behind the statement, in the same round trip. */
  readonly onXid?: ((xid: string | null) => void) | undefined
}

/** COMMIT: what is sent ahead of it, and with it. */
export interface CommitRequest extends Pick<ReadLimits, 'before' | 'onXid'>, RunLimits {}

/** A leased connection as sessions use it. */
export interface Held {
  /** Runs after what runs already; rejects with the driver's own error, or at once with a Problem when it is stopped. */
  run(config: QueryConfig, limits: RunLimits): Promise<QueryResult>
  /** A plan's statement, in the same way: see Session.read. */
  read<T>(statement: Statement, take: (rows: RawRows) => T, limits: ReadLimits): Promise<T>
  /** Sends COMMIT; the command tag is ROLLBACK where a statement of the transaction had failed. Rejects as `run` does. */
  commit(request: CommitRequest): Promise<string>
  /** Waits for what still runs, then gives the connection back, once. Never rejects. */
  giveBack(): Promise<void>
  /** Says that the connection is in no state to be used again. */
  spoil(): void
}

type Start<T> = (refuse: Call<T>['refuse']) => Promise<T>

export function holdConnection(lease: Lease): Held {
  const { client } = lease
  let last: Promise<void> = Promise.resolve() // resolves when everything that was sent has ended
  let broken = false
  let stale = false
  let givenBack: Promise<void> | undefined

  const spoil = (): void => {
    broken = true
  }

  const inTurn = <T>(start: Start<T>, limits: RunLimits, isNamed: boolean): Promise<T> =>
    new Promise((resolve, reject) => {
      const call = openCall<T>(limits, { resolve, reject })
      last = last.then(() => runNext(start, call, isNamed))
    })

  /** Resolves when the connection is free for the next statement. Never rejects. */
  async function runNext<T>(start: Start<T>, call: Call<T>, isNamed: boolean): Promise<void> {
    if (call.isAnswered()) return
    if (broken) return call.reject(new Error('Connection terminated'))
    const stopper = openStopper(lease)
    call.begin(stopper.stop)
    const running = new Promise<T>((done) => done(start(call.refuse))) // also where it throws at once
    running.then(call.resolve, (error: unknown) => {
      if (isConnectionError(error)) broken = true
      if (isNamed && isPreparedError(error)) stale = true
      if (isReadOnlyError(error)) lease.onReadOnly()
      call.reject(error)
    })
    if (!(await stopper.untilIdle(running))) broken = true
  }

  async function giveBackOnce(): Promise<void> {
    await last
    if (stale && !broken) await forgetPrepared(client).catch(spoil)
    lease.release(broken)
  }

  return {
    run: (config, limits) => inTurn(() => client.query(config), limits, config.name !== undefined),
    read(statement, take, limits) {
      const name = limits.named ? (statement.name ?? null) : null
      const { before, onXid, bytes } = limits
      const one = { ...(before !== undefined && inside(before, spoil)), statement, name, bytes }
      return inTurn(
        (refuse) => runOne(client, { ...one, refuse }, { take, onXid }),
        limits,
        name !== null,
      )
    },
    commit: (request) => inTurn(() => runCommit(client, request), request, false),
    giveBack: () => (givenBack ??= giveBackOnce()),
    spoil,
  }
}

/** Where the transaction was not opened, what is next in turn must not run: it would run on its own. */
const inside = (
  before: readonly Statement[],
  spoil: () => void,
): Pick<BatchMember, 'before' | 'onEnd'> => ({
  before,
  onEnd({ inTransaction }) {
    if (!inTransaction) spoil()
  },
})

interface Taking<T> extends Pick<ReadLimits, 'onXid'> {
  readonly take: (rows: RawRows) => T
}

function runOne<T>(
  client: ClientBase,
  one: Omit<BatchMember, 'resolve' | 'reject'>,
  { take, onXid }: Taking<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const member = { ...one, reject, resolve: resolveWith(take, resolve, reject) }
    runRaw(client, onXid === undefined ? [member] : [member, askXid(onXid)]).catch(reject)
  })
}

/** Of statements whose answers are ours alone. */
const unbounded: Pick<BatchMember, 'bytes' | 'refuse'> = { bytes: null, refuse: () => {} }

const XID = { text: 'select pg_current_xact_id_if_assigned()', values: [] }
const COMMIT = { text: 'COMMIT', values: [] }

/** In a transaction that has failed it fails too, and no one needs the id. */
const askXid = (onXid: (xid: string | null) => void): BatchMember => ({
  ...unbounded,
  statement: XID,
  name: null,
  resolve: (rows) => onXid(toTextRows(rows)[0]?.[0] ?? null),
  reject: () => {},
})

/** What is ahead of COMMIT has a Sync of its own, so that its answer is on its way before the transaction ends. */
function runCommit(client: ClientBase, { before = [], onXid }: CommitRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    let tag = ''
    const commit: BatchMember = {
      ...unbounded,
      statement: COMMIT,
      name: null,
      resolve: () => resolve(tag),
      reject,
      onEnd(end) {
        tag = end.tag
      },
    }
    runRaw(
      client,
      onXid === undefined ? [{ ...commit, before }] : [{ ...askXid(onXid), before }, commit],
    ).catch(reject)
  })
}

/** A connection, or the abort's Problem at once; a connection that comes later goes straight back. */
export async function leaseUnlessAborted(
  connections: Pick<Connections, 'lease'>,
  signal: AbortSignal | undefined,
): Promise<Lease> {
  if (signal === undefined) return connections.lease()
  throwIfAborted(signal)
  const coming = connections.lease()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const ignoreAbort = onAbort(signal, (problem) => {
    reject(problem)
    coming.then(
      (lease) => lease.release(false),
      () => {}, // the caller has left: no one is there to receive this error
    )
  })
  try {
    return await Promise.race([coming, aborted])
  } finally {
    ignoreAbort()
  }
}
