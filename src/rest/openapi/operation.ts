// What operations of the OpenAPI document have in common: titles, bodies, and the idempotency of writes.
import type { StandardOperation } from '../../schema/model/model.ts'
import { verbsOf } from '../../schema/model/verbs.ts'
import {
  type DescribedRoute,
  isWrite,
  type JsonObject,
  type Method,
  type OperationObject,
  type ResponseObject,
  type Schemas,
} from './description.ts'
import { keyParameters, parameterRef } from './parameters.ts'
import { headerRefs, jsonContent } from './responses.ts'
import { securityOf } from './security.ts'

interface Named {
  readonly name: string
  readonly description?: string
  readonly deprecated?: string
}

type Title = Pick<
  OperationObject,
  'operationId' | 'tags' | 'summary' | 'description' | 'deprecated'
>

/** Id, tag and texts of an operation; its summary is the first clause of its description. */
export function describeTitle(
  { name, description = `Runs ${name}.`, deprecated }: Named,
  tag: string,
): Title {
  const [clause = description] = /^[^.;:]+/.exec(description) ?? []
  const title = { operationId: name, tags: [tag], summary: clause.trim() }
  if (deprecated === undefined) return { ...title, description }
  return { ...title, description: `${description} Deprecated: ${deprecated}`, deprecated: true }
}

type Described = Pick<OperationObject, 'parameters' | 'requestBody' | 'responses'>

/** A standard operation: its title, its key and its credentials are those of the model, the rest is the route's. */
export const describeStandard = (
  operation: StandardOperation,
  { parameters = [], ...described }: Described,
): OperationObject => ({
  ...describeTitle(operation, operation.resource.type),
  ...withParameters([...keyParameters(operation.by?.fields ?? []), ...parameters]),
  ...described,
  security: securityOf({
    type: 'all',
    of: verbsOf[operation.standard].map((verb) => operation.resource.access[verb]),
  }),
})

/** `parameters`, unless there are none. */
export const withParameters = (
  parameters: readonly JsonObject[],
): Pick<OperationObject, 'parameters'> => (parameters.length === 0 ? {} : { parameters })

/** A body that must be sent. A PATCH takes a merge patch too. */
export const requiredBody = (method: Method, schema: JsonObject): JsonObject => ({
  required: true,
  content: bodyContent(method, schema),
})

export const bodyContent = (method: Method, schema: JsonObject): JsonObject =>
  method === 'PATCH'
    ? { 'application/merge-patch+json': { schema }, ...jsonContent(schema) }
    : jsonContent(schema)

/** The route's operation, as it stands in the document. */
export function toOperation(route: DescribedRoute, schemas: Schemas): OperationObject {
  const operation = route.describe(schemas)
  return isWrite(route) ? withIdempotency(operation, route.method) : operation
}

const writeHeaders: Readonly<Record<Method, readonly string[]>> = {
  GET: [],
  POST: ['Idempotency-Replayed'],
  PUT: ['Idempotency-Replayed'],
  PATCH: ['Idempotency-Replayed', 'Accept-Patch'],
  DELETE: ['Idempotency-Replayed'],
}

/** Every write takes a key, and its answer says whether it is a replay. A PATCH also names the bodies that it takes. */
function withIdempotency(operation: OperationObject, method: Method): OperationObject {
  const added = headerRefs(writeHeaders[method])
  const responses = Object.entries(operation.responses).map(([status, response]) => [
    status,
    status.startsWith('2') ? withHeaders(response, added) : response,
  ])
  return {
    ...operation,
    parameters: [...(operation.parameters ?? []), parameterRef('idempotencyKey')],
    responses: Object.fromEntries(responses),
  }
}

/** The response's own headers come last. */
const withHeaders = (response: ResponseObject, headers: JsonObject): ResponseObject => ({
  ...response,
  headers: { ...headers, ...response.headers },
})
