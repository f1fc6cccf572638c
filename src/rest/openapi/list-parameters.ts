// Parameters of lists in the OpenAPI document: filter, order, search, page, and what to see.
import { isSortable, type Resource } from '../../schema/model/model.ts'
import { comparisonName, sortableFields } from '../../schema/inputs/standard-inputs.ts'
import { distinctSchema, nearestSchema, searchSchema } from './list-request.ts'
import { jsonContent, parameterRef } from './components.ts'
import { refTo } from './schemas.ts'
import { isReserved } from '../request/list-arguments.ts'

type Part = Readonly<Record<string, unknown>>

export const selecting = [parameterRef('fields'), parameterRef('include')]

const nearestParameter = (resource: Resource): Part => ({
  name: 'nearest',
  in: 'query',
  content: jsonContent(nearestSchema(resource, refTo)),
  description: 'What rows are to be near to, as JSON: the nearest come first, then `sort` decides.',
})

const searchParameter: Part = {
  name: 'search',
  in: 'query',
  schema: searchSchema,
  example: 'lamp -brass',
  description:
    'Words to find, as search engines take them: `"a phrase"`, `or`, `-without`. The best matches come first unless `sort` is given.',
}

/** `where`, and the comparisons on own fields. */
export function filterParametersOf(resource: Resource): readonly Part[] {
  const filters = [...resource.fields.values()]
    .filter((field) => !isReserved(resource, field.name))
    .map((field): Part => ({
      name: field.name,
      in: 'query',
      style: 'deepObject',
      explode: true,
      schema: refTo(comparisonName(field)),
      description: `Compares ${field.name}, as in \`${field.name}[isNull]=false\`. Lists are written by comma.`,
    }))
  return [
    {
      name: 'where',
      in: 'query',
      content: jsonContent(refTo(`${resource.type}Filter`)),
      description:
        'A filter as JSON, for all that the comparisons on own fields cannot say. Everything given holds at once.',
    },
    ...filters,
  ]
}

export function listParametersOf(resource: Resource): readonly Part[] {
  const sortable = [...resource.fields.values()].find(isSortable)?.name ?? 'id'
  return [
    ...filterParametersOf(resource),
    {
      name: 'sort',
      in: 'query',
      schema: { type: 'string' },
      example: `-${sortable}`,
      description:
        'Fields to sort by, by comma: - is descending, a dot leads through a to-one relation or to the `count` of a to-many, and `:nullsFirst` or `:nullsLast` may follow.',
    },
    ...(resource.measured ? [nearestParameter(resource)] : []),
    ...(resource.search === null ? [] : [searchParameter]),
    ...(sortableFields(resource).length === 0
      ? []
      : [
          {
            name: 'distinctOn',
            in: 'query',
            style: 'form',
            explode: false,
            schema: distinctSchema(resource),
            description:
              'The first row of each group that is equal in these fields; the order begins with them.',
          },
        ]),
    {
      name: 'limit',
      in: 'query',
      description: 'Rows of the page.',
      schema: {
        type: 'integer',
        minimum: 0,
        maximum: resource.page.max,
        default: resource.page.default,
      },
    },
    ...['after', 'before', 'offset', 'count'].map(parameterRef),
    ...selecting,
  ]
}
