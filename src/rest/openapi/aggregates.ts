// Aggregates in the OpenAPI document: their own parameters, and the schemas of groups and of the filter on them.
import {
  type Aggregate,
  aggregatesByPath,
  aggregationOf,
  descriptionOf,
} from '../../schema/model/aggregates.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import { comparisonName } from '../../schema/inputs/standard-inputs.ts'
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

export interface ValueSchemas {
  fieldSchema(field: Field): Part
  refTo(name: string): Part
}

/** `OrderItemAggregate`, `OrderItemHaving`. */
export function aggregateSchemas(
  resource: Resource,
  { fieldSchema, refTo }: ValueSchemas,
): readonly (readonly [string, Part])[] {
  const { keys, functions } = aggregationOf(resource)
  const object = (properties: Part, more: Part = {}): Part => ({
    type: 'object',
    ...more,
    properties,
  })
  const filter = (properties: Part): Part =>
    object(properties, { additionalProperties: false, minProperties: 1 })
  const each = (aggregates: ReadonlyMap<string, Aggregate>, schema: (field: Field) => Part): Part =>
    Object.fromEntries([...aggregates].map(([name, { value }]) => [name, schema(value)]))
  const self = refTo(`${resource.type}Having`)
  const compared = (field: Field): Part => refTo(comparisonName(field))
  return [
    [
      `${resource.type}Aggregate`,
      object(
        {
          ...(keys.size === 0
            ? {}
            : {
                key: object(
                  Object.fromEntries(
                    [...keys.values()].map(({ name, value }) => [name, fieldSchema(value)]),
                  ),
                  { description: `${descriptionOf.key} Absent where there are none.` },
                ),
              }),
          count: { type: 'integer', minimum: 0, description: descriptionOf.count },
          ...Object.fromEntries(
            [...functions].map(([name, aggregates]) => [
              name,
              object(each(aggregates, fieldSchema), { description: descriptionOf[name] }),
            ]),
          ),
        },
        { description: `A group of ${resource.plural}: its key, and what was asked for.` },
      ),
    ],
    [
      `${resource.type}Having`,
      object(
        {
          count: refTo('IntFilter'),
          ...Object.fromEntries(
            [...functions].map(([name, aggregates]) => [name, filter(each(aggregates, compared))]),
          ),
          AND: { type: 'array', items: self },
          OR: { type: 'array', items: self },
          NOT: self,
        },
        {
          additionalProperties: false,
          description: `Which groups of ${resource.plural} to take: all members hold at once.`,
        },
      ),
    ],
  ]
}
