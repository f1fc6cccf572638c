// REST's answer as an outcome: a status, a body or none, problem+json for what is wrong.
import { errorTable, type Issue } from '../../errors.ts'
import {
  type Model,
  type Operation,
  type Resource,
  type StandardOperation,
  targetOf,
} from '../../schema/model/model.ts'
import { describeZod, type ValueType } from '../../schema/values/zod-types.ts'
import { canonical, parseExact } from './json.ts'
import { found, type Outcome, type OutcomePage, UnreadableAnswer } from './outcome.ts'
import type { Asked, ParityRequest, ParitySelection } from '../request.ts'
import { relatedOf } from './to-rest.ts'

type Json = Readonly<Record<string, unknown>>

export interface RestAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

interface ProblemJson {
  readonly code: string
  readonly type: string
  readonly details?: unknown
  readonly detail: string
  readonly status: number
  readonly issues?: readonly Issue[]
  readonly request?: number
}

export function readRest(model: Model, asked: Asked, answer: RestAnswer): Outcome {
  if (answer.status >= 300) return readProblem([asked.operation], answer)
  return readResult(model, asked, {
    status: answer.status,
    body: answer.body === '' ? undefined : parseJson(answer),
  })
}

/** The outcomes of a batch's requests, or the error that has undone them. */
export function readRestTogether(
  model: Model,
  asked: readonly Asked[],
  answer: RestAnswer,
): Outcome {
  if (answer.status >= 300)
    return readProblem(
      asked.map(({ operation }) => operation),
      answer,
    )
  const { results } = parseJson(answer) as {
    readonly results: readonly (Result & { readonly status: unknown })[]
  } // as docs/guides/querying.md has it
  if (results.length !== asked.length)
    throw new UnreadableAnswer(
      `REST answered ${results.length} results to ${asked.length} requests.`,
    )
  return found(
    results.map((result, i) =>
      readResult(model, asked[i] as Asked, { ...result, status: Number(canonical(result.status)) }),
    ),
  ) // as many, see above
}

interface Result {
  readonly status: number
  readonly body?: unknown
}

function parseJson({ contentType, body }: RestAnswer): unknown {
  if (!contentType.startsWith('application/json'))
    throw new UnreadableAnswer(`REST answered ${contentType}, not JSON.`)
  return parseExact(body)
}

function readResult(
  model: Model,
  { operation, request }: Asked,
  { status, body }: Result,
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
  return found(readRoot(model, operation, request, body), new Map(), created)
}

const isOfMany = ({ standard }: Operation): boolean =>
  standard === 'createMany' || standard === 'updateMany' || standard === 'deleteMany'

function readProblem(
  operations: readonly Operation[],
  { status, contentType, body }: RestAnswer,
): Outcome {
  if (!contentType.startsWith('application/problem+json'))
    throw new UnreadableAnswer(`REST answered ${status} with ${contentType}, not a problem.`)
  const problem = JSON.parse(body) as ProblemJson // RFC 9457, as docs/concepts.md has it
  if (problem.status !== status || !operations.some((operation) => isKnown(operation, problem)))
    throw new UnreadableAnswer(`REST's problem does not fit its status ${status}: ${body}`)
  if (problem.code === 'NOT_FOUND' && operations.every(findsRow)) return found(null)
  const { code, type, detail: message, issues = [], details = null, request = null } = problem
  return { ok: false, code, type, message, issues, details, request }
}

const findsRow = (operation: Operation): boolean =>
  operation.standard === 'get' ||
  (operation.standard === null && operation.kind === 'query' && operation.output.type === 'row')

/** A code of the catalogue, or one that the operation declares, with the status that it declares. */
const isKnown = (operation: Operation, { code, status }: ProblemJson): boolean =>
  Object.hasOwn(errorTable, code) ||
  (operation.standard === null &&
    operation.errors.some((declared) => declared.code === code && declared.status === status))

function readRoot(
  model: Model,
  operation: Operation,
  request: ParityRequest,
  value: unknown,
): unknown {
  const selection = request.selection ?? { fields: [], relations: [] }
  if (operation.standard !== null) return readStandard(model, operation, request, value)
  const { output } = operation
  if (output.type === 'value') return withAbsent(describeZod(output.schema).value, value)
  if (output.type === 'row') return readRow(model, output.resource, selection, value as Json)
  return (value as { readonly data: readonly Json[] }).data.map((row) =>
    readRow(model, output.resource, selection, row),
  ) // `{ data }`
}

function readStandard(
  model: Model,
  operation: StandardOperation,
  request: ParityRequest,
  value: unknown,
): unknown {
  const { resource, standard } = operation
  const selection = request.selection ?? { fields: [], relations: [] }
  if (standard === 'list') return readPage(model, resource, selection, value as Json)
  if (standard === 'aggregate') return value
  if (isOfMany(operation)) {
    const { data } = value as { readonly data: readonly (Json | null)[] } // `{ data }`
    return data.map((row) => (row === null ? null : readRow(model, resource, selection, row)))
  }
  const related = relatedOf(operation, request)
  const relation = related === null ? undefined : resource.relations.get(related.name)
  if (related === null || relation === undefined)
    return readRow(model, resource, selection, value as Json)
  const target = targetOf(model, relation)
  const below =
    related.list === null
      ? readRow(model, target, related.selection, value as Json)
      : readPage(model, target, related.selection, value as Json)
  return { [related.name]: below }
}

/** The row as it came; of its relations the pages. Members that nobody asked for stay, and so are differences. */
function readRow(
  model: Model,
  resource: Resource,
  { relations }: ParitySelection,
  row: Json,
): Json {
  const below = relations.flatMap(({ name, list, selection }) => {
    const relation = resource.relations.get(name)
    const value = row[name]
    if (relation === undefined || value === null || value === undefined) return []
    const target = targetOf(model, relation)
    return [
      [
        name,
        list === null
          ? readRow(model, target, selection, value as Json)
          : readPage(model, target, selection, value as Json),
      ] as const,
    ]
  })
  return { ...row, ...Object.fromEntries(below) }
}

interface PageJson {
  readonly data: readonly Json[]
  readonly page: {
    readonly next: string | null
    readonly previous: string | null
    readonly total?: string
  }
}

function readPage(
  model: Model,
  resource: Resource,
  selection: ParitySelection,
  value: Json,
): OutcomePage {
  const { data, page } = value as unknown as PageJson // as docs/concepts.md has it
  return {
    rows: data.map((row) => readRow(model, resource, selection, row)),
    next: page.next,
    previous: page.previous,
    total: page.total ?? null,
  }
}

/** GraphQL answers null for what an output leaves out. */
function withAbsent(type: ValueType, value: unknown): unknown {
  if (type.type === 'list')
    return Array.isArray(value) ? value.map((one) => withAbsent(type.of.value, one)) : value
  if (type.type !== 'object' || typeof value !== 'object' || value === null) return value
  const given = value as Json // an object
  return {
    ...given,
    ...Object.fromEntries(
      [...type.members].map(([name, member]) => [
        name,
        given[name] === undefined ? null : withAbsent(member.value, given[name]),
      ]),
    ),
  }
}
