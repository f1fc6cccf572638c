// Errors that operations declare, in the OpenAPI document: a schema for each code, a response for each status.
import { problemType } from '../../problem-body.ts'
import {
  type DeclaredError,
  detailsName,
  problemName,
} from '../../schema/declare/declared-errors.ts'
import {
  type DescribedRoute,
  type JsonObject,
  propertiesOf,
  type ResponseObject,
  type Responses,
  type Schemas,
} from './description.ts'
import { errorRefs, headerRefs, responseOfStatus } from './responses.ts'
import { refTo } from './schemas.ts'

/** The errors that any of the routes declares, each code once. */
export const declaredErrors = (routes: readonly DescribedRoute[]): readonly DeclaredError[] => [
  ...new Map(
    routes.flatMap(({ errors = [] }) => errors).map((error) => [error.code, error]),
  ).values(),
]

/** Schemas of declared errors: as `Problem`, but with one code. */
export const declaredSchemas = (errors: readonly DeclaredError[], problem: JsonObject): Schemas =>
  Object.fromEntries(errors.map((error) => [problemName(error.code), toSchema(error, problem)]))

const membersBefore = ['type', 'title', 'status', 'detail', 'code']

function toSchema(
  { code, status, message, details }: DeclaredError,
  problem: JsonObject,
): JsonObject {
  const constants = {
    type: { type: 'string', const: problemType(code) },
    title: { type: 'string', const: message },
    status: { type: 'integer', const: status },
    code: { type: 'string', const: code },
  }
  const properties = { ...propertiesOf(problem), ...constants }
  const head = { type: 'object', description: message }
  if (details === null) return { ...head, required: [...membersBefore, 'instance'], properties }
  return {
    ...head,
    required: [...membersBefore, 'details', 'instance'],
    properties: { ...properties, details: refTo(detailsName(code)) },
  }
}

/** Responses of errors: those that any operation may answer, the given ones, and the declared ones. */
export function errorResponses(
  declared: readonly DeclaredError[],
  more: readonly number[] = [],
): Responses {
  const catalogue = errorRefs(more)
  const own = [...Map.groupBy(declared, ({ status }) => status)].map(([status, errors]) => [
    String(status),
    catalogue[status] === undefined ? declaredResponse(errors) : sharedResponse(status, errors),
  ])
  return { ...catalogue, ...Object.fromEntries(own) }
}

/** Where the status is that of codes of the error table too. */
function sharedResponse(status: number, errors: readonly DeclaredError[]): ResponseObject {
  const usual = responseOfStatus(status)
  return {
    description: `${usual.description} ${descriptionOf(errors)}`,
    headers: usual.headers,
    content: problemContent([refTo('Problem'), ...schemasOf(errors)]),
  }
}

const declaredResponse = (errors: readonly DeclaredError[]): ResponseObject => ({
  description: descriptionOf(errors),
  headers: headerRefs(),
  content: problemContent(schemasOf(errors)),
})

const descriptionOf = (errors: readonly DeclaredError[]): string =>
  errors.map(({ code, message }) => `${code}: ${message}`).join(' ')

const schemasOf = (errors: readonly DeclaredError[]): readonly JsonObject[] =>
  errors.map(({ code }) => refTo(problemName(code)))

const problemContent = (schemas: readonly JsonObject[]): JsonObject => ({
  'application/problem+json': { schema: schemas.length === 1 ? schemas[0] : { oneOf: schemas } },
})
