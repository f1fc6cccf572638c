// Statements of plans on a connection of `pg`: sent as one piece of bytes, their rows taken as bytes.
// `pg` opens the connection, says who we are and knows the state of the session; what plans ask goes around its parser,
// which makes a string of every cell: for 100 rows of 8 cells that costs 60 us, and a string of JSON from them another 50.
import type { ClientBase, Connection, Submittable } from 'pg'
import { parse } from 'pg-protocol'
import { EventEmitter } from 'node:events'
import type { Statement } from '../database.ts'
import { toMessages } from './messages.ts'
import { isPrepared, noteName, noteParsed } from './prepared-names.ts'
import type { RawRows } from '../raw-rows.ts'
import { isConnectionError } from '../sqlstate.ts'

/** A statement on its way, and who waits for its rows. */
export interface Member {
  readonly statement: Statement
  /** The name it is prepared under; null for none. */
  readonly name: string | null
  /** Called with rows that are gone when it returns. */
  readonly resolve: (rows: RawRows) => void
  /** Called with the driver's own errors. */
  readonly reject: (error: Error) => void
}

/** Resolves with what `make` makes of rows, while they are there; what it throws is who asked's to know. */
export const resolveWith =
  <T>(make: (rows: RawRows) => T, resolve: (made: T) => void, reject: (error: Error) => void) =>
  (rows: RawRows): void => {
    try {
      resolve(make(rows))
    } catch (error) {
      reject(
        error instanceof Error ? error : new Error('Rows could not be taken.', { cause: error }),
      )
    }
  }

/** Statements that were sent together, each with a Sync of its own: what one of them does is nothing to the others. */
interface Running {
  readonly members: readonly Member[]
  readonly onNext: (at: number) => void
  /** The one whose answer comes. */
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
  rowCount: number
  failed: boolean
}

const nobody = (): void => {}

const newTaking = (): Taking => ({ starts: [], kept: 0, chunk: null, rowCount: 0, failed: false })

/** What runs on a connection; null between statements of ours. */
interface Route {
  readonly client: ClientBase
  running: Running | null
  /** Where an answer that comes in several chunks is put together. */
  memory: Buffer
}

const routes = new WeakMap<ClientBase, Route>()

/**
 * Sends statements together and gives each its rows; resolves when the last has been answered. It rejects only where the
 * connection fails; who waits for a statement then is told as well. The connection must be idle and nobody else's.
 * @param onNext told of each answer that begins, by the number of its statement
 */
export function runRaw(
  client: ClientBase,
  members: readonly Member[],
  onNext: (at: number) => void = nobody,
): Promise<void> {
  const route = routes.get(client) ?? openRoute(client)
  const running: Running = { members, onNext, at: 0, taking: newTaking() }
  return new Promise((resolve, reject) => {
    const query = {
      submit(connection: Connection) {
        route.running = running
        onNext(0)
        streamOf(connection).write(toBytes(client, members))
      },
      handleError(error: Error) {
        // the connection's: those of statements are taken below
        route.running = null
        for (const member of members.slice(running.at)) member.reject(error)
        reject(error)
      },
      handleReadyForQuery() {
        route.running = null
        resolve()
      },
    }
    client.query(query as unknown as Submittable) // its types name the one method that it cannot do without
  })
}

function toBytes(client: ClientBase, members: readonly Member[]): Uint8Array {
  const sent = new Set<string>()
  const messages = members.map(({ statement, name }) => {
    if (name === null) return toMessages(statement, { name: '', parse: true, close: [] })
    const close = noteName(client, name)
    for (const closed of close) sent.delete(closed)
    const isNew = !isPrepared(client, name) && !sent.has(name)
    sent.add(name)
    return toMessages(statement, { name, close, parse: isNew })
  })
  const [first] = messages
  return messages.length === 1 && first !== undefined ? first : Buffer.concat(messages)
}

interface DataStream {
  listeners(event: 'data'): readonly unknown[]
  removeAllListeners(event: 'data'): unknown
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  write(bytes: Uint8Array): unknown
}

const streamOf = ({ stream }: Connection): DataStream => stream

/** Puts itself between the socket and `pg`'s parser, once for every connection. */
function openRoute(client: ClientBase): Route {
  const route: Route = { client, running: null, memory: noMemory }
  routes.set(client, route)
  const stream = streamOf((client as unknown as { readonly connection: Connection }).connection) // not in the types
  const [parser] = stream.listeners('data') as readonly ((chunk: Buffer) => void)[] // pg-protocol's, the only one
  if (parser === undefined) throw new Error('A connection without a reader was lent.')
  stream.removeAllListeners('data')
  const split = splitMessages((messages) => divert(route, messages, parser))
  stream.on('data', (chunk) => {
    split(chunk)
    if (route.running !== null) keepChunk(route, route.running.taking) // the next one is read into the same memory
  })
  return route
}

const noMemory = Buffer.alloc(0)
/** What an answer has needed is used again for the next, up to this. */
const LARGEST_KEPT = 4 * 1024 * 1024

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

/** A message's type and its length. */
const HEADER = 5

/** Gives whole messages on: the beginning of one that goes on in the next chunk is kept until its end is there. */
function splitMessages(give: (messages: Buffer) => void): (chunk: Buffer) => void {
  let begun: Buffer[] = []
  let size = 0
  let needed = 0

  /** Completes the message that was begun; what is left of the chunk. */
  function complete(chunk: Buffer): Buffer {
    let rest = chunk
    while (size > 0 && rest.length > 0) {
      const part = rest.subarray(0, needed - size)
      begun.push(Buffer.from(part))
      size += part.length
      rest = rest.subarray(part.length)
      if (size < needed) break
      const message = Buffer.concat(begun)
      begun = [message]
      needed = 1 + lengthOf(message, 0)
      if (size < needed) continue // it was the header that was cut
      begun = []
      size = 0
      give(message)
    }
    return rest
  }

  return (chunk) => {
    const rest = complete(chunk)
    if (rest.length === 0) return
    const end = endOfMessages(rest)
    if (end.at > 0) give(end.at === rest.length ? rest : rest.subarray(0, end.at))
    if (end.at === rest.length) return
    begun = [Buffer.from(rest.subarray(end.at))]
    size = rest.length - end.at
    needed = end.needed
  }
}

/** Where the last whole message ends, and how many bytes the one after it needs to be whole. */
function endOfMessages(bytes: Buffer): { readonly at: number; readonly needed: number } {
  let at = 0
  while (at + HEADER <= bytes.length) {
    const next = at + 1 + lengthOf(bytes, at)
    if (next > bytes.length) return { at, needed: next - at }
    at = next
  }
  return { at, needed: HEADER }
}

const lengthOf = (bytes: Buffer, at: number): number =>
  ((bytes[at + 1] ?? 0) << 24) |
  ((bytes[at + 2] ?? 0) << 16) |
  ((bytes[at + 3] ?? 0) << 8) |
  (bytes[at + 4] ?? 0)

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
function divert(route: Route, bytes: Buffer, parser: (chunk: Buffer) => void): void {
  let at = 0
  while (at < bytes.length) {
    const next = at + 1 + lengthOf(bytes, at)
    if (route.running === null || !take(route, route.running, { bytes, at, next }))
      parser(bytes.subarray(at, next))
    at = next
  }
}

interface Message {
  readonly bytes: Buffer
  readonly at: number
  readonly next: number
}

/** Takes a message of the answer that comes; false for what the driver has to be given. */
// oxlint-disable-next-line complexity -- one arm for each type of message
function take(route: Route, running: Running, message: Message): boolean {
  const { bytes, at, next } = message
  const member = running.members[running.at]
  if (member === undefined) return false
  switch (bytes[at]) {
    case messageTypes.ROW:
      takeRow(route, running.taking, message)
      return true
    case messageTypes.COMPLETE:
      running.taking.rowCount = Number(
        /\d+$/.exec(bytes.toString('latin1', at + HEADER, next - 1))?.[0] ?? 0,
      )
      return true
    case messageTypes.PARSED:
      if (member.name !== null) noteParsed(route.client, member.name, member.statement.text)
      return true
    case messageTypes.BOUND:
    case messageTypes.CLOSED:
    case messageTypes.EMPTY:
      return true
    case messageTypes.ERROR:
      return takeError(running, member, readError(bytes.subarray(at, next)))
    case messageTypes.READY:
      return takeEnd(route, running, member)
    default:
      return false
  }
}

/** An error of the session is the driver's, which ends all statements: nothing comes behind it, not even the end of this one. */
function takeError({ taking }: Running, member: Member, error: Error): boolean {
  if (isConnectionError(error)) return false
  taking.failed = true
  member.reject(error)
  return true
}

/** The row's first cell lies behind the header and the number of its cells. */
function takeRow(route: Route, taking: Taking, { bytes, at }: Message): void {
  if (taking.chunk !== bytes) {
    keepChunk(route, taking)
    taking.chunk = bytes
  }
  taking.starts.push(taking.kept + at + HEADER + 2)
}

/** The end of one statement; that of the last one is the driver's, whose connection is idle then. */
function takeEnd(route: Route, running: Running, { resolve }: Member): boolean {
  const { taking } = running
  running.at += 1
  running.taking = newTaking()
  const isLast = running.at === running.members.length
  if (!isLast) running.onNext(running.at)
  if (!taking.failed)
    resolve({ bytes: bytesOf(route, taking), starts: taking.starts, rowCount: taking.rowCount })
  if (route.memory.length > LARGEST_KEPT) route.memory = noMemory
  return !isLast
}

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
