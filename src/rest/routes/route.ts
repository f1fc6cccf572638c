// A route: its method and path, its answer, and its description for the OpenAPI document.
import { execute } from '../../engine/execute.ts'
import type { EngineRequest } from '../../engine/request.ts'
import type { EngineResult } from '../../engine/result.ts'
import type { Operation } from '../../schema/model/model.ts'
import type { DescribedRoute } from '../openapi/description.ts'
import type { Incoming } from '../request/incoming.ts'
import type { SupportedConditions } from '../request/preconditions.ts'
import type { ExportName } from '../request/prefer.ts'
import type { Answer } from '../response/answer.ts'
import type { OpenLines } from './export.ts'

export interface Route extends DescribedRoute {
  /** Undefined for the batch, which does those of others. */
  readonly operation?: Operation
  readonly answer: (incoming: Incoming) => Promise<Answer>
  /** Of lists: begins an export, where the caller asks for one. */
  readonly openLines?: (form: ExportName, incoming: Incoming) => Promise<OpenLines>
  readonly supportedConditions?: SupportedConditions
}

export type Question = Omit<EngineRequest, 'caller' | 'denied' | 'signal' | 'face' | 'requestId'>

/** Sends one request to the engine. A field or relation that is named but may not be read refuses the whole request. */
export const ask = (
  { engine, caller, signal, requestId }: Incoming,
  question: Question,
): Promise<EngineResult> =>
  execute(engine, { ...question, caller, signal, requestId, face: 'rest', denied: 'refuse' })
