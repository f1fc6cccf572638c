// JSON Schemas of what operations answer: rows, pages of them, and groups of an aggregate.
import {
  type EnumType,
  type Field,
  type Model,
  type Relation,
  type Resource,
  targetOf,
} from '../../../schema/model/model.ts'
import { aggregationOf, descriptionOf } from '../../../schema/model/aggregates.ts'
import { withDescription, fieldSchema, type JsonSchema, nullable, refTo } from '../schemas.ts'

export const rowSchema = (model: Model, resource: Resource): JsonSchema =>
  withDescription(
    {
      type: 'object',
      properties: {
        ...Object.fromEntries(
          [...resource.fields.values()].map((field) => [field.name, fieldSchema(field)]),
        ),
        ...Object.fromEntries(
          [...resource.relations.values()].map((relation) => [
            relation.name,
            withDescription(relatedSchema(targetOf(model, relation), relation), relation),
          ]),
        ),
      },
    },
    resource,
  )

function relatedSchema({ type }: Resource, relation: Relation): JsonSchema {
  if (relation.many) return refTo(`${type}Page`)
  return relation.nullable ? nullable(refTo(type)) : refTo(type)
}

export const pageSchema = (resource: Resource): JsonSchema => ({
  type: 'object',
  required: ['data', 'page'],
  properties: { data: { type: 'array', items: refTo(resource.type) }, page: refTo('PageInfo') },
})

export const pageInfo: JsonSchema = {
  type: 'object',
  required: ['next', 'previous'],
  properties: {
    next: {
      type: ['string', 'null'],
      description: 'The cursor to give as `after`; null on the last page.',
    },
    previous: {
      type: ['string', 'null'],
      description: 'The cursor to give as `before`; null on the first page.',
    },
    total: {
      type: 'integer',
      minimum: 0,
      description: 'All rows of the list; only with `count=exact` or `count=estimated`.',
    },
  },
}

export const enumSchema = (type: EnumType): JsonSchema => ({
  type: 'string',
  enum: type.values.map(({ label }) => label),
})

/** A group of an aggregate, `OrderItemAggregate`. */
export function groupSchema(resource: Resource): JsonSchema {
  const { keys, functions } = aggregationOf(resource)
  const valuesOf = (
    description: string,
    values: Iterable<readonly [string, Field]>,
  ): JsonSchema => ({
    type: 'object',
    description,
    properties: Object.fromEntries([...values].map(([name, value]) => [name, fieldSchema(value)])),
  })
  const key = valuesOf(
    `${descriptionOf.key} Absent where there are none.`,
    [...keys.values()].map(({ name, value }) => [name, value]),
  )
  const figures = [...functions].map(([name, aggregates]) => [
    name,
    valuesOf(
      descriptionOf[name],
      [...aggregates].map(([of, { value }]) => [of, value]),
    ),
  ])
  return {
    type: 'object',
    description: `A group of ${resource.plural}: its key, and what was asked for.`,
    properties: {
      ...(keys.size === 0 ? {} : { key }),
      count: { type: 'integer', minimum: 0, description: descriptionOf.count },
      ...Object.fromEntries(figures),
    },
  }
}
