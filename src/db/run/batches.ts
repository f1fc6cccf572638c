// Batches reads: statements of one turn of the event loop are sent in groups, each over one connection in one write to its socket.
import { holdConnection, type Lease, type ReadLimits } from './connection.ts'
import type { Statement } from '../database.ts'
import { type Call, openCall, openStopper, type Stopper } from './run-statement.ts'
import { forgetPrepared, isPreparedError } from './prepared-names.ts'
import type { BatchMember } from './answer-reader.ts'
import { resolveWith, runRaw } from './wire-protocol.ts'
import type { RawRows } from '../raw-rows.ts'
import { isConnectionError, isReadOnlyError, sqlstateOf } from '../sqlstate.ts'

/**
 * Runs a statement that reads (Session.read); once more when the cancel of another one has ended it, or its connection
 * was lost: then on a connection that is newer than the loss. Rejects with the driver's errors.
 */
export type ReadOne = <T>(
  statement: Statement,
  take: (rows: RawRows) => T,
  limits: ReadLimits,
) => Promise<T>

/** The most statements that share a connection at a time: each waits for those before it. */
const MAX_BATCH = 4
/** The most connections for the heavy statements of one request in one turn. */
const MAX_HEAVY = 2

/** Gives a connection that is its holder's alone until it is released; none that is older than `since`. */
type Lend = (since?: number) => Promise<Lease>

/** @param lendHeavy the same for heavy statements, which may have to wait for others of their kind */
export function openBatches(lend: Lend, lendHeavy: Lend): ReadOne {
  let waiting: Waiting[] = []
  const flush = (): void => {
    const all = stillAsked(waiting)
    waiting = []
    for (const members of groupsOf(all)) {
      const lending = members[0]?.request === undefined ? lend() : lendHeavy()
      lending.then(
        (lease) => runGroup(lease, stillAsked(members)),
        (error: unknown) => {
          for (const { call } of members) call.reject(error)
        },
      )
    }
  }
  const read: ReadOne = (statement, take, limits) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush)
      waiting.push({
        statement,
        name: limits.named ? (statement.name ?? null) : null,
        bytes: limits.bytes,
        request: limits.isHeavy ? limits.signal : undefined,
        call: openCall(limits, { resolve: resolveWith(take, resolve, reject), reject }),
      })
    })
  return async (statement, take, limits) => {
    try {
      return await read(statement, take, limits)
    } catch (error) {
      if (error instanceof HitByAnother) return read(statement, take, limits).catch(throwCause)
      if (!(error instanceof NotAnswered)) throw error
      if (limits.signal?.aborted === true) throw error.cause
      return readAlone(limits.isHeavy === true ? lendHeavy : lend, error.since, {
        statement,
        take,
        limits,
      })
    }
  }
}

/** A statement was ended by the cancel request for another one. */
class HitByAnother extends Error {}

/** A statement was sent, and its connection ended before the answer. */
class NotAnswered extends Error {
  /** When the connection was lost (performance.now); undefined where we have given it up, which says nothing of others. */
  readonly since: number | undefined

  constructor(cause: unknown, since?: number) {
    super('The statement was not answered.', { cause })
    this.since = since
  }
}

/** The second try is the last: its error is the caller's. */
function throwCause(error: unknown): never {
  throw error instanceof HitByAnother || error instanceof NotAnswered ? error.cause : error
}

interface Reading<T> {
  readonly statement: Statement
  readonly take: (rows: RawRows) => T
  readonly limits: ReadLimits
}

async function readAlone<T>(
  lend: Lend,
  since: number | undefined,
  { statement, take, limits }: Reading<T>,
): Promise<T> {
  const held = holdConnection(await lend(since))
  return held.read(statement, take, limits).finally(() => {
    void held.giveBack()
  })
}

/** A statement that waits for a connection, or runs on one. */
interface Waiting extends Pick<BatchMember, 'statement' | 'name' | 'bytes'> {
  readonly call: Call<RawRows>
  /** Stands for the request of a heavy statement. */
  readonly request: AbortSignal | undefined
}

/**
 * The statements that share a connection. A heavy one shares it with those of its own request only, since others would wait
 * for it, and a request to stop it could hit them.
 */
function groupsOf(all: readonly Waiting[]): readonly (readonly Waiting[])[] {
  const light = all.filter(({ request }) => request === undefined)
  const groups = divide(light, Math.ceil(light.length / MAX_BATCH))
  if (light.length === all.length) return groups
  const heavy = Map.groupBy(all, ({ request }) => request)
  heavy.delete(undefined)
  return [
    ...groups,
    ...[...heavy.values()].flatMap((members) =>
      divide(members, Math.min(members.length, MAX_HEAVY)),
    ),
  ]
}

const divide = (members: readonly Waiting[], groups: number): readonly (readonly Waiting[])[] =>
  groups === 1
    ? [members]
    : Array.from({ length: groups }, (_, i) => members.filter((_member, at) => at % groups === i))

const stillAsked = (waiting: readonly Waiting[]): Waiting[] =>
  waiting.filter(({ call }) => !call.isAnswered())

/** What happens to the connection of a group. */
interface Group {
  readonly stopper: Stopper
  /** The statement that runs now, by its number. */
  at: number
  broken: boolean
  stale: boolean
  readonly onReadOnly: Lease['onReadOnly']
}

async function runGroup(lease: Lease, waiting: readonly Waiting[]): Promise<void> {
  if (waiting.length === 0) return lease.release(false)
  const stopper = openStopper(lease)
  const group: Group = {
    stopper,
    at: -1,
    broken: false,
    stale: false,
    onReadOnly: () => lease.onReadOnly(),
  }
  for (const [number, { call }] of waiting.entries())
    call.begin((why) => group.at === number && stopper.stop(why))
  const running = runRaw(
    lease.client,
    waiting.map((one) => toMember(group, one)),
    (at) => {
      group.at = at
      stopper.next()
      if (waiting[at]?.call.isAnswered() === true) stopper.stop('abort') // its caller left while others ran
    },
  )
  let failure: { readonly error: unknown } | null = null
  running.catch((error: unknown) => {
    if (isConnectionError(error)) group.broken = true
    failure = { error } // where one of them cannot be sent, none was: each is tried alone
  })
  if (!(await stopper.untilIdle(running))) group.broken = true
  if (group.stale && !group.broken)
    await forgetPrepared(lease.client).catch(() => {
      group.broken = true
    })
  rejectUnanswered(waiting, failure)
  lease.release(group.broken)
}

/** An error costs several microseconds, so only a statement without an answer gets one. */
function rejectUnanswered(
  waiting: readonly Waiting[],
  failure: { readonly error: unknown } | null,
): void {
  for (const { call } of stillAsked(waiting))
    call.reject(
      new NotAnswered(failure === null ? new Error('Connection terminated') : failure.error),
    )
}

function toMember(group: Group, { statement, name, bytes, call }: Waiting): BatchMember {
  return {
    statement,
    name,
    bytes,
    refuse: call.refuse,
    resolve: call.resolve,
    reject(error) {
      if (isConnectionError(error)) {
        group.broken = true
        return call.reject(new NotAnswered(error, performance.now()))
      }
      if (isPreparedError(error)) group.stale = true
      if (isReadOnlyError(error)) group.onReadOnly()
      const isHit = group.stopper.isUsed() && sqlstateOf(error) === '57014'
      call.reject(isHit ? new HitByAnother(error.message, { cause: error }) : error)
    },
  }
}
