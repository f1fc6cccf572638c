// Batches reads: statements of one turn of the event loop are sent in groups, each over one connection in one write to its socket.
import type { Lease, ReadLimits } from './connection.ts'
import type { Statement } from '../database.ts'
import { type Call, openCall, openStopper, type Stopper } from './run-statement.ts'
import { forgetPrepared, isPreparedError } from './prepared-names.ts'
import type { BatchMember } from './answer-reader.ts'
import { resolveWith, runRaw } from './wire-protocol.ts'
import type { RawRows } from '../raw-rows.ts'
import { isConnectionError, sqlstateOf } from '../sqlstate.ts'

/** Runs a statement that reads (Session.read); once more when the cancel of another one has ended it. Rejects with the driver's errors. */
export type ReadOne = <T>(
  statement: Statement,
  take: (rows: RawRows) => T,
  limits: ReadLimits,
) => Promise<T>

/** The most statements that share a connection at a time: each waits for those before it. */
const MAX_BATCH = 4

/** @param lend gives a connection that is its holder's alone until it is released */
export function openBatches(lend: () => Promise<Lease>): ReadOne {
  let waiting: Waiting[] = []
  const flush = (): void => {
    const all = stillAsked(waiting)
    waiting = []
    const groups = Math.ceil(all.length / MAX_BATCH)
    for (let i = 0; i < groups; i += 1) {
      const members = all.filter((_, at) => at % groups === i)
      lend().then(
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
        call: openCall(limits, { resolve: resolveWith(take, resolve, reject), reject }),
      })
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

/** A statement that waits for a connection, or runs on one. */
interface Waiting extends Pick<BatchMember, 'statement' | 'name' | 'bytes'> {
  readonly call: Call<RawRows>
}

const stillAsked = (waiting: readonly Waiting[]): Waiting[] =>
  waiting.filter(({ call }) => !call.isAnswered())

/** What happens to the connection of a group. */
interface Group {
  readonly stopper: Stopper
  /** The statement that runs now, by its number. */
  at: number
  broken: boolean
  stale: boolean
}

async function runGroup(lease: Lease, waiting: readonly Waiting[]): Promise<void> {
  if (waiting.length === 0) return lease.release(false)
  const stopper = openStopper(lease)
  const group: Group = { stopper, at: -1, broken: false, stale: false }
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
  running.catch(() => {
    group.broken = true
  })
  if (!(await stopper.untilIdle(running))) group.broken = true
  if (group.stale && !group.broken)
    await forgetPrepared(lease.client).catch(() => {
      group.broken = true
    })
  for (const { call } of waiting) call.reject(new Error('Connection terminated')) // those without an answer by now
  lease.release(group.broken)
}

function toMember(group: Group, { statement, name, bytes, call }: Waiting): BatchMember {
  return {
    statement,
    name,
    bytes,
    refuse: call.refuse,
    resolve: call.resolve,
    reject(error) {
      if (isConnectionError(error)) group.broken = true
      if (isPreparedError(error)) group.stale = true
      const isHit = group.stopper.isUsed() && sqlstateOf(error) === '57014'
      call.reject(isHit ? new HitByAnother(error.message, { cause: error }) : error)
    },
  }
}
