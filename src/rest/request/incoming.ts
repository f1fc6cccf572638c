// One REST request on its way to the engine, and the context that routes are built from.
import type { IncomingHttpHeaders } from 'node:http'
import type { Budget } from '../../cache-budget.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Bill, Selection } from '../../engine/request.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import type { Model, Operation } from '../../schema/model/model.ts'
import type { ExportName } from './prefer.ts'

/** What the server knows of a request. */
export interface RequestContext {
  readonly caller: Caller
  /** Aborts when the caller goes away or the request's deadline passes. */
  readonly signal: AbortSignal
  readonly requestId: string
  /** Whose budget pays: see openBill. */
  readonly account?: string
}

/** What routes are built from. */
export interface RestContext {
  readonly model: Model
  /** Bounds what routes remember of requests, together with the other caches of the engine. */
  readonly budget: Budget
  /** The start of every path, without a slash at its end. */
  readonly prefix: string
}

/** A route, as it is looked for in another model. */
export interface RouteName {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** The operation that it does; undefined for the batch. */
  readonly operation?: Operation
}

/** Decides what a caller may know of the names of a request: see judge.ts. */
export interface Judge {
  /** Opens the question whether the route does not exist for a caller. */
  readonly openUnknown: (route: RouteName) => (caller: Caller) => boolean
  /**
   * Refuses names before anything is done where the route runs although the caller may read nothing that it answers: no
   * selection is judged there. Null where there is nothing to look at.
   */
  readonly check: (route: RouteName, incoming: Incoming) => Promise<void> | null
  /** The error in place of one that a route has thrown. */
  readonly restate: (route: RouteName, incoming: Incoming, error: unknown) => Promise<unknown>
}

/** One request: a request over HTTP, or one of a batch. */
export interface Incoming extends RequestContext {
  /** Path and query string as they were sent; a proxy may send the absolute form. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Undefined where there is none. */
  readonly body: unknown
  /** The engine that it runs on: that of requests of a batch is inside their transaction. */
  readonly engine: Engine
  /** The form of the export that is asked for. */
  readonly lines?: ExportName
  /** Null where names are no secret. */
  readonly judge: Judge | null
  /** What the HTTP request costs: requests of a batch share it. */
  readonly bill: Bill
  /** Whether it stands on the bill already. */
  readonly isCharged?: boolean
}

/** Reads a part of a request; it throws a Problem where that part is wrong. */
export type ReadIncoming<T> = (incoming: Incoming) => T

/** The selection of requests without `fields` and `include`. */
export const ownFields: Selection = { fields: 'default', relations: [] }
