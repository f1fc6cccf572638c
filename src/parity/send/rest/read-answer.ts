// REST's answer as an outcome: a status, a body or none, problem+json for an error.
import { errorTable, type Issue } from '../../../errors.ts'
import type { Model, Operation } from '../../../schema/model/model.ts'
import type { OperationRequest } from '../../request.ts'
import { listIn, objectIn } from '../answers.ts'
import { canonical, parseExact } from '../json.ts'
import { found, type Outcome, UnreadableAnswer } from '../outcome.ts'
import { readBody } from './read-rows.ts'

export interface RestAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** RFC 9457, with the members of docs/concepts.md. */
interface ProblemJson {
  readonly code: string
  readonly type: string
  readonly details?: unknown
  readonly detail: string
  readonly status: number
  readonly issues?: readonly Issue[]
  readonly request?: number
}

export function readRest(model: Model, asked: OperationRequest, answer: RestAnswer): Outcome {
  if (answer.status >= 300) return readProblem([asked.operation], answer)
  const body = answer.body === '' ? undefined : parseJson(answer)
  return readResult(model, asked, answer.status, body)
}

/** The outcomes of a batch's requests, or the error that has undone them. */
export function readRestBatch(
  model: Model,
  requests: readonly OperationRequest[],
  answer: RestAnswer,
): Outcome {
  if (answer.status >= 300)
    return readProblem(
      requests.map(({ operation }) => operation),
      answer,
    )
  const results = listIn(objectIn(parseJson(answer))['results']).map(objectIn)
  if (results.length !== requests.length)
    throw new UnreadableAnswer(
      `REST answered ${results.length} results to ${requests.length} requests.`,
    )
  return found(
    requests.map((asked, i) => {
      const { status, body } = results[i] ?? {}
      return readResult(model, asked, Number(canonical(status)), body)
    }),
  )
}

function parseJson({ contentType, body }: RestAnswer): unknown {
  if (!contentType.startsWith('application/json'))
    throw new UnreadableAnswer(`REST answered ${contentType}, not JSON.`)
  return parseExact(body)
}

function readResult(
  model: Model,
  { operation, request }: OperationRequest,
  status: number,
  body: unknown,
): Outcome {
  const silent =
    operation.kind === 'mutation' && operation.standard !== null && request.style.minimal
  const created = operation.standard === 'upsert' ? status === 201 : null
  if (body === undefined) {
    if (status !== 204 && status !== 201 && status !== 202)
      throw new UnreadableAnswer(`REST answered ${status} without a body.`)
    return { ok: true, value: null, denied: new Map(), silent, created }
  }
  if (silent)
    throw new UnreadableAnswer('REST answered a body where Prefer: return=minimal was asked for.')
  return found(readBody(model, operation, request, body), new Map(), created)
}

function readProblem(
  operations: readonly Operation[],
  { status, contentType, body }: RestAnswer,
): Outcome {
  if (!contentType.startsWith('application/problem+json'))
    throw new UnreadableAnswer(`REST answered ${status} with ${contentType}, not a problem.`)
  const problem = JSON.parse(body) as ProblemJson // checked against the status and the error table below
  if (problem.status !== status || !operations.some((operation) => isKnown(operation, problem)))
    throw new UnreadableAnswer(`REST's problem does not fit its status ${status}: ${body}`)
  if (problem.code === 'NOT_FOUND' && operations.every(answersRow)) return found(null)
  const { code, type, detail: message, issues = [], details = null, request = null } = problem
  return { ok: false, code, type, message, issues, details, request }
}

/** Whether the operation answers a row that may be absent: GraphQL answers null then. */
const answersRow = (operation: Operation): boolean =>
  operation.standard === 'get' ||
  (operation.standard === null && operation.kind === 'query' && operation.output.type === 'row')

/** A code of the error table, or one that the operation declares, with the declared status. */
const isKnown = (operation: Operation, { code, status }: ProblemJson): boolean =>
  Object.hasOwn(errorTable, code) ||
  (operation.standard === null &&
    operation.errors.some((declared) => declared.code === code && declared.status === status))
