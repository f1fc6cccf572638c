// One request of the suite, in the syntax of neither face: what is asked, and by whom.
import type { Total } from '../engine/request.ts'
import type { Operation } from '../schema/model/model.ts'
import type { OrderDirection } from '../schema/inputs/standard-inputs.ts'

/** Who sends a request: the payload of the token, or null for the anonymous caller. */
export interface ParityCaller {
  readonly name: string
  readonly payload: Readonly<Record<string, unknown>> | null
}

/** Several writes of one caller, all or nothing: one document of mutations on GraphQL, a batch on REST. */
export interface ParityBatch {
  readonly caller: ParityCaller
  readonly requests: readonly ParityRequest[]
  /** See `Style`. */
  readonly keyed: boolean
}

export interface ParityRequest {
  /** The operation's name in the model. */
  readonly operation: string
  readonly caller: ParityCaller
  readonly key?: Readonly<Record<string, unknown>>
  readonly input?: unknown
  /** The version of the row that an update or a delete is about. */
  readonly version?: ParityVersion
  /** An update or delete by filter has the filter alone. */
  readonly list?: ParityList
  readonly aggregate?: ParityAggregate
  readonly atMost?: unknown
  /** Null where the output has no rows. */
  readonly selection: ParitySelection | null
  readonly style: Style
}

/** A request with the operation that it names. */
export interface OperationRequest {
  readonly operation: Operation
  readonly request: ParityRequest
}

/** The arguments of a list. */
export interface ParityList {
  readonly where?: unknown
  readonly orderBy?: readonly ParityOrder[]
  readonly search?: string
  readonly distinctOn?: readonly string[]
  readonly page: ParityPage
  readonly total: Total
}

/** The arguments of an aggregate, and the values of each group beside its key: `count`, `sum.price`. */
export interface ParityAggregate {
  readonly where?: unknown
  readonly groupBy?: readonly unknown[]
  readonly having?: unknown
  readonly orderBy?: readonly ParityOrder[]
  readonly size?: unknown
  readonly offset?: unknown
  readonly fields: readonly string[] | 'default'
}

export interface ParityOrder {
  readonly path: readonly string[]
  readonly direction: OrderDirection
  /** Sorts by distance instead of by direction. REST sorts by such keys first. */
  readonly nearest?: unknown
}

export interface ParityPage {
  readonly size?: unknown
  readonly after?: ParityCursor
  readonly before?: ParityCursor
  /** The last page: `last` alone, `before=end`. */
  readonly fromEnd?: true
  readonly offset?: unknown
}

/** A cursor as it is sent, or the cursor of a row to look up: in the list's own order, or in another that does not fit it. */
export type ParityCursor =
  | { readonly text: string }
  | { readonly row: number; readonly order: 'own' | 'other' }

/** A version as it is sent, or the row's own to look up. */
export type ParityVersion = { readonly text: string } | { readonly of: 'row' }

export interface ParitySelection {
  readonly fields: readonly string[] | 'default'
  readonly relations: readonly ParityRelation[]
}

/** Asks for no field and no relation. */
export const emptySelection: ParitySelection = Object.freeze({ fields: [], relations: [] })

/** The arguments of a list that is asked for without any. */
export const emptyList: ParityList = Object.freeze({ page: {}, total: false })

/** The arguments of an aggregate that is asked for without any. */
export const emptyAggregate: ParityAggregate = Object.freeze({ fields: 'default' })

export interface ParityRelation {
  readonly name: string
  /** Null for a to-one. */
  readonly list: ParityList | null
  readonly selection: ParitySelection
}

/** Ways to write the same request. */
export interface Style {
  /** GraphQL: rows by `edges`, not by `nodes`. */
  readonly edges: boolean
  /** GraphQL: values as literals where possible, not as variables. */
  readonly literals: boolean
  /** GraphQL: fields of rows in fragments. */
  readonly fragments: boolean
  /** REST: a space as `+`. */
  readonly plus: boolean
  /** REST: comparisons as `price[gte]=10` where possible. */
  readonly short: boolean
  /** REST: a list by POST, with its arguments in the body. */
  readonly posted: boolean
  /** REST: one relation of a row by its own path. */
  readonly related: boolean
  /** REST: a write with `Prefer: return=minimal`. */
  readonly minimal: boolean
  /** Both: a write with an idempotency key, sent twice to one face and then once to the other. */
  readonly keyed: boolean
}

/** A request as it is sent to GraphQL. */
export interface GraphqlRequest {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** A request as it is sent to REST. */
export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** The style of most requests. */
export const plainStyle: Style = Object.freeze({
  edges: false,
  literals: false,
  fragments: false,
  plus: false,
  short: false,
  posted: false,
  related: false,
  minimal: false,
  keyed: false,
})
