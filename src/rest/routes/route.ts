// What routes are made of: the request's way into the engine, and what every kind of route needs for it.
import type { IncomingHttpHeaders } from 'node:http'
import type { Engine } from '../../engine/engine.ts'
import { execute } from '../../engine/execute.ts'
import type { EngineRequest, Selection } from '../../engine/request.ts'
import type { EngineResult } from '../../engine/result.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import type { Answer } from '../response/answer.ts'
import type { Kept } from '../request/preconditions.ts'
import type { OpenLines } from './export.ts'
import type { ExportName } from '../request/prefer.ts'

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

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** In OpenAPI's form, under the prefix. */
  readonly path: string
  /** A read, although its method is not GET. */
  readonly reads?: true
  readonly answer: (incoming: Incoming) => Promise<Answer>
  /** Begins the list whole, where the caller asks for that; absent where there is no list. */
  readonly openLines?: (form: ExportName, incoming: Incoming) => Promise<OpenLines>
  readonly keeps?: Kept
  /** Names of the operations that a request asks for; of writes, which an idempotency key may do once. */
  readonly operationsOf?: (incoming: Incoming) => readonly string[]
}

export type Question = Omit<EngineRequest, 'caller' | 'denied' | 'signal'>

/** One request to the engine. What is named and may not be seen refuses the whole request. */
export const ask = ({ engine, caller, signal }: Incoming, question: Question): Promise<EngineResult> =>
  execute(engine, { ...question, caller, signal, denied: 'refuse' })

/** What is seen without `fields` and `include`. */
export const ownFields: Selection = { fields: 'default', relations: [] }
