// What a read asks of the database, after authorization: plain data, its values apart, so that requests of one fingerprint share a plan.
import type { OperatorName } from '../../schema/model/operators.ts'
import type { Field, Relation, Resource, Search } from '../../schema/model/model.ts'

/** The place of a value among the request's values; the fingerprint has the place, never the value. */
export type Slot = number

export type Condition =
  | { readonly type: 'constant'; readonly value: boolean }
  | { readonly type: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly type: 'not'; readonly of: Condition }
  | {
      readonly type: 'compare'
      readonly field: Field
      readonly operator: OperatorName
      readonly slot: Slot
      /** Of JSON: the path of what is compared, in place of the whole. */
      readonly at?: Slot
    }
  /** What the row's text says of a caller's words. */
  | { readonly type: 'search'; readonly search: Search; readonly slot: Slot }
  | {
      readonly type: 'related'
      readonly relation: Relation
      readonly target: Resource
      readonly quantifier: 'is' | 'some' | 'none' | 'every'
      /** The target's read policy: rows it hides do not exist. */
      readonly visible: Condition
      readonly of: Condition
      readonly through: Condition
    }
  /** Holds of the number of related rows: `of` compares countField. */
  | {
      readonly type: 'counted'
      readonly relation: Relation
      readonly target: Resource
      readonly visible: Condition
      readonly of: Condition
      readonly through: Condition
    }
  /** The row has one of these versions; the slot holds a list. */
  | { readonly type: 'version'; readonly slot: Slot }

export const TRUE: Condition = Object.freeze({ type: 'constant', value: true })
export const FALSE: Condition = Object.freeze({ type: 'constant', value: false })

/** A relation on the way to something, with the policies of its target and its junction. */
export interface Step {
  readonly relation: Relation
  readonly target: Resource
  readonly visible: Condition
  readonly through: Condition
}

/** An expression to sort by: a field, reached along to-one relations, hidden where the relation's target is. */
export interface OrderKey {
  readonly path: readonly Step[]
  /** The to-many relation at the path's end whose rows are counted; the field is then countField. */
  readonly counted: Step | null
  readonly field: Field
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** Whether a list's rows are counted: true for all of them, `estimated` for a bound from which the planner is asked (estimate.ts). */
export type Total = boolean | 'estimated'

/** `capped`: counted up to the same bound, and the planner is not asked. */
export type CountedTotal = Total | 'capped'

export interface PageRequest {
  /** See PageFacts. */
  readonly at: number
  readonly order: readonly OrderKey[]
  /** Of how many keys at the order's beginning the rows are distinct: the first row of each group; 0 for all rows. */
  readonly distinct: number
  readonly limit: number
  readonly limitSlot: Slot
  readonly offsetSlot: Slot | null
  readonly backward: boolean
  /** Values of the cursor that the page starts after, a null where the cursor has one. */
  readonly start: readonly (Slot | null)[] | null
  readonly continued: boolean
  /** See PageFacts. */
  readonly orderName: string
}

/** One level of a selection, with everything that policies say of it. */
export interface Level {
  readonly resource: Resource
  /** Policy, key and filter, all to hold. */
  readonly where: Condition
  readonly fields: readonly { readonly field: Field; readonly visible: Condition }[]
  readonly toOne: readonly {
    readonly id: string
    readonly relation: Relation
    readonly through: Condition
    readonly level: Level
  }[]
  readonly toMany: readonly ManyRequest[]
  readonly denied: readonly string[]
  /** Whether the row's version is asked for. */
  readonly version?: true
}

export interface ManyRequest {
  readonly id: string
  readonly relation: Relation
  /** The junction's own read policy, where the junction is a resource. */
  readonly through: Condition
  readonly level: Level
  readonly page: PageRequest
  readonly rows: boolean
  readonly total: CountedTotal
}

/** A whole read: one row, or a page of rows, with or without the total. */
export interface ReadRequest {
  readonly level: Level
  readonly page: PageRequest | null
  readonly rows: boolean
  readonly total: CountedTotal
  readonly values: readonly unknown[]
}
