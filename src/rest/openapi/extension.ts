// Hand-written routes in the OpenAPI document: what @fastify/swagger says of them, completed.
import type { JsonObject, OperationObject, ResponseObject, Responses } from './description.ts'
import { errorRefs, headerRefs } from './responses.ts'
import { optionalCredentials } from './security.ts'

/** An operation as @fastify/swagger writes it: only what the route's schema says. */
interface WrittenOperation {
  readonly operationId?: string
  readonly tags?: readonly string[]
  readonly summary?: string
  readonly requestBody?: JsonObject
  readonly responses?: Responses
}

/** Path items by path, each with operations by method. */
export type ExtensionDocument = Readonly<Record<string, Readonly<Record<string, WrittenOperation>>>>

/** The operations of one path, with what their routes leave unsaid. */
export const describeExtension = (
  path: string,
  item: ExtensionDocument[string],
): Readonly<Record<string, OperationObject>> =>
  Object.fromEntries(
    Object.entries(item).map(([method, written]) => [method, complete(method, path, written)]),
  )

function complete(method: string, path: string, written: WrittenOperation): OperationObject {
  const { summary = `${method.toUpperCase()} ${path}`, requestBody, responses = {} } = written
  const bodyErrors = requestBody === undefined ? [] : [413, 415]
  return {
    operationId: `${method}${path.replaceAll(/[^A-Za-z0-9]+/g, '_')}`,
    tags: ['Operations'],
    summary,
    description: summary,
    security: optionalCredentials,
    ...written,
    responses: { ...withHeaders(responses), ...errorRefs(bodyErrors) },
  }
}

/** The server adds these headers to every answer, also to those of hand-written routes. */
const withHeaders = (responses: Responses): Responses =>
  Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [status, withServerHeaders(response)]),
  )

function withServerHeaders(response: ResponseObject): ResponseObject {
  if (response.$ref !== undefined) return response
  return { ...response, headers: { ...response.headers, ...headerRefs() } }
}
