// Whole messages of the server, taken between the socket and `pg`'s parser.
import type { ClientBase, Connection } from 'pg'

interface DataStream {
  listeners(event: 'data'): readonly unknown[]
  removeAllListeners(event: 'data'): unknown
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  write(bytes: Uint8Array): unknown
}

export const streamOf = ({ stream }: Connection): DataStream => stream

/** Hands a message, or several, to the parser of `pg`. */
export type ToDriver = (messages: Buffer) => void

export interface Tap {
  /** Called when the messages of a chunk were taken: the next one is read into the same memory. */
  readonly endChunk: () => void
  /** Whether a message that has only begun is dropped: its bytes are then neither kept nor taken. */
  readonly isDropped: (type: number, length: number) => boolean
}

/**
 * Puts itself between the socket and `pg`'s parser, once for every connection.
 * @param take gets all messages, whole ones only, and hands on those that are the driver's
 */
export function tapMessages(
  client: ClientBase,
  take: (messages: Buffer, toDriver: ToDriver) => void,
  { endChunk, isDropped }: Tap,
): void {
  const stream = streamOf((client as unknown as { readonly connection: Connection }).connection) // not in the types
  const [parser] = stream.listeners('data') as readonly ToDriver[] // pg-protocol's, the only one
  if (parser === undefined) throw new Error('A connection without a reader was lent.')
  stream.removeAllListeners('data')
  const split = splitMessages((messages) => take(messages, parser), isDropped)
  stream.on('data', (chunk) => {
    split(chunk)
    endChunk()
  })
}

/** A message's type and its length. */
export const HEADER = 5

/** Longer messages are asked for before their end is there. */
const LARGE = 64 * 1024

/** Gives whole messages on: the beginning of one that goes on in the next chunk is kept until its end is there. */
function splitMessages(
  give: (messages: Buffer) => void,
  isDropped: Tap['isDropped'],
): (chunk: Buffer) => void {
  let begun: Buffer[] = []
  let size = 0
  let needed = 0
  const dropping = openDropping()

  /** Drops a message that has begun, where it is to be. */
  function mayDrop(): void {
    const type = begun[0]?.[0] ?? 0
    if (needed < LARGE || !isDropped(type, needed)) return
    dropping.begin(needed - size)
    begun = []
    size = 0
  }

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
      if (size < needed) {
        mayDrop() // it was the header that was cut
        rest = dropping.cut(rest)
        continue
      }
      begun = []
      size = 0
      give(message)
    }
    return rest
  }

  return (chunk) => {
    const rest = complete(dropping.cut(chunk))
    if (rest.length === 0) return
    const end = endOfMessages(rest)
    if (end.at > 0) give(end.at === rest.length ? rest : rest.subarray(0, end.at))
    if (end.at === rest.length) return
    begun = [Buffer.from(rest.subarray(end.at))]
    size = rest.length - end.at
    needed = end.needed
    if (size >= HEADER) mayDrop()
  }
}

/** Leaves out the bytes of a message that is dropped. */
function openDropping() {
  let left = 0
  return {
    begin(bytes: number): void {
      left = bytes
    },
    /** What is behind it in a chunk. */
    cut(chunk: Buffer): Buffer {
      const dropped = Math.min(left, chunk.length)
      left -= dropped
      return dropped === 0 ? chunk : chunk.subarray(dropped)
    },
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

export const lengthOf = (bytes: Buffer, at: number): number =>
  ((bytes[at + 1] ?? 0) << 24) |
  ((bytes[at + 2] ?? 0) << 16) |
  ((bytes[at + 3] ?? 0) << 8) |
  (bytes[at + 4] ?? 0)
