// Responses of the OpenAPI document and their headers: of errors, of reads, and of writes that may show what was written.
import { type ErrorCode, errorTable } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'
import { isReadable } from '../request/write-options.ts'
import type { JsonObject, ResponseObject, Responses } from './description.ts'
import { refTo } from './schemas.ts'

const header = (description: string, schema: JsonObject = { type: 'string' }): JsonObject => ({
  description,
  schema,
})

export const headers: Readonly<Record<string, JsonObject>> = {
  'X-Request-Id': header("Names the request in the server's log."),
  ETag: header(
    "A tag of the answer, to give as If-None-Match. A strong one is of a row's own columns alone, and good for If-Match too.",
  ),
  'Content-Disposition': header(
    'The name of the file, where the list is answered whole, as lines.',
  ),
  Link: header('The pages on either side, as rel="next" and rel="prev" (RFC 8288).'),
  Location: header('The path of the created row.'),
  'Preference-Applied': header('The preference that was followed (RFC 7240).'),
  'Idempotency-Replayed': header(
    '`true` where this is the answer of an earlier request with the same Idempotency-Key.',
  ),
  'RateLimit-Policy': header(
    'How many requests a caller may send, and how many points they may cost, in how many seconds.',
  ),
  RateLimit: header(
    'How many requests and points are left, and the seconds until they are counted anew.',
  ),
  'Bifrons-Cost': header(
    'What the request may cost in points, the most that this caller may ask for, and the rows and statements that it may come to: `requested=2, limit=1000, rows=21, statements=1`.',
  ),
  'Accept-Patch': header('Media types of a body that a PATCH takes here (RFC 5789).'),
  'Accept-Post': header('Media types of a body that any other write takes.'),
  'Accept-Encoding': header('`identity`, where the body came compressed: such are not read.'),
  'Retry-After': header('Seconds to wait before trying again.', { type: 'integer', minimum: 0 }),
  'WWW-Authenticate': header('How to prove who you are.'),
}

/** Any answer may have these; the cost is there once it is known. */
const always = ['X-Request-Id', 'RateLimit-Policy', 'RateLimit', 'Bifrons-Cost']

export const headerRefs = (names: readonly string[] = []): JsonObject =>
  Object.fromEntries(
    [...names, ...always].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  )

export const jsonContent = (schema: JsonObject): JsonObject => ({ 'application/json': { schema } })

/** The error codes of each HTTP status. */
const codesByStatus: ReadonlyMap<number, readonly ErrorCode[]> = Map.groupBy(
  Object.keys(errorTable) as ErrorCode[],
  (code) => errorTable[code].status,
) // keys of the table are its codes

const errorHeaders: Readonly<Record<number, readonly string[]>> = {
  401: ['WWW-Authenticate'],
  409: ['Retry-After', 'Idempotency-Replayed'],
  412: ['Idempotency-Replayed'],
  415: ['Accept-Patch', 'Accept-Post', 'Accept-Encoding'],
  422: ['Idempotency-Replayed'],
  429: ['Retry-After'],
  503: ['Retry-After'],
}

/** The server answers these before it looks for a route; their statuses say more than their codes. */
const beforeRouting: ReadonlyMap<number, string> = new Map([
  [408, 'TIMEOUT: The request did not arrive in time.'],
  [414, 'BAD_REQUEST: The URL is too long.'],
  [431, 'BAD_REQUEST: The header fields are too long.'],
])

const nameOfStatus = (status: number): string => `Error${status}`

const descriptionOfStatus = (status: number): string =>
  (codesByStatus.get(status) ?? []).map((code) => `${code}: ${errorTable[code].title}.`).join(' ')

/** The response of an HTTP status of the error table. */
export const responseOfStatus = (status: number) => ({
  description: beforeRouting.get(status) ?? descriptionOfStatus(status),
  headers: headerRefs(errorHeaders[status]),
  content: { 'application/problem+json': { schema: refTo('Problem') } },
})

export const responses: Readonly<Record<string, JsonObject>> = Object.fromEntries(
  [...codesByStatus.keys(), ...beforeRouting.keys()].map((status) => [
    nameOfStatus(status),
    responseOfStatus(status),
  ]),
)

/** Any operation may answer these. */
const common = [400, 401, 403, 406, ...beforeRouting.keys(), 422, 429, 500, 503, 504]

/** The errors that any operation may answer, and the given ones. */
export const errorRefs = (more: readonly number[] = []): Responses =>
  Object.fromEntries(
    [...common, ...more]
      .toSorted((a, b) => a - b)
      .map((status) => [
        String(status),
        { $ref: `#/components/responses/${nameOfStatus(status)}` },
      ]),
  )

export const notModified = (names: readonly string[] = []): ResponseObject => ({
  description: 'The body is still the one of If-None-Match.',
  headers: headerRefs(['ETag', ...names]),
})

/** Of a read whose answer is one JSON value. */
export const readResponses = (
  description: string,
  schema: JsonObject,
  errors: readonly number[] = [],
): Responses => ({
  200: { description, headers: headerRefs(['ETag']), content: jsonContent(schema) },
  304: notModified(),
  ...errorRefs(errors),
})

/** Headers and body of an answer with the written row. Empty if the policy lets no caller read the resource. */
export const shownContent = (
  resource: Resource,
  schema: JsonObject,
  names: readonly string[] = [],
): Pick<ResponseObject, 'headers' | 'content'> => ({
  headers: headerRefs([...names, 'Preference-Applied']),
  ...(isReadable(resource) && { content: jsonContent(schema) }),
})

/** The answer to a write without a body. */
export const emptyResponse = (
  description: string,
  names: readonly string[] = [],
): ResponseObject => ({
  description,
  headers: headerRefs([...names, 'Preference-Applied']),
})

/** The header with the version of a row that was written. */
export const tagNames = (resource: Resource): readonly string[] =>
  resource.version !== null && isReadable(resource) ? ['ETag'] : []

/** Several rows that were written, each null where the caller may not read it. */
export const writtenRows = ({ type }: Resource): JsonObject => ({
  type: 'object',
  required: ['data'],
  properties: { data: { type: 'array', items: { anyOf: [refTo(type), { type: 'null' }] } } },
})
