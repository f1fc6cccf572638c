// What routes are made of: the request's way into the engine, and what every kind of route needs for it.
import { execute } from '../../engine/execute.ts'
import type { EngineRequest } from '../../engine/request.ts'
import type { EngineResult } from '../../engine/result.ts'
import type { Incoming } from '../request/incoming.ts'
import type { Answer } from '../response/answer.ts'
import type { SupportedConditions } from '../request/preconditions.ts'
import type { OpenLines } from './export.ts'
import type { ExportName } from '../request/prefer.ts'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** In OpenAPI's form, under the prefix. */
  readonly path: string
  /** A read, although its method is not GET. */
  readonly reads?: true
  readonly answer: (incoming: Incoming) => Promise<Answer>
  /** Begins the list whole, where the caller asks for that; absent where there is no list. */
  readonly openLines?: (form: ExportName, incoming: Incoming) => Promise<OpenLines>
  readonly supportedConditions?: SupportedConditions
  /** Names of the operations that a request asks for; of writes, which an idempotency key may do once. */
  readonly operationsOf?: (incoming: Incoming) => readonly string[]
}

export type Question = Omit<EngineRequest, 'caller' | 'denied' | 'signal'>

/** One request to the engine. What is named and may not be seen refuses the whole request. */
export const ask = (
  { engine, caller, signal }: Incoming,
  question: Question,
): Promise<EngineResult> => execute(engine, { ...question, caller, signal, denied: 'refuse' })
