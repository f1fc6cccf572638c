// Templates: what a face writes of a result, as data. Names and shapes are the face's; how cells become JSON is value-codec.ts.
import type { Layout, ManyLayout, PageFacts } from '../../db/plan/layout.ts'
import type { Field } from '../../schema/model/model.ts'

export type { PageFacts } from '../../db/plan/layout.ts'

/** A piece of an answer's text. Pieces are written one after the other, for a row of the level that they stand in. */
export type Part =
  /** Text as it stands. */
  | { readonly type: 'text'; readonly text: string }
  /** The JSON of a cell; of an enum, the name that `labels` gives its label. */
  | {
      readonly type: 'cell'
      readonly index: number
      readonly field: Field
      readonly required?: boolean
      readonly labels?: ReadonlyMap<string, string>
    }
  /** What other parts write, made into another text. */
  | {
      readonly type: 'wrapped'
      readonly of: readonly Part[]
      readonly make: (written: string) => string
    }
  /** JSON text made of several cells, such as a cursor or a global id. */
  | {
      readonly type: 'made'
      readonly indexes: readonly number[]
      readonly make: (cells: readonly (string | null)[]) => string
    }
  /** A to-one relation's row, which lies in the same row; `null` where the cell `present` is. */
  | {
      readonly type: 'one'
      readonly present: number
      readonly of: readonly Part[]
      readonly required?: boolean
    }
  /** A to-many relation's page; inside of it stand `rows` and `fact`. */
  | { readonly type: 'page'; readonly many: ManyLayout; readonly of: readonly Part[] }
  /** The rows of the page around, with commas between them. */
  | { readonly type: 'rows'; readonly of: readonly Part[] }
  /** JSON text about the page around. */
  | { readonly type: 'fact'; readonly make: (page: PageView) => string }

/** A page as facts see it. */
export interface PageView {
  readonly hasNext: boolean
  readonly hasPrevious: boolean
  /** Null unless asked for. */
  readonly total: number | null
  /** Cursors of the first and the last row; null without rows. */
  readonly start: string | null
  readonly end: string | null
}

/** What a face writes of a whole result. */
export interface Template {
  readonly parts: readonly Part[]
  /** A cell that must not be null for the result to be one, where the row alone does not say so. */
  readonly found?: number
  /** The relation whose page the result is about, where it is not a page itself. */
  readonly page?: ManyLayout
  /** The cell of the row's version, and the name of what is shown of the row. */
  readonly version?: { readonly index: number; readonly representation: string }
}

/** How many parts there are, with those below them. */
export const countParts = (parts: readonly Part[]): number =>
  parts.reduce((sum, part) => sum + 1 + ('of' in part ? countParts(part.of) : 0), 0)

/** Makes the template of a result, once for each prepared read. `page` is null where the result is one row. */
export type ToTemplate = (layout: Layout, page: PageFacts | null) => Template

/** A required cell or row is null: the database does not keep what the model says, and the answer has to be an error. */
export class MissingValue extends Error {
  constructor() {
    super('A value that the model says is always there is null.')
    this.name = 'MissingValue'
  }
}
