// The body of a list request in the OpenAPI document, in place of its query string (see query-body.ts).
import type { Resource } from '../../schema/model/model.ts'
import { isMeasured } from '../../schema/model/nearest.ts'
import { sortableFields } from '../../schema/inputs/standard-inputs.ts'

type Part = Readonly<Record<string, unknown>>

/** As many as 32 bits hold. */
export const offsetSchema: Part = { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1 }

export const countSchema: Part = {
  type: 'string',
  enum: ['exact', 'estimated', 'none'],
  default: 'none',
}

export const searchSchema: Part = { type: 'string', maxLength: 1000 }

/** The most keys of an order, and fields of `distinctOn`. */
const MAX_KEYS = 8

export const distinctSchema = (resource: Resource): Part => ({
  type: 'array',
  items: { type: 'string', enum: sortableFields(resource).map(({ name }) => name) },
  minItems: 1,
  maxItems: MAX_KEYS,
})

/** Columns of to-one relations stand below the relation's name. */
export const nearestSchema = (
  { fields, relations }: Resource,
  refTo: (name: string) => Part,
): Part => ({
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    ...Object.fromEntries(
      [...fields.values()]
        .filter(isMeasured)
        .map(({ name, kind }) => [
          name,
          refTo(kind.name === 'geometry' ? 'GeoNearest' : 'VectorNearest'),
        ]),
    ),
    ...Object.fromEntries(
      [...relations.values()]
        .filter(({ many }) => !many)
        .map(({ name }) => [name, { type: 'object' }]),
    ),
  },
})

const text: Part = { type: 'string', minLength: 1 }

const names = (more: Part = {}): Part => ({
  anyOf: [text, { type: 'array', items: text, minItems: 1, ...more }],
})

const keys = names({ maxItems: MAX_KEYS })

/** Arguments of included lists, `items.limit`, whatever the list: the maximum of a page is its own. */
const included: Readonly<Record<string, Part>> = {
  where: { type: 'object' },
  sort: keys,
  distinctOn: keys,
  nearest: { type: 'object', minProperties: 1 },
  search: searchSchema,
  limit: { type: 'integer', minimum: 0 },
  after: text,
  before: text,
  offset: offsetSchema,
  count: countSchema,
  fields: names(),
}

const argumentOf = (name: string): string =>
  `^[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)*[.]${name}$`

export const listRequestSchema = (resource: Resource, refTo: (name: string) => Part): Part => ({
  type: 'object',
  additionalProperties: false,
  description: `A request for ${resource.plural}: the parameters of the list by the same names. Names are text with commas, or a list.`,
  properties: {
    where: refTo(`${resource.type}Filter`),
    sort: keys,
    distinctOn: { anyOf: [text, distinctSchema(resource)] },
    ...(resource.measured && { nearest: nearestSchema(resource, refTo) }),
    ...(resource.search !== null && { search: searchSchema }),
    limit: {
      type: 'integer',
      minimum: 0,
      maximum: resource.page.max,
      default: resource.page.default,
    },
    after: text,
    before: text,
    offset: offsetSchema,
    count: countSchema,
    fields: names(),
    include: names(),
  },
  patternProperties: Object.fromEntries(
    Object.entries(included).map(([name, schema]) => [argumentOf(name), schema]),
  ),
})
