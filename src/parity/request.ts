// One request as both faces can put it: what is asked, by whom, in nobody's syntax.
import type { Total } from '../engine/request.ts'
import type { Operation } from '../schema/model/model.ts'
import type { OrderDirection } from '../schema/inputs/standard-inputs.ts'

/** Who asks: the payload of the token that is sent, or none. */
export interface ParityCaller {
  readonly name: string
  readonly payload: Readonly<Record<string, unknown>> | null
}

/** Several writes of one caller, all or nothing: the mutations of a document, a batch. */
export interface ParityTogether {
  readonly caller: ParityCaller
  readonly requests: readonly ParityRequest[]
  /** As of one request's style. */
  readonly keyed: boolean
}

export interface ParityRequest {
  /** The operation's name in the model. */
  readonly operation: string
  readonly caller: ParityCaller
  readonly key?: Readonly<Record<string, unknown>>
  readonly input?: unknown
  /** What an update or a delete says of the row's version. */
  readonly version?: ParityVersion
  /** Of an update or delete by filter its filter alone. */
  readonly list?: ParityList
  readonly aggregate?: ParityAggregate
  readonly atMost?: unknown
  /** Null where the output is no row. */
  readonly selection: ParitySelection | null
  readonly style: Style
}

/** A request with the operation that it names. */
export interface Asked {
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

/** The arguments of an aggregate, and what is asked of each group beside its key: `count`, `sum.price`. */
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
  /** Sorts by a distance, in place of the direction; REST has such keys in front of all others. */
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

/** A cursor as it is sent, or the one of a row of this list (or of the list in its usual order), looked up before. */
export type ParityCursor =
  | { readonly text: string }
  | { readonly row: number; readonly order: 'own' | 'other' }

/** A version as it is sent, or the one that the row has, looked up before. */
export type ParityVersion = { readonly text: string } | { readonly of: 'row' }

export interface ParitySelection {
  readonly fields: readonly string[] | 'default'
  readonly relations: readonly ParityRelation[]
}

export interface ParityRelation {
  readonly name: string
  /** Null for a to-one. */
  readonly list: ParityList | null
  readonly selection: ParitySelection
}

/** Ways to say the same thing. */
export interface Style {
  /** GraphQL: rows through `edges`, not `nodes`. */
  readonly edges: boolean
  /** GraphQL: values as literals of the document, where it has literals for them, not as variables. */
  readonly literals: boolean
  /** GraphQL: fields of rows in fragments. */
  readonly fragments: boolean
  /** REST: a space as `+`. */
  readonly plus: boolean
  /** REST: comparisons as `price[gte]=10` where that can be said. */
  readonly short: boolean
  /** REST: a list's request as a body. */
  readonly posted: boolean
  /** REST: one relation of a row under its own path. */
  readonly related: boolean
  /** REST: a write that answers nothing. */
  readonly minimal: boolean
  /** Both: a write with an idempotency key, sent twice; the other face is then sent the key once more. */
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

/** The usual way. */
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
