// Pages: rows cut to what was asked for, with what lies beyond on either side.
import { type Layout, type ManyLayout, type PageFacts, rowsOfCell } from '../../db/plan/layout.ts'
import { toRawRows } from '../../db/raw-rows.ts'
import { encodeCursor } from '../cursor.ts'
import { endOfRow, isNull, type Row, type RowSet, textAt, toRowSet } from './row-reader.ts'
import type { PageView } from './template.ts'

/**
 * A page: its rows in the order of the answer, each from its first row of bytes up to where the next begins.
 * It is a class because V8 gives each object literal with getters a hidden class of its own in the old space. Under load
 * those were four fifths of what survived a scavenge (measured by hand).
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
    return (this.startCursor ??= this.cursorAt(this.begins[0]))
  }

  get end(): string | null {
    return (this.endCursor ??= this.cursorAt(this.begins.at(-1)))
  }

  /** Its rows, for code that looks at them. */
  rows(): readonly Row[] {
    const { set, begins, ends } = this
    return begins.map((row, i) => ({ set, row, end: ends[i] ?? row }))
  }

  cursorOf({ row }: Row): string {
    return encodeCursor(
      this.order,
      this.layout.cursor.map((index) => textAt(this.set, row, index)),
    )
  }

  private cursorAt(row: number | undefined): string | null {
    return row === undefined ? null : this.cursorOf({ set: this.set, row, end: row })
  }
}

interface PageOf {
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

/** Builds a page from the rows `from` up to `to`, one entry for each key. Drops the row that was read to see whether more follow. */
function toPage(page: PageOf, from: number, to: number): RowPage {
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

const emptySet = toRowSet(toRawRows([]))

/** The rows in a cell of JSON. */
const toCellSet = (cell: string | null): RowSet => toRowSet(toRawRows(rowsOfCell(cell)))

/** Where rows and total are in the one row of a statement that counts as well. */
type Wrapped = { readonly rows: number | null; readonly total: number } | null

export interface PageLayout {
  readonly layout: Layout
  readonly facts: PageFacts
  readonly wrapped: Wrapped
}

/** The page that a whole statement answers. */
export function rootPage(
  outer: RowSet,
  { layout, facts, wrapped }: PageLayout,
  limit = facts.limit,
): RowPage {
  if (wrapped === null)
    return toPage({ set: outer, layout, facts, limit, total: null }, 0, outer.count)
  const set = wrapped.rows === null ? emptySet : toCellSet(textAt(outer, 0, wrapped.rows))
  const total = Number(textAt(outer, 0, wrapped.total))
  return toPage({ set, layout, facts, limit, total }, 0, set.count)
}

/** The page of a to-many relation in a row: rows beside it, or those of a cell. */
export function relatedPage(
  { set, row, end }: Row,
  many: ManyLayout,
  limit = many.page.limit,
): RowPage {
  const { layout, page: facts } = many
  const total = many.total === null ? null : Number(textAt(set, row, many.total))
  if (many.rows === 'flat') {
    const isNone = isNull(set, row, layout.key[0] ?? 0)
    return toPage({ set, layout, facts, limit, total }, row, isNone ? row : end)
  }
  const own = many.rows === null ? emptySet : toCellSet(textAt(set, row, many.rows))
  return toPage({ set: own, layout, facts, limit, total }, 0, own.count)
}
