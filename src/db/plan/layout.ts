// Layouts: where a plan puts each field and relation among the cells of a row.
import type { Field, Relation, Resource } from '../../schema/model/model.ts'
import type { TextRow } from '../database.ts'

/** One level of a selection: the fields of one resource and the relations under it. Indexes are into the row it lies in. */
export interface Layout {
  readonly resource: Resource
  readonly fields: readonly CellOfField[]
  readonly toOne: readonly OneLayout[]
  readonly toMany: readonly ManyLayout[]
  /** Cells of the primary key, always there. */
  readonly key: readonly number[]
  /** Cells of the order's values, for cursors; empty where the level is no page. */
  readonly cursor: readonly number[]
  /** Fields and relations that the caller asked for and may not see: null on GraphQL, with one error. */
  readonly denied: readonly string[]
  /** The cell of the row's version, where it was asked for. */
  readonly version?: number
}

export interface CellOfField {
  readonly field: Field
  readonly index: number
}

/** A to-one relation, flat in the same row; absent where the cell `present` is null. */
export interface OneLayout {
  /** The id its selection was given. */
  readonly id: string
  readonly relation: Relation
  readonly present: number
  readonly layout: Layout
}

/** A to-many relation: one cell of JSON text, or rows beside this one. */
export interface ManyLayout {
  readonly id: string
  readonly relation: Relation
  /**
   * The cell of JSON; null when only the total was asked for; 'flat' where each related row comes as a row of its own, this
   * one's cells repeated before it. A row without a key under `layout` says that there are none.
   */
  readonly rows: number | 'flat' | null
  readonly total: number | null
  readonly page: PageFacts
  readonly layout: Layout
}

/** What was asked of a page, to cut its rows and say what lies beyond. */
export interface PageFacts {
  /** The number of the list in its request: see ParsedList. */
  readonly at: number
  /** Rows asked for; one more is fetched, to know whether there are more. */
  readonly limit: number
  /** Rows come in reverse and are turned round (last, before). */
  readonly backward: boolean
  /** A cursor or an offset stood before the page, so rows lie on its near side. */
  readonly continued: boolean
  /** Names the order the cursors are made for. */
  readonly order: string
}

/** The rows inside a to-many cell. */
export function rowsOfCell(cell: string | null): readonly TextRow[] {
  return cell === null ? [] : (JSON.parse(cell) as readonly TextRow[]) // our own SQL wrote it: json_agg of text arrays
}
