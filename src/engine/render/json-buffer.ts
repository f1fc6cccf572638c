// Answers as bytes: text and cells are copied into one growing buffer, and escaped on the way where JSON asks for it.
// Strings that are put together and encoded at the end took twice the time (100 rows of 8 cells: 55 us against 28).

import { type AnswerBytes, tooLarge } from '../../answer-bytes.ts'

/** Bytes to copy from; the view reads four at once. */
export interface ByteSource {
  readonly bytes: Uint8Array
  readonly view: DataView
}

export function toByteSource(bytes: Uint8Array): ByteSource {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

export const textSource = (text: string): ByteSource => toByteSource(encoder.encode(text))

const encoder = new TextEncoder()

/** An answer while it is written, from `start` up to `at`. */
export interface JsonBytes {
  bytes: Buffer
  view: DataView
  start: number
  at: number
  slab: Slab
  /** Of the request; null where nothing bounds the answer. */
  readonly count: AnswerBytes | null
}

/** Memory of several answers, one after another. */
interface Slab {
  readonly bytes: Buffer
  readonly view: DataView
  /** Where the next answer begins. */
  at: number
  /** Answers in it that are not released. */
  used: number
}

/** What is used again is mapped and in the cache: memory that is new for every answer cost as much as writing it. */
const SLAB = 256 * 1024
/** What a new answer should find free; where it needs more it moves on. */
const ROOM = 16 * 1024
/** Slabs that are kept for later: 4 MB. */
const MAX_FREE_BUFFERS = 16

const slabs = new WeakMap<ArrayBufferLike, Slab>()
const given = new WeakSet<Buffer>()
const free: Slab[] = []
let current: Slab | null = null

function openSlab(size: number): Slab {
  const bytes = Buffer.allocUnsafeSlow(size)
  const slab: Slab = { bytes, view: new DataView(bytes.buffer), at: 0, used: 0 }
  slabs.set(bytes.buffer, slab)
  return slab
}

/** Empties a slab in which no answer is left. */
function tidy(slab: Slab): void {
  if (slab.used > 0) return
  slab.at = 0
  if (slab !== current && slab.bytes.length === SLAB && free.length < MAX_FREE_BUFFERS)
    free.push(slab)
}

/**
 * Writes an answer in one go. Its memory is reused after `releaseBytes`; an answer that is not released is garbage-collected.
 * @param count of the request, which bounds it; without, nothing does
 * @throws Problem TOO_COMPLEX
 */
export function writeBytes(
  write: (out: JsonBytes) => void,
  count: AnswerBytes | null = null,
): Buffer {
  const slab =
    current !== null && current.bytes.length - current.at >= ROOM
      ? current
      : (free.pop() ?? openSlab(SLAB))
  current = null // an answer inside of another gets memory of its own
  const { bytes: memory, view, at: start } = slab
  const out: JsonBytes = { bytes: memory, view, start, at: start, slab, count }
  write(out)
  checkSize(out)
  if (count !== null) count.written += out.at - out.start
  const bytes = out.bytes.subarray(out.start, out.at)
  out.slab.at = out.at
  out.slab.used += 1
  current = out.bytes.length === SLAB ? out.slab : null
  given.add(bytes)
  return bytes
}

/** Gives the memory of an answer back, to be written again. Does nothing with any other buffer. */
export function releaseBytes(bytes: Buffer): void {
  const slab = given.delete(bytes) ? slabs.get(bytes.buffer) : undefined
  if (slab === undefined) return
  slab.used -= 1
  tidy(slab)
}

function checkSize({ at, start, count }: JsonBytes): void {
  if (count === null) return
  if (count.written + at - start > count.limit) throw tooLarge(count)
}

function reserve(out: JsonBytes, size: number): void {
  if (out.at + size <= out.bytes.length) return
  checkSize(out)
  const written = out.at - out.start
  const next =
    written + size <= SLAB ? (free.pop() ?? openSlab(SLAB)) : openSlab(2 * (written + size))
  out.bytes.copy(next.bytes, 0, out.start, out.at)
  tidy(out.slab)
  Object.assign(out, { bytes: next.bytes, view: next.view, start: 0, at: written, slab: next })
}

/** Copies bytes as they are. A loop beats `set` for what cells and names typically are: below some 100 bytes. */
export function writeRaw(
  out: JsonBytes,
  { bytes: from, view }: ByteSource,
  start: number,
  end: number,
): void {
  const size = end - start
  reserve(out, size)
  if (size > 100) out.bytes.set(from.subarray(start, end), out.at)
  else copyShort(out, view, start, end)
  out.at += size
}

function copyShort(
  { view: to, at: first }: JsonBytes,
  from: DataView,
  start: number,
  end: number,
): void {
  let at = first
  let i = start
  for (const last = end - 4; i <= last; i += 4, at += 4)
    to.setInt32(at, from.getInt32(i, true), true)
  for (; i < end; i += 1, at += 1) to.setUint8(at, from.getUint8(i))
}

export function writeText(out: JsonBytes, text: string): void {
  reserve(out, 3 * text.length)
  out.at += out.bytes.write(text, out.at)
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** UTF-8 text as a JSON string, byte for byte what JSON.stringify makes of it: eight bytes at a time until some need an escape. */
export function writeString(out: JsonBytes, from: ByteSource, start: number, end: number): void {
  reserve(out, end - start + 2)
  const { view: to } = out
  const { view } = from
  let { at } = out
  let i = start
  to.setUint8(at++, QUOTE)
  for (const last = end - 8; i <= last; i += 8, at += 8) {
    const [four, more] = [view.getInt32(i, true), view.getInt32(i + 4, true)]
    if (isSpecial(needEscape(four) | needEscape(more))) break
    to.setInt32(at, four, true)
    to.setInt32(at + 4, more, true)
  }
  out.at = at
  writeEnd(out, from, i, end)
}

/** What may become six times as long is reserved in parts: for all of a long string it would be six times its memory. */
const PART = 4096

/** The end of a string. */
function writeEnd(out: JsonBytes, from: ByteSource, start: number, end: number): void {
  for (let at = start; at < end; at += PART) writePart(out, from, at, Math.min(at + PART, end))
  reserve(out, 1)
  out.view.setUint8(out.at, QUOTE)
  out.at += 1
}

/** Four bytes at a time while none of them needs an escape, else one. */
function writePart(out: JsonBytes, { view: from }: ByteSource, start: number, end: number): void {
  reserve(out, 6 * (end - start))
  const { view: to } = out
  let { at } = out
  let i = start
  while (i < end) {
    const four = i + 4 <= end ? from.getInt32(i, true) : QUOTE
    if (!isSpecial(needEscape(four))) {
      to.setInt32(at, four, true)
      i += 4
      at += 4
      continue
    }
    const byte = from.getUint8(i++)
    const escape = escapes[byte]
    if (escape === undefined) to.setUint8(at++, byte)
    else for (const part of escape) to.setUint8(at++, part)
  }
  out.at = at
}

/** The highest bit of every byte that is a quote, a backslash or below a blank; a borrow may set that of the byte above. */
const needEscape = (four: number): number =>
  (((four ^ 0x22_22_22_22) - 0x01_01_01_01) |
    ((four ^ 0x5c_5c_5c_5c) - 0x01_01_01_01) |
    (four - 0x20_20_20_20)) &
  ~four

const isSpecial = (bits: number): boolean => (bits & 0x80_80_80_80) !== 0

/** For each byte that JSON escapes, what JSON.stringify writes for it. */
const escapes: readonly (Uint8Array | undefined)[] = Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === QUOTE || byte === BACKSLASH
    ? encoder.encode(JSON.stringify(String.fromCharCode(byte)).slice(1, -1))
    : undefined,
)
