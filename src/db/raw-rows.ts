// Rows as the protocol has them: bytes of DataRow messages, and where each row begins in them (PostgreSQL's manual, 55.7).

/** One row as PostgreSQL wrote it: text cells in the order of the select list, null for NULL. */
export type TextRow = readonly (string | null)[]

/**
 * The answer of a statement, its cells untouched: each is four bytes of length (-1 for NULL), then UTF-8 text. Most cells
 * go to the wire as they are; one pass over these bytes costs half of what strings of them would.
 */
export interface RawRows {
  readonly bytes: Uint8Array
  /** Where the first cell of each row begins. */
  readonly starts: readonly number[]
  /** Rows that a statement without an answer of rows has touched, else their number. */
  readonly rowCount: number
}

const NULL_LENGTH = -1

/** The length of the cell at `at`; negative for NULL. */
const lengthAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 24) |
  ((bytes[at + 1] ?? 0) << 16) |
  ((bytes[at + 2] ?? 0) << 8) |
  (bytes[at + 3] ?? 0)

/** All rows as text, for code that has to look at them. The count of cells stands in the two bytes before a row. */
export function toTextRows({ bytes, starts }: RawRows): readonly TextRow[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return starts.map((start) => {
    const cells: (string | null)[] = []
    let at = start
    for (let left = ((bytes[start - 2] ?? 0) << 8) | (bytes[start - 1] ?? 0); left > 0; left -= 1) {
      const length = lengthAt(bytes, at)
      at += 4
      if (length < 0) cells.push(null)
      else {
        cells.push(buffer.toString('utf8', at, at + length))
        at += length
      }
    }
    return cells
  })
}

/** Rows of text in the protocol's form, so that rows inside of JSON are rendered like all others. */
export function toRawRows(rows: readonly TextRow[]): RawRows {
  const most = rows.reduce(
    (sum, row) =>
      row.reduce((size, cell) => size + 4 + (cell === null ? 0 : 3 * cell.length), sum + 2),
    0,
  )
  const buffer = Buffer.allocUnsafe(most)
  const starts: number[] = []
  let at = 0
  for (const row of rows) {
    at = buffer.writeInt16BE(row.length, at)
    starts.push(at)
    for (const cell of row) {
      const length = cell === null ? 0 : buffer.write(cell, at + 4)
      buffer.writeInt32BE(cell === null ? NULL_LENGTH : length, at)
      at += 4 + length
    }
  }
  return { bytes: buffer.subarray(0, at), starts, rowCount: rows.length }
}
