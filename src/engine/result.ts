// What the engine answers: rows kept as the database's bytes, with the layout of their cells, cut into pages.
import type { Layout } from '../db/plan/layout.ts'
import type { RowPage } from './render/page.ts'
import type { Row } from './render/row-reader.ts'

export type { Layout, ManyLayout } from '../db/plan/layout.ts'
export type { RowPage } from './render/page.ts'
export type { Row } from './render/row-reader.ts'

export type EngineResult =
  /** `created` is an upsert's: whether the row was not there before. */
  | {
      readonly type: 'row'
      readonly layout: Layout
      readonly row: Row | null
      readonly created?: boolean
    }
  | { readonly type: 'page'; readonly layout: Layout; readonly page: RowPage }
  /** Null stands for a written row that the caller may not read, and for all of them where they may read none whatever the row. */
  | {
      readonly type: 'rows'
      readonly layout: Layout
      readonly rows: readonly (Row | null)[] | null
    }
  | { readonly type: 'value'; readonly value: unknown }
