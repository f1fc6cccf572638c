// Rows of bytes with the place of every cell, and the pages that they make up.
import type { Layout, PageFacts } from '../../db/plan/layout.ts'
import type { RawRows } from '../../db/raw-rows.ts'
import { encodeCursor } from '../cursor.ts'
import { type Source, toSource } from './json-buffer.ts'
import type { PageView } from './template.ts'

/** Rows of one statement, or of one cell of JSON. */
export interface RowSet extends Source {
  readonly count: number
  readonly width: number
  /** Where the text of each cell begins, row by row; four bytes before it stands its length. */
  readonly cells: Int32Array
}

export function toRowSet({ bytes, starts }: RawRows): RowSet {
  const source = toSource(bytes)
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

function isSameCell(set: RowSet, index: number, [one, other]: readonly [number, number]): boolean {
  const [a, b] = [cellAt(set, one, index), cellAt(set, other, index)]
  const length = cellLength(set, a)
  if (length !== cellLength(set, b)) return false
  for (let i = 0; i < length; i += 1) if (set.bytes[a + i] !== set.bytes[b + i]) return false
  return true
}

/**
 * A page, its rows in the order that they are written in: each begins with its first row of bytes and ends before another.
 * A class, as getters of an object that is written out make it a hidden class of its own in V8's old space, with all that
 * they refer to: under load that was four fifths of what outlived a scavenge.
 */
export class RowPage implements PageView {
  readonly set: RowSet
  readonly begins: readonly number[]
  readonly ends: readonly number[]
  readonly hasNext: boolean
  readonly hasPrevious: boolean
  readonly total: number | null
  private readonly layout: Layout
  private readonly order: string
  private startCursor: string | null = null
  private endCursor: string | null = null

  constructor({ set, layout, facts, total }: PageOf, { begins, ends, more }: Cut) {
    this.set = set
    this.begins = begins
    this.ends = ends
    this.hasNext = facts.backward ? facts.continued : more
    this.hasPrevious = facts.backward ? more : facts.continued
    this.total = total
    this.layout = layout
    this.order = facts.order
  }

  get start(): string | null {
    return (this.startCursor ??= this.cursorOf(this.begins[0]))
  }

  get end(): string | null {
    return (this.endCursor ??= this.cursorOf(this.begins.at(-1)))
  }

  private cursorOf(row: number | undefined): string | null {
    return row === undefined
      ? null
      : encodeCursor(
          this.order,
          this.layout.cursor.map((index) => textAt(this.set, row, index)),
        )
  }
}

export interface PageOf {
  readonly set: RowSet
  readonly layout: Layout
  readonly facts: PageFacts
  readonly limit: number
  readonly total: number | null
}

interface Cut {
  readonly begins: readonly number[]
  readonly ends: readonly number[]
  /** Whether a row was left over. */
  readonly more: boolean
}

/** The page that rows from `from` up to `to` make up: one for each key, one more than the limit cut off again. */
export function toPage(page: PageOf, from: number, to: number): RowPage {
  const { set, layout, facts, limit } = page
  const begins: number[] = []
  const ends: number[] = []
  let more = false
  for (let row = from; row < to;) {
    if (begins.length === limit) {
      more = true
      break
    }
    begins.push(row)
    row = endOfRow(set, layout, row, to)
    ends.push(row)
  }
  if (facts.backward) {
    begins.reverse()
    ends.reverse()
  }
  return new RowPage(page, { begins, ends, more })
}

/** Where the next row begins: rows of one key follow one another (flat.ts), where related rows lie beside them. */
export function endOfRow(set: RowSet, { key, toMany }: Layout, first: number, to: number): number {
  let row = first + 1
  if (toMany.some((many) => many.rows === 'flat'))
    while (row < to && key.every((index) => isSameCell(set, index, [first, row]))) row += 1
  return row
}
