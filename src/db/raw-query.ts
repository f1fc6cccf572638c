// A plan's statement on a connection of `pg`: sent as one piece of bytes, its rows taken as bytes.
// `pg` opens the connection, says who we are and knows the state of the session; the rows of plans go around its parser,
// which makes a string of every cell: for 100 rows of 8 cells that costs 60 us, and a string of JSON from them another 50.
import type { ClientBase, Connection, Submittable } from 'pg'
import type { Statement } from './database.ts'
import { toMessages } from './messages.ts'
import { closedNames, isPrepared, noteName } from './prepared.ts'
import type { RawRows } from './raw-rows.ts'

/** The statement that a connection's rows belong to; null between statements of ours. */
interface Route {
  taking: Taking | null
}

/** Collects the rows of one answer. A chunk of the socket is kept as it came; only several are put together. */
interface Taking {
  readonly chunks: Uint8Array[]
  /** Where rows begin, in the bytes of all chunks one after the other. */
  readonly starts: number[]
  length: number
}

const routes = new WeakMap<ClientBase, Route>()

const DATA_ROW = 0x44 // 'D'
/** A message's type, its length, and in a DataRow the number of its cells. */
const HEADER = 5
const ROW_HEADER = 7

/** Runs a statement; rejects with the driver's own errors. The connection must be idle and nobody else's. */
export function runRaw(client: ClientBase, statement: Statement, name: string | null): Promise<RawRows> {
  const route = routeOf(client)
  return new Promise((resolve, reject) => {
    const taking: Taking = { chunks: [], starts: [], length: 0 }
    let rowCount = 0
    const query = {
      text: statement.text,
      ...name !== null && { name }, // pg remembers by it what the server has parsed
      submit(connection: Connection) {
        route.taking = taking
        const close = name === null ? [] : closedNames(client, name)
        const parse = name === null || !isPrepared(client, name)
        if (name !== null) noteName(client, name)
        streamOf(connection).write(toMessages(statement, { name: name ?? '', parse, close }))
      },
      handleCommandComplete({ text }: { readonly text: string }) {
        rowCount = Number(/\d+$/.exec(text)?.[0] ?? 0)
      },
      handleError(error: Error) {
        route.taking = null
        reject(error)
      },
      handleReadyForQuery() {
        route.taking = null
        resolve({ bytes: joined(taking), starts: taking.starts, rowCount })
      },
      handleRowDescription() {},
      handleDataRow() {},
      handleEmptyQuery() {},
      handlePortalSuspended() {},
      handleCopyInResponse() {},
    }
    client.query(query as unknown as Submittable) // its types name the one method that it cannot do without
  })
}

const joined = ({ chunks }: Taking): Uint8Array => chunks.length === 1 ? chunks[0] ?? new Uint8Array() : Buffer.concat(chunks)

interface DataStream {
  listeners(event: 'data'): readonly unknown[]
  removeAllListeners(event: 'data'): unknown
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  write(bytes: Uint8Array): unknown
}

const streamOf = ({ stream }: Connection): DataStream => stream

/** Puts itself between the socket and `pg`'s parser, once for every connection. */
function routeOf(client: ClientBase): Route {
  const known = routes.get(client)
  if (known !== undefined) return known
  const route: Route = { taking: null }
  routes.set(client, route)
  const stream = streamOf((client as unknown as { readonly connection: Connection }).connection) // not in the types
  const [parser] = stream.listeners('data') as readonly ((chunk: Buffer) => void)[] // pg-protocol's, the only one
  if (parser === undefined) throw new Error('A connection without a reader was lent.')
  stream.removeAllListeners('data')
  stream.on('data', splitMessages((chunk) => divert(route, chunk, parser)))
  return route
}

/** Gives whole messages on: pieces of one that comes in several chunks are kept until its end is there. */
function splitMessages(take: (messages: Buffer) => void): (chunk: Buffer) => void {
  let pieces: Buffer[] = []
  let size = 0
  let needed = 0
  return (chunk) => {
    let bytes = chunk
    if (size > 0) {
      pieces.push(chunk)
      size += chunk.length
      if (size < needed) return
      bytes = Buffer.concat(pieces)
      pieces = []
      size = 0
    }
    const end = endOfMessages(bytes)
    if (end.at > 0) take(end.at === bytes.length ? bytes : bytes.subarray(0, end.at))
    if (end.at === bytes.length) return
    pieces = [bytes.subarray(end.at)]
    size = bytes.length - end.at
    needed = end.needed
  }
}

/** Where the last whole message ends, and how many bytes the one after it needs to be whole. */
function endOfMessages(bytes: Buffer): { readonly at: number, readonly needed: number } {
  let at = 0
  while (at + HEADER <= bytes.length) {
    const next = at + 1 + bytes.readInt32BE(at + 1)
    if (next > bytes.length) return { at, needed: next - at }
    at = next
  }
  return { at, needed: HEADER }
}

/** Rows of a plan's statement are noted where they lie; everything else is the driver's. */
function divert(route: Route, bytes: Buffer, parser: (chunk: Buffer) => void): void {
  let at = 0
  let from = 0 // messages of the driver that were not given to it yet
  let kept = false
  while (at < bytes.length) {
    const next = at + 1 + bytes.readInt32BE(at + 1)
    const { taking } = route
    if (bytes[at] === DATA_ROW && taking !== null) {
      if (from < at) parser(bytes.subarray(from, at))
      if (!kept) {
        kept = true
        taking.chunks.push(bytes)
        taking.length += bytes.length
      }
      taking.starts.push(taking.length - bytes.length + at + ROW_HEADER)
      from = next
    }
    at = next
  }
  if (from < at) parser(bytes.subarray(from, at))
}
