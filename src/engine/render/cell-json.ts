// Cells as JSON bytes: most are copied; what needs a look becomes text for a moment (docs/concepts.md, Values; value-codec.ts).
import type { Field } from '../../schema/model/model.ts'
import { writeCell } from '../value-codec.ts'
import {
  type JsonBytes,
  type ByteSource,
  textSource,
  writeRaw,
  writeString,
  writeText,
} from './json-buffer.ts'

/** Writes the cell whose text lies from `start` to `end`. */
export type CellWriter = (out: JsonBytes, from: ByteSource, start: number, end: number) => void

/** @param labels what an enum's labels are called on the face, where it has names of its own */
export function cellWriter(field: Field, labels?: ReadonlyMap<string, string>): CellWriter {
  if (labels !== undefined) return labelWriter(field, labels)
  if (field.list) return field.kind.form === 'float' ? throughText(field) : writeRaw
  switch (field.kind.form) {
    case 'raw':
      return writeRaw
    case 'string':
      return writeString
    case 'boolean':
      return writeBoolean
    case 'timestamp':
      return timestampWriter(field, textSource(''))
    case 'timestamptz':
      return timestampWriter(field, textSource('+00:00'))
    case 'float':
      return floatWriter(field)
    case 'floats':
      return throughText(field)
  }
}

const toText = ({ bytes }: ByteSource, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()

function throughText(field: Field): CellWriter {
  const write = writeCell(field)
  return (out, from, start, end) => writeText(out, write(toText(from, start, end)))
}

const [DIGIT_0, DIGIT_9, MINUS, POINT] = [0x30, 0x39, 0x2d, 0x2e]

/**
 * PostgreSQL and JavaScript both write the fewest digits that give the number back, so a number without an exponent is the
 * same text; JavaScript's minus zero is the exception. Going through JavaScript cost 0.6 us a cell.
 */
function floatWriter(field: Field): CellWriter {
  const special = throughText(field)
  return (out, from, start, end) => {
    let plain = end - start !== 2 || from.view.getUint8(start) !== MINUS
    for (let i = start; i < end; i += 1) {
      const byte = from.view.getUint8(i)
      if ((byte < DIGIT_0 || byte > DIGIT_9) && byte !== POINT && byte !== MINUS) plain = false
    }
    if (plain) writeRaw(out, from, start, end)
    else special(out, from, start, end)
  }
}

function labelWriter(field: Field, labels: ReadonlyMap<string, string>): CellWriter {
  const nameOf = (label: unknown): unknown =>
    typeof label === 'string' ? (labels.get(label) ?? label) : label
  if (!field.list)
    return (out, from, start, end) =>
      writeText(out, JSON.stringify(nameOf(toText(from, start, end))))
  return (out, from, start, end) =>
    writeText(out, JSON.stringify((JSON.parse(toText(from, start, end)) as unknown[]).map(nameOf))) // to_json of a list
}

const TRUE = textSource('true')
const FALSE = textSource('false')

/** `t` from the protocol, `true` from a cast to text. */
const writeBoolean: CellWriter = (out, from, start) => {
  const word = from.bytes[start] === 0x74 ? TRUE : FALSE
  writeRaw(out, word, 0, word.bytes.length)
}

const QUOTE = textSource('"')
const [SPACE, LETTER_T] = [0x20, 0x54]

/** `2026-01-31 12:00:00` with a T for its blank. Infinities and dates BC end in a letter, and go the long way. */
function timestampWriter(field: Field, offset: ByteSource): CellWriter {
  const special = throughText(field)
  return (out, from, start, end) => {
    const last = from.view.getUint8(end - 1)
    if (last < DIGIT_0 || last > DIGIT_9) return special(out, from, start, end)
    writeRaw(out, QUOTE, 0, 1)
    const at = out.at
    writeRaw(out, from, start, end)
    const blank = out.bytes.indexOf(SPACE, at)
    out.bytes[blank] = LETTER_T
    writeRaw(out, offset, 0, offset.bytes.length)
    writeRaw(out, QUOTE, 0, 1)
  }
}
