// Parameters of lists in the OpenAPI document: filter, order, search and page.
import { isSortable, type Resource } from '../../schema/model/model.ts'
import { comparisonName, sortableFields } from '../../schema/inputs/standard-inputs.ts'
import { isReserved } from '../request/list-arguments.ts'
import type { JsonObject } from './description.ts'
import { distinctSchema, nearestSchema, searchSchema } from './list-request.ts'
import { parameterRef, selectionRefs } from './parameters.ts'
import { jsonContent } from './responses.ts'
import { refTo } from './schemas.ts'

/** `where`, and the comparisons on own fields. */
export function filterParameters(resource: Resource): readonly JsonObject[] {
  const comparisons = [...resource.fields.values()]
    .filter((field) => !isReserved(resource, field.name))
    .map((field): JsonObject => ({
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
    ...comparisons,
  ]
}

/** All parameters of a list, those that choose what to see of its rows included. */
export const listParameters = (resource: Resource): readonly JsonObject[] => [
  ...filterParameters(resource),
  sortParameter(resource),
  ...nearestParameters(resource),
  ...searchParameters(resource),
  ...distinctParameters(resource),
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
  ...selectionRefs,
]

const sortParameter = ({ fields }: Resource): JsonObject => ({
  name: 'sort',
  in: 'query',
  schema: { type: 'string' },
  example: `-${[...fields.values()].find(isSortable)?.name ?? 'id'}`,
  description:
    'Fields to sort by, by comma: - is descending, a dot leads through a to-one relation or to the `count` of a to-many, and `:nullsFirst` or `:nullsLast` may follow.',
})

function nearestParameters(resource: Resource): readonly JsonObject[] {
  if (!resource.measured) return []
  const description =
    'What rows are to be near to, as JSON: the nearest come first, then `sort` decides.'
  const content = jsonContent(nearestSchema(resource, refTo))
  return [{ name: 'nearest', in: 'query', content, description }]
}

function searchParameters({ search }: Resource): readonly JsonObject[] {
  if (search === null) return []
  const description =
    'Words to find, as search engines take them: `"a phrase"`, `or`, `-without`. The best matches come first unless `sort` is given.'
  const example = 'lamp -brass'
  return [{ name: 'search', in: 'query', schema: searchSchema, example, description }]
}

function distinctParameters(resource: Resource): readonly JsonObject[] {
  if (sortableFields(resource).length === 0) return []
  const description =
    'The first row of each group that is equal in these fields; the order begins with them.'
  const schema = distinctSchema(resource)
  return [{ name: 'distinctOn', in: 'query', style: 'form', explode: false, schema, description }]
}
