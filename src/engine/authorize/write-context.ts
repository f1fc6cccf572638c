// A write on its way through its authorization: what it runs on, what is set in its rows, and how they are read back.
import type { Database } from '../../db/database.ts'
import type { PlanCache } from '../../db/plan/cache.ts'
import type { Condition, ReadRequest } from '../../db/plan/read-request.ts'
import type { Assignment } from '../../db/plan/write-request.ts'
import type { Issue } from '../../errors.ts'
import type { Field, ForeignKey, Resource, StandardOperation } from '../../schema/model/model.ts'
import type { Limits } from '../parse/limits.ts'
import type { EngineRequest } from '../request.ts'
import type { ParsedRequest } from '../parse/parse-request.ts'
import type { ParsedRow, RowValues } from '../parse/parse-rows.ts'
import type { LevelContext } from './authorize-selection.ts'
import type { ProfileOf } from './caller-profile.ts'

export interface WriteContext extends LevelContext {
  readonly database: Database
  readonly plans: PlanCache
  /** Writes that were met before: see prepared-write.ts. */
  readonly prepared: PlanCache
  readonly profileOf: ProfileOf
  readonly limits: Limits
  /** The request as it came: the operation that the caller asked for, where `operation` is that of a related row. */
  readonly request: EngineRequest
  readonly operation: StandardOperation
  readonly parsed: ParsedRequest
  readonly signal?: AbortSignal
}

/** What all rows of a write share: who may, on which rows, and how they are read back. */
export interface WriteFrame {
  readonly context: WriteContext
  readonly resource: Resource
  /** What must hold of a row, before and after. */
  readonly allowed: Condition
  /** The read of the written row, its key still open; null when nothing is answered or the caller may not read at all. */
  readonly back: {
    readonly request: ReadRequest
    readonly keySlots: readonly number[]
    readonly visible: Condition
  } | null
}

/** What is set in one row. */
export interface RowChanges {
  readonly set: readonly Assignment[]
  /** Those of `set` that another row gives their values. */
  readonly linked: readonly Assignment[]
  readonly foreignKeys: readonly { readonly foreignKey: ForeignKey; readonly check: Condition }[]
}

/** One row of a write, authorized before it is touched. */
export interface AuthorizedWrite extends WriteFrame, RowChanges {}

/** One row as the request gives it. */
export interface RowInput {
  readonly values: RowValues
  /** Where the row stands in the request's input. */
  readonly path: Issue['path']
  /** Fields that another row of the request sets, their values still to come. */
  readonly links: readonly Field[]
}

export type WriteVerb = 'create' | 'update' | 'delete'

/** The changes of a row that is written as it is, such as one that is deleted. */
export const NO_CHANGES: RowChanges = { set: [], linked: [], foreignKeys: [] }

const NO_ROW: ParsedRow = { values: new Map(), nested: [] }

/** The row of a write of one row; an empty one where the write names no fields. */
export const rowOf = ({ parsed }: WriteContext): ParsedRow => parsed.rows[0] ?? NO_ROW
