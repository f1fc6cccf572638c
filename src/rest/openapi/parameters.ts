// Parameters of the OpenAPI document: those that operations share, and the key in a path.
import { defined } from '../../defined.ts'
import type { Field, StandardOperation } from '../../schema/model/model.ts'
import { selectionParameters } from '../request/list-arguments.ts'
import { isReadable } from '../request/write-options.ts'
import type { JsonObject } from './description.ts'
import { countSchema, offsetSchema } from './list-request.ts'
import { wireSchema } from './schemas.ts'

const inQuery = (name: string, description: string, schema: JsonObject): JsonObject => ({
  name,
  in: 'query',
  description,
  schema,
})

const text: JsonObject = { type: 'string' }

export const parameters: Readonly<Record<string, JsonObject>> = {
  after: inQuery('after', 'Rows behind this cursor, `page.next` of another page.', text),
  before: inQuery(
    'before',
    'Rows in front of this cursor, `page.previous` of another page; `end` for the last rows of all.',
    text,
  ),
  offset: inQuery('offset', 'Rows to skip; not together with a cursor.', offsetSchema),
  count: inQuery(
    'count',
    '`exact` counts all rows of the list as `page.total`; `estimated` counts up to 10,000, and from there on answers what the planner of the database expects.',
    countSchema,
  ),
  fields: inQuery(
    'fields',
    "Fields to answer, by comma; those of relations behind a dot, as in `name,category.name`. Without it, a row's own fields.",
    text,
  ),
  include: inQuery(
    'include',
    'Relations to answer too, by comma, as in `items,items.product`. Arguments of an included list stand behind its path:' +
      ' `items.limit`, `items.sort`, `items.distinctOn`, `items.where`, `items.fields`, `items.after`, `items.before`, `items.offset`, `items.count`, `items.search` where they can be searched, `items.nearest` where they have a distance.',
    text,
  ),
  ifNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    schema: text,
    description: 'Tags of answers that you have, as `ETag` gave them: 304 if it is one of them.',
  },
  ifMatch: {
    name: 'If-Match',
    in: 'header',
    schema: text,
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
    schema: text,
    example: 'return=representation',
    description:
      '`return=minimal` answers no row, `return=representation` answers it; what is deleted is answered only so. `fields` and `include` are refused where no row is answered.',
  },
}

export const parameterRef = (name: string): JsonObject => ({
  $ref: `#/components/parameters/${name}`,
})

/** The shared parameter where a request must have it. */
export const requiredParameter = (name: string): JsonObject => ({
  ...parameters[name],
  required: true,
})

/** `fields` and `include`. */
export const selectionRefs: readonly JsonObject[] = selectionParameters.map(parameterRef)

/** What every read takes beside its own parameters. */
export const ifNoneMatch = parameterRef('ifNoneMatch')

/** The key of a row, in the path. */
export const keyParameters = (fields: readonly Field[]): readonly JsonObject[] =>
  fields.map((field) => ({
    name: field.name,
    in: 'path',
    required: true,
    schema: wireSchema(field),
    ...defined({ description: field.description }),
  }))

/** `Prefer`, and the parameters that select parts of the written rows if the policy lets any caller read the resource. */
export const writeParameters = ({ resource }: StandardOperation): readonly JsonObject[] => [
  ...(isReadable(resource) ? selectionRefs : []),
  parameterRef('prefer'),
]
