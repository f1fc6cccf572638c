// Reads rows of bytes: the place of every cell, and where one row ends and the next begins.
import type { Layout } from '../../db/plan/layout.ts'
import type { RawRows } from '../../db/raw-rows.ts'
import { type ByteSource, toByteSource } from './json-buffer.ts'

/** Rows of one statement, or of one cell of JSON. */
export interface RowSet extends ByteSource {
  readonly count: number
  readonly width: number
  /** Where the text of each cell begins, row by row; four bytes before it stands its length. */
  readonly cells: Int32Array
}

/** One row of a set. The rows of its to-many relation follow it in the set, up to `end`. */
export interface Row {
  readonly set: RowSet
  readonly row: number
  readonly end: number
}

/** Rows that are kept: the bytes of an answer are gone when they have been taken (Session.read). */
export const keepRows = ({ bytes, ...rows }: RawRows): RowSet =>
  toRowSet({ ...rows, bytes: Buffer.from(bytes) })

export function toRowSet({ bytes, starts }: RawRows): RowSet {
  const source = toByteSource(bytes)
  const [first] = starts
  const width = first === undefined ? 0 : ((bytes[first - 2] ?? 0) << 8) | (bytes[first - 1] ?? 0)
  const cells = new Int32Array(starts.length * width)
  let next = 0
  for (const start of starts) {
    let at = start
    for (let i = 0; i < width; i += 1) {
      cells[next++] = at + 4
      const length = source.view.getInt32(at)
      at += length < 0 ? 4 : 4 + length
    }
  }
  return { ...source, cells, width, count: starts.length }
}

/** Where a cell's text begins. */
export const cellAt = ({ cells, width }: RowSet, row: number, index: number): number =>
  cells[row * width + index] ?? 0

/** A cell's length in bytes; negative for NULL. */
export const cellLength = ({ view }: RowSet, at: number): number => view.getInt32(at - 4)

export const isNull = (set: RowSet, row: number, index: number): boolean =>
  cellLength(set, cellAt(set, row, index)) < 0

/** A cell as text, for code that has to look at it. */
export function textAt(set: RowSet, row: number, index: number): string | null {
  const at = cellAt(set, row, index)
  const length = cellLength(set, at)
  return length < 0
    ? null
    : Buffer.from(set.bytes.buffer, set.bytes.byteOffset + at, length).toString()
}

/** A cell of a row as text. */
export const cellText = ({ set, row }: Row, index: number): string | null => textAt(set, row, index)

/** A cell of type boolean: `t` from the protocol, `true` from a cast to text. */
export const isTrue = ({ set, row }: Row, index: number): boolean =>
  set.bytes[cellAt(set, row, index)] === 0x74

function isSameCell(set: RowSet, index: number, [one, other]: readonly [number, number]): boolean {
  const [a, b] = [cellAt(set, one, index), cellAt(set, other, index)]
  const length = cellLength(set, a)
  if (length !== cellLength(set, b)) return false
  for (let i = 0; i < length; i += 1) if (set.bytes[a + i] !== set.bytes[b + i]) return false
  return true
}

/** All rows of a set, each with those beside it. */
export function rowsIn(set: RowSet, layout: Layout): readonly Row[] {
  const rows: Row[] = []
  for (let row = 0; row < set.count;) {
    const end = endOfRow(set, layout, row, set.count)
    rows.push({ set, row, end })
    row = end
  }
  return rows
}

/** Where the next row begins: rows of one key follow one another (flat.ts), where related rows lie beside them. */
export function endOfRow(set: RowSet, { key, toMany }: Layout, first: number, to: number): number {
  let row = first + 1
  if (toMany.some((many) => many.rows === 'flat'))
    while (row < to && key.every((index) => isSameCell(set, index, [first, row]))) row += 1
  return row
}
