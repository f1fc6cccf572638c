// What the parsers of one request share: the model, the limits, and everything that is wrong so far.
import type { Issue } from '../../errors.ts'
import type { InputSchemas } from '../../schema/inputs/input-schemas.ts'
import type { Model } from '../../schema/model/model.ts'
import type { Limits } from './limits.ts'

export interface ParseContext {
  readonly model: Model
  readonly inputSchemas: InputSchemas
  readonly limits: Limits
  /** The number of a list that is answered whole, not in pages; none without one. */
  readonly whole?: number
  /** What is wrong so far; thrown together once the whole request was looked at. */
  readonly issues: Issue[]
  /** What cannot be read at all, such as a bad cursor: BAD_REQUEST, before the issues. */
  readonly unreadable: Issue[]
  /** Lists of relations met so far. */
  relatedLists: number
}
