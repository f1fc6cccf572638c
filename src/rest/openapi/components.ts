// Parts that operations of the OpenAPI document share: headers, errors, parameters, security.
import type { ErrorCode } from '../../errors.ts'
import { errorTable } from '../../errors.ts'
import type { PolicyNode } from '../../schema/declare/access.ts'
import { countSchema, offsetSchema } from './list-request.ts'
import { type JsonSchema, refTo } from './schemas.ts'

type Part = Readonly<Record<string, unknown>>

const header = (description: string, schema: JsonSchema = { type: 'string' }): Part => ({
  description,
  schema,
})

export const headers: Readonly<Record<string, Part>> = {
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
  'RateLimit-Policy': header('How many requests a caller may send in how many seconds.'),
  RateLimit: header('How many requests are left, and the seconds until the count starts again.'),
  'Accept-Patch': header('Media types of a body that a PATCH takes here (RFC 5789).'),
  'Accept-Post': header('Media types of a body that any other write takes.'),
  'Accept-Encoding': header('`identity`, where the body came compressed: such are not read.'),
  'Retry-After': header('Seconds to wait before trying again.', { type: 'integer', minimum: 0 }),
  'WWW-Authenticate': header('How to prove who you are.'),
}

const always = ['X-Request-Id', 'RateLimit-Policy', 'RateLimit']

export const headerRefs = (...names: readonly string[]): Part =>
  Object.fromEntries(
    [...names, ...always].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  )

export const jsonContent = (schema: JsonSchema): Part => ({ 'application/json': { schema } })

/** The codes that a status of an error stands for. */
const codesByStatus: ReadonlyMap<number, readonly ErrorCode[]> = Map.groupBy(
  Object.keys(errorTable) as ErrorCode[],
  (code) => errorTable[code].status,
) // keys of the table are its codes

const errorHeaders: Readonly<Record<number, readonly string[]>> = {
  401: ['WWW-Authenticate'],
  409: ['Retry-After'],
  415: ['Accept-Patch', 'Accept-Post', 'Accept-Encoding'],
  429: ['Retry-After'],
  503: ['Retry-After'],
}

/** Statuses of HTTP that are finer than the code's own: the server answers them before a route is met. */
const finer: ReadonlyMap<number, string> = new Map([
  [408, 'TIMEOUT: The request did not arrive in time.'],
  [414, 'BAD_REQUEST: The URL is too long.'],
  [431, 'BAD_REQUEST: The header fields are too long.'],
])

const nameOfStatus = (status: number): string => `Error${status}`

/** The response of a status of the catalogue. */
export const responseOfStatus = (status: number) => ({
  description:
    finer.get(status) ??
    (codesByStatus.get(status) ?? [])
      .map((code) => `${code}: ${errorTable[code].title}.`)
      .join(' '),
  headers: headerRefs(...(errorHeaders[status] ?? [])),
  content: { 'application/problem+json': { schema: refTo('Problem') } },
})

export const responses: Readonly<Record<string, Part>> = Object.fromEntries(
  [...codesByStatus.keys(), ...finer.keys()].map((status) => [
    nameOfStatus(status),
    responseOfStatus(status),
  ]),
)

/** What any operation may answer; others come with keys, bodies and writes. */
const common = [400, 401, 403, 406, ...finer.keys(), 422, 429, 500, 503, 504]

export const errorRefs = (...more: readonly number[]): Part =>
  Object.fromEntries(
    [...common, ...more]
      .toSorted((a, b) => a - b)
      .map((status) => [
        String(status),
        { $ref: `#/components/responses/${nameOfStatus(status)}` },
      ]),
  )

export const notModified = (...names: readonly string[]): Part => ({
  description: 'The body is still the one of If-None-Match.',
  headers: headerRefs('ETag', ...names),
})

const query = (name: string, description: string, schema: JsonSchema, example?: unknown): Part => ({
  name,
  in: 'query',
  description,
  schema,
  ...(example === undefined ? {} : { example }),
})

export const parameters: Readonly<Record<string, Part>> = {
  after: query('after', 'Rows behind this cursor, `page.next` of another page.', {
    type: 'string',
  }),
  before: query(
    'before',
    'Rows in front of this cursor, `page.previous` of another page; `end` for the last rows of all.',
    { type: 'string' },
  ),
  offset: query('offset', 'Rows to skip; not together with a cursor.', offsetSchema),
  count: query(
    'count',
    '`exact` counts all rows of the list as `page.total`; `estimated` counts up to 10,000, and from there on answers what the planner of the database expects.',
    countSchema,
  ),
  fields: query(
    'fields',
    "Fields to answer, by comma; those of relations behind a dot, as in `name,category.name`. Without it, a row's own fields.",
    { type: 'string' },
  ),
  include: query(
    'include',
    'Relations to answer too, by comma, as in `items,items.product`. Arguments of an included list stand behind its path:' +
      ' `items.limit`, `items.sort`, `items.distinctOn`, `items.where`, `items.fields`, `items.after`, `items.before`, `items.offset`, `items.count`, `items.search` where they can be searched, `items.nearest` where they have a distance.',
    { type: 'string' },
  ),
  ifNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    schema: { type: 'string' },
    description: 'Tags of answers that you have, as `ETag` gave them: 304 if it is one of them.',
  },
  ifMatch: {
    name: 'If-Match',
    in: 'header',
    schema: { type: 'string' },
    example: '"5f1c0a9be2d37c44"',
    description:
      'The version that the row must still have: a strong `ETag` of it, or `version` of GraphQL in quotes, or several by comma; else 412. `*` is any version, where none is required.',
  },
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    schema: { type: 'string', minLength: 1, maxLength: 512 },
    example: '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
    description:
      'Up to 255 characters, another one for every write: sent again with the same key within 24 hours, the same request is not done again but answered as it was.' +
      ' 409 while it still runs, IDEMPOTENCY_MISMATCH for another request. Only for callers who are signed in.',
  },
  prefer: {
    name: 'Prefer',
    in: 'header',
    schema: { type: 'string' },
    example: 'return=representation',
    description:
      '`return=minimal` answers no row, `return=representation` answers it; what is deleted is answered only so. `fields` and `include` are refused where no row is answered.',
  },
}

export const parameterRef = (name: string): Part => ({ $ref: `#/components/parameters/${name}` })

/** The same where it must be given. */
export const requiredParameter = (name: string): Part => ({ ...parameters[name], required: true })

export const securitySchemes: Readonly<Record<string, Part>> = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A JSON Web Token.' },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description: 'A key that the operators of this API gave out.',
  },
}

const credentials = [{ bearer: [] }, { apiKey: [] }]

/** Callers without credentials are let in where the policy may say yes to them. */
export const securityOf = (policy: PolicyNode): readonly Part[] =>
  mayBeAnonymous(policy) ? [{}, ...credentials] : credentials

function mayBeAnonymous(policy: PolicyNode): boolean {
  switch (policy.type) {
    case 'everyone':
    case 'filter':
    case 'decide':
      return true
    case 'not':
      return policy.of.type !== 'everyone' && policy.of.type !== 'owner' // the anonymous have no claims
    case 'any':
      return policy.of.some(mayBeAnonymous)
    case 'all':
      return policy.of.every(mayBeAnonymous)
    default:
      return false
  }
}
