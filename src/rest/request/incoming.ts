// One REST request on its way to the engine, and what it runs on.
import type { IncomingHttpHeaders } from 'node:http'
import type { Engine } from '../../engine/engine.ts'
import type { Selection } from '../../engine/request.ts'
import type { Caller } from '../../schema/declare/caller.ts'

/** What the composition root knows of a request. */
export interface RequestContext {
  readonly caller: Caller
  /** Aborts when the caller goes away or the request's deadline passes. */
  readonly signal: AbortSignal
  readonly requestId: string
}

export interface RestContext {
  /** What routes are built for; requests run on their own. */
  readonly engine: Engine
  /** Before every path, without a slash at its end. */
  readonly prefix: string
}

/** One request, whether it came over HTTP or as one of a batch. */
export interface Incoming extends RequestContext {
  /** Path and query string as they came; a proxy may send the absolute form. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Undefined where there is none. */
  readonly body: unknown
  /** Where it runs: requests of a batch share a transaction. */
  readonly engine: Engine
}

/** What is seen without `fields` and `include`. */
export const ownFields: Selection = { fields: 'default', relations: [] }
