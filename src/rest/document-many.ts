// Writes beyond those of one row in the OpenAPI document: lists of rows, PUT by a key, rows that a filter finds.
import type { Resource, StandardKind, StandardOperation } from '../schema/model.ts'
import { writable } from '../schema/shapes.ts'
import { errorRefs, headerRefs, jsonContent } from './document-parts.ts'
import { type JsonSchema, refTo } from './document-schemas.ts'

type Part = Readonly<Record<string, unknown>>

export const atMostParameter = ({ plural, page: { max } }: Resource): Part => ({
  name: 'atMost', in: 'query', required: true, schema: { type: 'integer', minimum: 1, maximum: max },
  description: `The most ${plural} to write. Where more match, none is written.`,
})

/** The body of a list of rows, and of an upsert: a create without what stands in the path. */
export function manyBody({ resource, standard, by }: StandardOperation, schemas: Readonly<Record<string, JsonSchema>>): Part {
  const { type, page: { max } } = resource
  if (standard === 'createMany') {
    return { requestBody: { required: true, content: jsonContent({ type: 'array', items: refTo(`${type}Create`), maxItems: max }) } }
  }
  if (standard !== 'upsert') return {}
  const { properties = {}, required: _required, ...rest } = (schemas[`${type}Create`] ?? {}) as { readonly properties?: Part, readonly required?: unknown } // of z.object, always
  const own = writable(resource, 'create') // nothing is written along relations here
  const left = own.filter((field) => field.create === 'required' && by?.fields.includes(field) !== true).map(({ name }) => name)
  const members = Object.fromEntries(Object.entries(properties).filter(([name]) => own.some((field) => field.name === name)))
  return { requestBody: {
    required: true, content: jsonContent({ ...rest, properties: members, ...left.length === 0 ? {} : { required: left } }),
    description: 'The row. Where it is there already, what is absent stays. The key is that of the path; a body may say it too.',
  } }
}

const preference = headerRefs('Preference-Applied')

export function manyResponses(resource: Resource, standard: StandardKind): Part {
  const row = refTo(resource.type)
  const shown = (description: string, schema: JsonSchema): Part =>
    ({ description, headers: preference, ...resource.access.read.type === 'nobody' ? {} : { content: jsonContent(schema) } })
  const rows: JsonSchema = { type: 'object', required: ['data'], properties: { data: { type: 'array', items: { anyOf: [row, { type: 'null' }] } } } }
  switch (standard) {
    case 'createMany': return { 201: shown('The rows as they were stored, in the order of the body; null for one that you may not read.', rows), ...errorRefs(409, 413, 415) }
    case 'upsert': return {
      200: shown('The row was there; as it is now.', row),
      201: { ...shown('The row was created; no body where you may not read it.', row), headers: headerRefs('Location', 'Preference-Applied') },
      204: { description: 'The row was there, and was changed; you may not read it, or asked for nothing.', headers: preference },
      ...errorRefs(409, 413, 415),
    }
    default: return {
      200: shown(standard === 'updateMany' ? 'The rows as they are now, in the order of their keys; null for one that you may no longer read.' : 'The rows as they were, in the order of their keys.', rows),
      204: { description: 'Done; you asked for nothing.', headers: preference },
      ...errorRefs(409, ...standard === 'updateMany' ? [413, 415] : []),
    }
  }
}
