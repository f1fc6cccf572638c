// Pages: rows cut to what was asked for, with what lies beyond on either side.
import {
  type Layout,
  type ManyLayout,
  type PageFacts,
  type Row,
  rowsOfCell,
} from '../../db/plan/layout.ts'
import { encodeCursor } from '../cursor.ts'
import type { Page } from '../result.ts'

/** One row more than the limit was asked of the database: it says that there are more, and is cut. */
export function toPage(
  layout: Layout,
  facts: PageFacts,
  fetched: readonly Row[],
  total: number | null,
): Page {
  const more = fetched.length > facts.limit
  const kept = more ? fetched.slice(0, facts.limit) : fetched
  return {
    rows: facts.backward ? kept.toReversed() : kept,
    total,
    hasNext: facts.backward ? facts.continued : more,
    hasPrevious: facts.backward ? more : facts.continued,
    cursorOf: (row) =>
      encodeCursor(
        facts.order,
        layout.cursor.map((index) => row[index] ?? null),
      ),
  }
}

/** The page of a to-many relation in a row. */
export function pageOf(many: ManyLayout, row: Row): Page {
  if (many.rows === 'flat')
    throw new Error(
      'Related rows that come as rows of their own are put together by render-json.ts.',
    )
  const rows = many.rows === null ? [] : rowsOfCell(row[many.rows] ?? null)
  return toPage(many.layout, many.page, rows, many.total === null ? null : Number(row[many.total]))
}
