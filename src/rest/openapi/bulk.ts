// Writes beyond those of one row in the OpenAPI document: lists of rows, PUT by a key, rows that a filter finds.
import type { Field, Resource, StandardKind, StandardOperation } from '../../schema/model/model.ts'
import { writable } from '../../schema/inputs/standard-inputs.ts'
import { filterParametersOf } from './list-parameters.ts'
import { errorRefs, headerRefs, jsonContent } from './components.ts'
import { type JsonSchema, refTo } from './schemas.ts'

type Part = Readonly<Record<string, unknown>>

/** Which rows are written: a column of the same name as the bound is compared as `atMost[eq]`, or in `where`. */
export const manyParametersOf = (resource: Resource): readonly Part[] => [
  ...filterParametersOf(resource).filter(({ name }) => name !== 'atMost'),
  {
    name: 'atMost',
    in: 'query',
    required: true,
    schema: { type: 'integer', minimum: 1, maximum: resource.page.max },
    description: `The most ${resource.plural} to write. Where more match, none is written; without a filter, or with one that every row passes, it is an error.`,
  },
]

/** The body of a list of rows, and of an upsert: a create without what stands in the path. */
export function manyBody(
  { resource, standard, by }: StandardOperation,
  schemas: Readonly<Record<string, JsonSchema>>,
): Part {
  const {
    type,
    page: { max },
  } = resource
  if (standard === 'createMany') {
    return {
      requestBody: {
        required: true,
        content: jsonContent({ type: 'array', items: refTo(`${type}Create`), maxItems: max }),
      },
    }
  }
  if (standard !== 'upsert') return {}
  return {
    requestBody: {
      required: true,
      content: jsonContent(aloneSchema(resource, schemas, by?.fields ?? [])),
      description:
        'The row. Where it is there already, what is absent stays. The key is that of the path; a body may say it too.',
    },
  }
}

/** A new row of its own fields alone, as these writes take it; what the path says may be left out, and is never null. */
function aloneSchema(
  resource: Resource,
  schemas: Readonly<Record<string, JsonSchema>>,
  inPath: readonly Field[],
): JsonSchema {
  const {
    properties,
    required: _required,
    allOf: _links,
    ...rest
  } = (schemas[`${resource.type}Create`] ?? {}) as {
    readonly properties?: Readonly<Record<string, JsonSchema>>
    readonly required?: unknown
    readonly allOf?: unknown
  } // of z.object, always
  const isInPath = (name: string): boolean => inPath.some((field) => field.name === name)
  const own = writable(resource, 'create')
  const required = own
    .filter((field) => field.create === 'required' && !isInPath(field.name))
    .map(({ name }) => name)
  return {
    ...rest,
    properties: Object.fromEntries(
      own.map(({ name }) => [
        name,
        isInPath(name) ? withoutNull(properties?.[name] ?? {}) : (properties?.[name] ?? {}),
      ]),
    ),
    ...(required.length === 0 ? {} : { required }),
  }
}

/** What was made nullable, as it was before. */
function withoutNull({ type, anyOf, ...rest }: JsonSchema): JsonSchema {
  const isNull = (schema: unknown): boolean => (schema as JsonSchema)['type'] === 'null' // members of anyOf are schemas
  if (Array.isArray(anyOf)) return { ...rest, ...(anyOf.find((one) => !isNull(one)) as JsonSchema) }
  const [one, ...more] = Array.isArray(type) ? type.filter((name) => name !== 'null') : [type]
  return {
    ...(one === undefined ? {} : { type: more.length === 0 ? one : [one, ...more] }),
    ...rest,
  }
}

/** What tells the version of a row that was written, where there is one and somebody may read it. */
export const tagOf = ({ version, access }: Resource): readonly string[] =>
  version === null || access.read.type === 'nobody' ? [] : ['ETag']

export function manyResponses(resource: Resource, standard: StandardKind): Part {
  const row = refTo(resource.type)
  const tag = tagOf(resource)
  const shown = (description: string, schema: JsonSchema, ...names: readonly string[]): Part => ({
    description,
    headers: headerRefs(...names, 'Preference-Applied'),
    ...(resource.access.read.type === 'nobody' ? {} : { content: jsonContent(schema) }),
  })
  const rows: JsonSchema = {
    type: 'object',
    required: ['data'],
    properties: { data: { type: 'array', items: { anyOf: [row, { type: 'null' }] } } },
  }
  switch (standard) {
    case 'createMany':
      return {
        201: shown(
          'The rows as they were stored, in the order of the body; null for one that you may not read. No body where you may read none, or asked for nothing.',
          rows,
        ),
        ...errorRefs(409, 413, 415),
      }
    case 'upsert':
      return {
        200: shown('The row was there; as it is now.', row, ...tag),
        201: shown(
          'The row was created; no body where you may not read it, or asked for nothing.',
          row,
          ...tag,
          'Location',
        ),
        204: {
          description:
            'The row was there, and was changed; you may not read it, or asked for nothing.',
          headers: headerRefs(...tag, 'Preference-Applied'),
        },
        ...errorRefs(409, 413, 415),
      }
    default:
      return {
        200: shown(
          standard === 'updateMany'
            ? 'The rows as they are now, in the order of their keys; null for one that you may no longer read.'
            : 'The rows as they were, in the order of their keys.',
          rows,
        ),
        204: {
          description: 'Done; you may read none of the rows, or asked for nothing.',
          headers: headerRefs('Preference-Applied'),
        },
        ...errorRefs(409, 413, 415),
      }
  }
}
