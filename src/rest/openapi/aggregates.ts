// Schemas of aggregates in the OpenAPI document: groups, and the filter on them.
import { type Aggregate, aggregationOf, descriptionOf } from '../../schema/model/aggregates.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import { comparisonName } from '../../schema/inputs/standard-inputs.ts'
import type { JsonObject } from './description.ts'

export interface ValueSchemas {
  fieldSchema(field: Field): JsonObject
  refTo(name: string): JsonObject
}

/** `OrderItemAggregate`, `OrderItemHaving`. */
export const aggregateSchemas = (
  resource: Resource,
  { fieldSchema, refTo }: ValueSchemas,
): readonly (readonly [string, JsonObject])[] => [
  [`${resource.type}Aggregate`, groupSchema(resource, fieldSchema)],
  [`${resource.type}Having`, havingSchema(resource, refTo)],
]

function groupSchema(resource: Resource, fieldSchema: ValueSchemas['fieldSchema']): JsonObject {
  const { keys, functions } = aggregationOf(resource)
  const key = Object.fromEntries(
    [...keys.values()].map(({ name, value }) => [name, fieldSchema(value)]),
  )
  const figures = [...functions].map(([name, aggregates]) => [
    name,
    {
      type: 'object',
      description: descriptionOf[name],
      properties: mapValues(aggregates, fieldSchema),
    },
  ])
  const properties = {
    count: { type: 'integer', minimum: 0, description: descriptionOf.count },
    ...Object.fromEntries(figures),
  }
  return {
    type: 'object',
    description: `A group of ${resource.plural}: its key, and what was asked for.`,
    properties: keys.size === 0 ? properties : { key: keySchema(key), ...properties },
  }
}

const keySchema = (properties: JsonObject): JsonObject => ({
  type: 'object',
  description: `${descriptionOf.key} Absent where there are none.`,
  properties,
})

/** A schema for the value of each aggregate. */
const mapValues = (
  aggregates: ReadonlyMap<string, Aggregate>,
  schema: (field: Field) => JsonObject,
): JsonObject =>
  Object.fromEntries([...aggregates].map(([name, { value }]) => [name, schema(value)]))

function havingSchema(resource: Resource, refTo: ValueSchemas['refTo']): JsonObject {
  const self = refTo(`${resource.type}Having`)
  const comparison = (field: Field): JsonObject => refTo(comparisonName(field))
  const figures = [...aggregationOf(resource).functions].map(([name, aggregates]) => [
    name,
    {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      properties: mapValues(aggregates, comparison),
    },
  ])
  return {
    type: 'object',
    additionalProperties: false,
    description: `Which groups of ${resource.plural} to take: all members hold at once.`,
    properties: {
      count: refTo('IntFilter'),
      ...Object.fromEntries(figures),
      AND: { type: 'array', items: self },
      OR: { type: 'array', items: self },
      NOT: self,
    },
  }
}
