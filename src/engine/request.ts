// What a face hands to the engine: an operation, its input, what to see of the result, and who asks.
import type { RunOptions } from '../db/database.ts'
import type { Total } from '../db/plan/read-request.ts'
import type { Caller } from '../schema/declare/caller.ts'
import type { Operation } from '../schema/model/model.ts'

export type { Total } from '../db/plan/read-request.ts'

/**
 * What the client asked to see of one row. The faces build it: GraphQL from a selection set, REST from
 * `fields` and `include`. The engine does not know the face of a request.
 */
export interface Selection {
  /** Names of own fields; 'default' is every own field that the caller may read. */
  readonly fields: readonly string[] | 'default'
  readonly relations: readonly RelationSelection[]
  /** Whether the row's version is asked for. */
  readonly version?: true
}

export interface RelationSelection {
  /** Unique among its siblings: the relation's name on REST; on GraphQL the name with its arguments, so aliases of one list share it. */
  readonly id: string
  /** The relation's name in the model. */
  readonly relation: string
  /** A to-many relation's own list arguments, not yet checked; empty for a to-one. */
  readonly list: ListInput
  readonly selection: Selection
  /** Whether the rows themselves are asked for, or their total alone. */
  readonly rows: boolean
  readonly total: Total
}

/** The arguments of a list, as they came: JSON values that the engine checks. Absent members are undefined. */
export interface ListInput {
  readonly where?: unknown
  readonly orderBy?: unknown
  readonly search?: unknown
  readonly distinctOn?: unknown
  readonly first?: unknown
  readonly after?: unknown
  readonly last?: unknown
  readonly before?: unknown
  readonly offset?: unknown
}

/** The arguments of an aggregate, as they came. */
export interface AggregateInput {
  readonly where?: unknown
  readonly groupBy?: unknown
  readonly having?: unknown
  readonly orderBy?: unknown
  readonly first?: unknown
  readonly offset?: unknown
}

/** The input of an operation, by its standard kind; custom operations take `input`. */
export interface OperationInput {
  /** get, update, delete: values of the key's fields, as JSON values. */
  readonly key?: unknown
  /** update, delete: the version that the row must have, or several, or `anyVersion`; undefined: nothing is said of it. */
  readonly version?: unknown
  /** create, update, upsert (the key's values among its own), createMany (a list of rows), updateMany, custom operations. */
  readonly input?: unknown
  /** list; of updateMany and deleteMany its filter. */
  readonly list?: ListInput
  /** aggregate; what to see of a group are the selection's fields: `count`, `sum.price`, `key.categoryId`. */
  readonly aggregate?: AggregateInput
  /** updateMany, deleteMany: the most rows that are to be written. */
  readonly atMost?: unknown
}

/** What one HTTP request costs: it may hold several requests to the engine, and is charged before anything is done for it. */
export interface Bill {
  /** The most points that this caller may ask for in one HTTP request. */
  readonly limit: number
  /** Points so far. */
  requested: number
  /** The part of them that is used whatever is found. */
  fixed: number
  /** Rows and statements that they pay for, at most. */
  rows: number
  statements: number
  /** Whose budget pays, in the server's words. */
  readonly account: string
  /** Whether a part of it did not come to its end, such as at its deadline: then nothing is given back. */
  isBroken: boolean
  readonly receipts: { giveBack(points: number): number }[]
  /** Points that the request has paid before it was billed, for its body. */
  paid: number
  /** Points of those parts that were let through. */
  charged: number
  /** Points that the budget got back. */
  givenBack: number
  /** Why a part of it was refused; null where none was. */
  refused: 'budget' | 'too_complex' | null
}

/** Where a request to the engine stands on a bill. */
export interface Billed {
  /** The bill of the HTTP request that it is a part of; without one it has a bill of its own. */
  readonly bill?: Bill
  /** Whether it stands on the bill already. */
  readonly isCharged?: boolean
}

export interface EngineRequest extends Billed {
  readonly operation: Operation
  readonly input: OperationInput
  /** What to see of the rows; `null` for operations whose output is a value, and writes that answer nothing. */
  readonly selection: Selection | null
  /** A list's rows and total, as in RelationSelection. */
  readonly rows?: boolean
  readonly total?: Total
  readonly caller: Caller
  /**
   * A field or relation that the caller may not see: `refuse` the request (REST, where it was named), or leave it
   * out and list it in the layout's `denied` (GraphQL, which answers null with an error).
   */
  readonly denied: 'refuse' | 'omit'
  /** The face and the id of the request over HTTP, for the audit; nothing else looks at the face. */
  readonly face?: 'graphql' | 'rest'
  readonly requestId?: string
  /** Aborts the database's work when the caller goes away or the deadline passes. */
  readonly signal?: AbortSignal
}

/** Points of an HTTP request whose statements are quick. */
const LIGHT_POINTS = 10

/** Options of a statement that ends when the request does. */
export const runOptions = ({ signal, bill }: Pick<EngineRequest, 'signal' | 'bill'>): RunOptions =>
  signal === undefined
    ? {}
    : { signal, isHeavy: bill !== undefined && bill.requested > LIGHT_POINTS }
