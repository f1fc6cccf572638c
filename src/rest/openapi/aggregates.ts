// Aggregates in the OpenAPI document: their own parameters.
import { aggregatesByPath, aggregationOf } from '../../schema/model/aggregates.ts'
import type { Resource } from '../../schema/model/model.ts'
import { offsetSchema } from './list-request.ts'

type Part = Readonly<Record<string, unknown>>

const listOfNames = (names: Iterable<string>, more: Part = {}): Part => ({
  style: 'form',
  explode: false,
  schema: { type: 'array', items: { type: 'string', enum: [...names] }, ...more },
})

/** Parameters beside the filter on rows. */
export function aggregateParametersOf(resource: Resource): readonly Part[] {
  const { type, page } = resource
  const aggregation = aggregationOf(resource)
  const [key] = aggregation.keys.keys()
  return [
    ...(key === undefined
      ? []
      : [
          {
            name: 'groupBy',
            in: 'query',
            ...listOfNames(aggregation.keys.keys(), { maxItems: 8, uniqueItems: true }),
            description:
              'What to group by, by comma; without it, all rows are one group. The part of a date or time is the moment that it begins with, in UTC; weeks begin on Monday.',
          },
        ]),
    {
      name: 'fields',
      in: 'query',
      ...listOfNames(aggregatesByPath(aggregation).keys(), { default: ['count'], minItems: 1 }),
      description: 'What to answer of each group beside its key, by comma.',
    },
    {
      name: 'having',
      in: 'query',
      content: { 'application/json': { schema: { $ref: `#/components/schemas/${type}Having` } } },
      description: 'A filter on groups as JSON.',
    },
    {
      name: 'sort',
      in: 'query',
      schema: { type: 'string' },
      example: '-count',
      description: `What to sort groups by, by comma: \`count\`, a function and its field as in \`fields\`, ${key === undefined ? '' : `or a key, as in \`key.${key}\`; `}- is descending, and \`:nullsFirst\` or \`:nullsLast\` may follow.`,
    },
    {
      name: 'limit',
      in: 'query',
      schema: { type: 'integer', minimum: 0, maximum: page.groups },
      description: `Groups to answer. Without it all of them are answered, and an error where there are more than ${page.groups}.`,
    },
    { name: 'offset', in: 'query', schema: offsetSchema, description: 'Groups to skip.' },
  ]
}
