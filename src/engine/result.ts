// What the engine answers: rows kept as text with the layout of their cells, cut into pages.
import type { Layout, Row } from '../db/plan/layout.ts'

export type { Layout, ManyLayout, Row } from '../db/plan/layout.ts'

export type EngineResult =
  /** `created` is an upsert's: whether the row was not there before. */
  | {
      readonly type: 'row'
      readonly layout: Layout
      readonly row: Row | null
      readonly created?: boolean
    }
  | { readonly type: 'page'; readonly layout: Layout; readonly page: Page }
  /** Null stands for a written row that the caller may not read, and for all of them where they may read none whatever the row. */
  | {
      readonly type: 'rows'
      readonly layout: Layout
      readonly rows: readonly (Row | null)[] | null
    }
  | { readonly type: 'value'; readonly value: unknown }

/** One page of a list. */
export interface Page {
  readonly rows: readonly Row[]
  /** Null unless asked for. */
  readonly total: number | null
  readonly hasNext: boolean
  readonly hasPrevious: boolean
  /** The cursor of a row of this page. */
  cursorOf(row: Row): string
}
