// The cost of a request: what it may come to at most, and its price in points (docs/guides/limits.md).

/** What one part of a request may come to. Rows and statements are upper bounds; bytes and work are estimates. */
export interface Cost {
  /** Rows that the database may answer, those of to-one relations and the one behind each page included. */
  readonly rows: number
  /** Statements that the engine may send for it. A team's own handler may send more. */
  readonly statements: number
  /** Bytes that the rows are expected to have on their way from the database. */
  readonly bytes: number
  /** The whole price. */
  readonly points: number
  /** The part of the price that depends on no rows: an answer that is smaller than its bound does not give it back. */
  readonly fixed: number
}

/** A cost with the words for it, which are made only where a request is refused. */
export interface Estimate extends Cost {
  /** What is the costliest in it, for a message: `products.reviews, up to 10,201 rows`. */
  readonly costliest: () => string
}

/** One point pays for this many rows of lists, or for this many bytes. A thousand points are 250,000 rows or 8 MB. */
export const ROWS_PER_POINT = 250
export const BYTES_PER_POINT = 8192

/** The rows, bytes and work of a request while they are added up. */
export interface Tally {
  rows: number
  /** The rows of lists alone: those of to-one relations stand beside them, and cost nothing but their bytes. */
  listed: number
  statements: number
  bytes: number
  /** Points for what PostgreSQL does without answering rows. */
  work: number
  /** Hears what each list adds, where the costliest is looked for. */
  readonly note?: (path: string, part: Part) => void
}

/** What one list adds by itself. */
export interface Part {
  readonly rows: number
  readonly bytes: number
  readonly work: number
}

export const openTally = (note?: Tally['note']): Tally => ({
  rows: 0,
  listed: 0,
  statements: 0,
  bytes: 0,
  work: 0,
  ...(note === undefined ? {} : { note }),
})

/** Points of what depends on rows. Rows and bytes come together, so the dearer of them counts. */
export const pointsOfRows = (rows: number, bytes: number): number =>
  Math.floor(Math.max(rows / ROWS_PER_POINT, bytes / BYTES_PER_POINT))

/** @param writes rows that may be written; each costs a point, and so does a request without any */
export function toCost({ rows, listed, statements, bytes, work }: Tally, writes: number): Cost {
  const more = writes === 0 ? Math.max(0, statements - 1) : 0 // a write's statements are in its price
  const fixed = Math.max(1, writes) + Math.floor(work) + more
  return { rows, statements, bytes, fixed, points: fixed + pointsOfRows(listed, bytes) }
}

/** The part that costs most, in words. */
export function costliestOf(
  root: string,
  tally: (note: NonNullable<Tally['note']>) => void,
): string {
  let most = -1
  let words = root
  tally((path, { rows, bytes, work }) => {
    const points = pointsOfRows(rows, bytes) + work
    if (points <= most) return
    most = points
    words =
      work > pointsOfRows(rows, bytes)
        ? `${path}, for what its filter, order or count has the database do`
        : `${path}, with up to ${inWords(rows)} rows`
  })
  return words
}

export const inWords = (number: number): string => number.toLocaleString('en-US')
