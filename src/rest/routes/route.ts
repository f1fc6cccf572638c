// A route: its method and path, its answer, and its description for the OpenAPI document.
import { defined } from '../../defined.ts'
import { chargeBill } from '../../engine/charge/bill.ts'
import { estimate } from '../../engine/charge/estimate.ts'
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
  /** What a request asks of the engine, for routes that ask several questions; null: what `answer` asks. */
  readonly questionsOf?: (incoming: Incoming) => readonly Question[]
}

export type Question = Omit<EngineRequest, 'caller' | 'denied' | 'signal' | 'face' | 'requestId'>

/** Sends one request to the engine. A field or relation that is named but may not be read refuses the whole request. */
export function ask(incoming: Incoming, question: Question): Promise<EngineResult> {
  const { engine, caller, signal, requestId, bill, isCharged } = incoming
  if (isListening(incoming)) {
    incoming.listen(question)
    return new Promise(() => {}) // the rest of the route is never run
  }
  return execute(engine, {
    ...question,
    caller,
    signal,
    requestId,
    face: 'rest',
    bill,
    denied: 'refuse',
    ...defined({ isCharged }),
  })
}

/** A request that is not answered: its route says what it would ask. */
interface Listening extends Incoming {
  readonly listen: (question: Question) => void
}

const isListening = (incoming: Incoming): incoming is Listening => 'listen' in incoming

/**
 * What a write would ask of the engine, before anything is done for it: routes read a request before they ask. None where the
 * request is wrong, which its answer will say.
 */
export function questionsOf(route: Route, incoming: Incoming): readonly Question[] {
  if (route.questionsOf !== undefined) return route.questionsOf(incoming)
  const questions: Question[] = []
  const listening: Listening = { ...incoming, listen: (question) => questions.push(question) }
  try {
    route.answer(listening).catch(() => {})
  } catch {
    return [] // as above
  }
  return questions
}

/** Charges everything that a write would ask, together. Its answer is given a request that is charged. */
export async function chargeWhole(route: Route, incoming: Incoming): Promise<Incoming> {
  const { engine, bill } = incoming
  if (incoming.isCharged === true) return incoming
  const estimates = questionsOf(route, incoming).map((question) => estimate(engine.model, question))
  await chargeBill(engine, bill, estimates)
  return { ...incoming, isCharged: true }
}
