// The answers to statements of plans, taken from the messages of the server: rows stay bytes where they lie.
import type { ClientBase } from 'pg'
import { parse } from 'pg-protocol'
import { EventEmitter } from 'node:events'
import { type AnswerBytes, tooLarge } from '../../answer-bytes.ts'
import type { Problem } from '../../errors.ts'
import type { Statement } from '../database.ts'
import { HEADER, lengthOf, tapMessages, type ToDriver } from './message-stream.ts'
import { noteParsed } from './prepared-names.ts'
import type { RawRows } from '../raw-rows.ts'
import { isConnectionError } from '../sqlstate.ts'

/** A statement on its way, and the receiver of its rows. */
export interface BatchMember {
  readonly statement: Statement
  /** The name it is prepared under; null for none. */
  readonly name: string | null
  /** Counts the bytes of its rows, and bounds them; null for no bound. */
  readonly bytes: AnswerBytes | null
  /** Called once its rows are over the bound: answers its caller, and stops it. The rows that still come are dropped. */
  readonly refuse: (problem: Problem) => void
  /** Called with rows that must not be used after it returns. */
  readonly resolve: (rows: RawRows) => void
  /** Called with the driver's own errors. */
  readonly reject: (error: Error) => void
  /** Statements such as SAVEPOINT that are sent ahead under the same Sync: when one fails, so does the member. Their rows are left out. */
  readonly before?: readonly Statement[]
  /** Called at the end of the answer, before it is given. */
  readonly onEnd?: (end: AnswerEnd) => void
}

/** What the server says at the end of an answer. */
export interface AnswerEnd {
  /** The command tag of the statement, such as `COMMIT`; empty where it failed. */
  readonly tag: string
  /** Whether the connection is in a transaction now, a failed one too. */
  readonly inTransaction: boolean
}

/** Statements that were sent together, each with a Sync of its own: an error of one does not touch the others. */
interface Running {
  readonly members: readonly BatchMember[]
  readonly onNext: (at: number) => void
  /** The number of the statement whose answer comes. */
  at: number
  taking: Taking
}

/** The rows of one answer. */
interface Taking {
  /** Where rows begin: in what was kept, and behind it in the chunk. */
  readonly starts: number[]
  /** Bytes of earlier chunks, in the connection's memory. */
  kept: number
  /** What came last; null where it was kept. */
  chunk: Buffer | null
  tag: string
  /** How many of the statements ahead of it have been done, then the statement itself. */
  completed: number
  failed: boolean
  /** Bytes of all rows that were counted. */
  size: number
  /** Why its rows are dropped. */
  refused: Problem | null
}

const newTaking = (): Taking => ({
  starts: [],
  kept: 0,
  chunk: null,
  tag: '',
  completed: 0,
  failed: false,
  size: 0,
  refused: null,
})

/** What runs on a connection; null between statements of ours. */
interface Route {
  readonly client: ClientBase
  running: Running | null
  /** Where an answer that comes in several chunks is put together. */
  memory: Buffer
}

const routes = new WeakMap<ClientBase, Route>()

/** The route of a connection, opened on its first use. */
export const routeOf = (client: ClientBase): Route => routes.get(client) ?? openRoute(client)

function openRoute(client: ClientBase): Route {
  const route: Route = { client, running: null, memory: noMemory }
  routes.set(client, route)
  tapMessages(client, (messages, toDriver) => takeAnswers(route, messages, toDriver), {
    endChunk() {
      if (route.running !== null) keepChunk(route, route.running.taking)
    },
    isDropped: (type, length) => type === messageTypes.ROW && isOver(route, length),
  })
  return route
}

/** What a route runs while it reads the answers to these statements. */
export const beginAnswers = (
  members: readonly BatchMember[],
  onNext: (at: number) => void,
): Running => ({ members, onNext, at: 0, taking: newTaking() })

const noMemory = Buffer.alloc(0)
/** What an answer has needed is used again for the next, up to this. */
const LARGEST_KEPT = 4 * 1024 * 1024

/** Moves what was taken from a chunk into the connection's memory. */
function keepChunk(route: Route, taking: Taking): void {
  const { chunk, kept } = taking
  if (chunk === null) return
  if (route.memory.length < kept + chunk.length) {
    const larger = Buffer.allocUnsafeSlow(2 * (kept + chunk.length))
    route.memory.copy(larger, 0, 0, kept)
    route.memory = larger
  }
  chunk.copy(route.memory, kept)
  taking.kept += chunk.length
  taking.chunk = null
}

/** Messages of the server (PostgreSQL's manual, 55.7) that answer our statements; all others are the driver's. */
const messageTypes = {
  PARSED: 0x31,
  BOUND: 0x32,
  CLOSED: 0x33,
  COMPLETE: 0x43,
  ROW: 0x44,
  ERROR: 0x45,
  EMPTY: 0x49,
  READY: 0x5a,
} as const

/** Answers of plans' statements are taken from the bytes where they lie; the driver gets what is left. */
function takeAnswers(route: Route, bytes: Buffer, toDriver: ToDriver): void {
  let at = 0
  while (at < bytes.length) {
    const next = at + 1 + lengthOf(bytes, at)
    if (route.running === null || !take(route, route.running, { bytes, at, next }))
      toDriver(bytes.subarray(at, next))
    at = next
  }
}

interface Message {
  readonly bytes: Buffer
  readonly at: number
  readonly next: number
}

/** Takes a message of the answer that comes; false for one that the driver needs. */
// oxlint-disable-next-line complexity -- one arm for each type of message
function take(route: Route, running: Running, message: Message): boolean {
  const { bytes, at, next } = message
  const member = running.members[running.at]
  if (member === undefined) return false
  switch (bytes[at]) {
    case messageTypes.ROW:
      if (isAhead(running, member)) return true
      if (!isOver(route, next - at)) takeRow(route, running.taking, message, member.bytes)
      return true
    case messageTypes.COMPLETE:
      running.taking.completed += 1
      running.taking.tag = bytes.toString('latin1', at + HEADER, next - 1)
      return true
    case messageTypes.PARSED:
      if (member.name !== null && !isAhead(running, member)) noteParsed(route.client, member.name)
      return true
    case messageTypes.BOUND:
    case messageTypes.CLOSED:
    case messageTypes.EMPTY:
      return true
    case messageTypes.ERROR:
      return takeError(running, member, readError(bytes.subarray(at, next)))
    case messageTypes.READY:
      return takeEnd(route, running, { member, status: bytes[at + HEADER] })
    default:
      return false
  }
}

/** Whether the answer that comes is of a statement that was sent ahead. */
const isAhead = ({ taking }: Running, { before }: BatchMember): boolean =>
  before !== undefined && taking.completed < before.length

/** An error of the session is the driver's, which ends all statements: nothing comes behind it, not even the end of this one. */
function takeError(running: Running, member: BatchMember, error: Error): boolean {
  if (isConnectionError(error)) return false
  running.taking.failed = true
  uncount(running)
  member.reject(error)
  return true
}

/** Gives back the bytes of an answer that has failed: its statement may be tried again. */
export function uncount({ members, at, taking }: Running): void {
  const bytes = members[at]?.bytes ?? null
  if (bytes !== null) bytes.read -= taking.size
  taking.size = 0
}

/** Whether a row of this length is dropped, as it or one before it is over the bound. */
function isOver(route: Route, length: number): boolean {
  const { running } = route
  const member = running?.members[running.at]
  if (running === null || member === undefined || member.bytes === null) return false
  const { taking } = running
  const { read, limit } = member.bytes
  if (taking.refused !== null) return true
  if (read + length <= limit) return false
  taking.refused = tooLarge(member.bytes)
  Object.assign(taking, { starts: [], kept: 0, chunk: null })
  route.memory = noMemory
  member.refuse(taking.refused)
  return true
}

/** The row's first cell lies behind the header and the number of its cells. */
function takeRow(
  route: Route,
  taking: Taking,
  { bytes, at, next }: Message,
  count: AnswerBytes | null,
): void {
  if (count !== null) {
    count.read += next - at
    taking.size += next - at
  }
  if (taking.chunk !== bytes) {
    keepChunk(route, taking)
    taking.chunk = bytes
  }
  taking.starts.push(taking.kept + at + HEADER + 2)
}

/** The end of one statement; that of the last one is the driver's, whose connection is idle then. */
function takeEnd(
  route: Route,
  running: Running,
  { member, status }: { readonly member: BatchMember; readonly status: number | undefined },
): boolean {
  const { taking } = running
  const { tag, failed, starts } = taking
  member.onEnd?.({ tag: failed ? '' : tag, inTransaction: status !== IDLE })
  running.at += 1
  running.taking = newTaking()
  const isLast = running.at === running.members.length
  if (!isLast) running.onNext(running.at)
  if (taking.refused !== null) member.reject(taking.refused)
  else if (!failed)
    member.resolve({ bytes: bytesOf(route, taking), starts, rowCount: rowCountOf(tag) })
  if (route.memory.length > LARGEST_KEPT) route.memory = noMemory
  return !isLast
}

/** The status of a connection outside of transactions, at the end of an answer. */
const IDLE = 0x49 // 'I'

/** The number at the end of a command tag: rows that were touched or answered. */
const rowCountOf = (tag: string): number => Number(/\d+$/.exec(tag)?.[0] ?? 0)

function bytesOf(route: Route, taking: Taking): Uint8Array {
  if (taking.kept === 0) return taking.chunk ?? noMemory
  keepChunk(route, taking)
  return route.memory.subarray(0, taking.kept)
}

/** An error as the driver's own parser reads it. */
function readError(bytes: Buffer): Error {
  const source = new EventEmitter()
  let error: Error | null = null
  void parse(source as NodeJS.ReadableStream, (message) => {
    if (message instanceof Error) error = message
  })
  source.emit('data', bytes)
  return error ?? new Error('The server sent an error that cannot be read.')
}
