// Values of a request as GraphQL takes them: labels of enums become the names of its enum values.
import { isGraphqlName, toGraphqlLabel } from '../../../schema/declare/names.ts'
import { type Aggregate, aggregationOf } from '../../../schema/model/aggregates.ts'
import { COUNT } from '../../../schema/model/counts.ts'
import { type Field, type Model, type Resource, targetOf } from '../../../schema/model/model.ts'
import { nestedOf } from '../../../schema/model/nested.ts'
import type { ValueType } from '../../../schema/values/zod-types.ts'
import { atPath, mapElements, mapMembers } from '../../objects.ts'
import type { ParityOrder } from '../../request.ts'
import { toEnumName } from './literals.ts'

export function toEnumValue(field: Field, value: unknown): unknown {
  if (field.enum === null) return value
  if (Array.isArray(value)) return value.map((one) => toEnumValue(field, one))
  const known = field.enum.values.find(({ label }) => label === value)
  return known === undefined ? value : toEnumName(known.graphql)
}

/** The input of a create or an update, with the rows along its relations. */
export const toInput = (model: Model, resource: Resource, input: unknown): unknown =>
  mapMembers(input, (name, value) => {
    const field = resource.fields.get(name)
    if (field !== undefined) return toEnumValue(field, value)
    const nested = nestedOf(model, resource).find(({ relation }) => relation.name === name)
    if (nested === undefined) return value
    return mapMembers(value, (verb, rows) =>
      verb === 'create' ? toInputs(model, nested.target, rows) : rows,
    )
  })

/** One input or a list of them. */
export const toInputs = (model: Model, resource: Resource, rows: unknown): unknown =>
  Array.isArray(rows)
    ? rows.map((row) => toInput(model, resource, row))
    : toInput(model, resource, rows)

export const toFilter = (model: Model, resource: Resource, filter: unknown): unknown =>
  mapMembers(filter, (name, value) => {
    if (Array.isArray(value)) return value.map((one) => toFilter(model, resource, one))
    if (name === 'NOT') return toFilter(model, resource, value)
    const field = resource.fields.get(name)
    if (field !== undefined) return withEnumValues(field, value)
    const relation = resource.relations.get(name)
    if (relation === undefined) return value
    const target = targetOf(model, relation)
    if (!relation.many) return toFilter(model, target, value)
    return mapMembers(value, (word, inner) =>
      word === COUNT ? inner : toFilter(model, target, inner),
    )
  })

/** A comparison of a field: operands by operator. */
const withEnumValues = (field: Field, comparison: unknown): unknown =>
  mapMembers(comparison, (_operator, operand) => toEnumValue(field, operand))

/** A filter on groups. */
export function toHaving(resource: Resource, having: unknown): unknown {
  const functions = new Map<string, ReadonlyMap<string, Aggregate>>(
    aggregationOf(resource).functions,
  )
  return mapMembers(having, (name, value) => {
    if (name === 'NOT') return toHaving(resource, value)
    if (Array.isArray(value)) return value.map((one) => toHaving(resource, one))
    const aggregates = functions.get(name)
    if (aggregates === undefined) return value
    return mapMembers(value, (of, comparison) => {
      const aggregate = aggregates.get(of)
      return aggregate === undefined ? comparison : withEnumValues(aggregate.value, comparison)
    })
  })
}

/** An order as a list of objects, one for each key. */
export const toOrder = (orderBy: readonly ParityOrder[] | undefined): unknown =>
  orderBy?.map(({ path, direction, nearest }) =>
    atPath(
      path,
      nearest === undefined ? toEnumName(direction) : { nearest: withMetricName(nearest) },
    ),
  )

/** The metric of a distance is an enum. */
const withMetricName = (nearest: unknown): unknown =>
  mapMembers(nearest, (name, value) =>
    name === 'metric' && typeof value === 'string' && isGraphqlName(value)
      ? toEnumName(value)
      : value,
  )

const toLabelName = (labels: readonly string[], value: unknown): unknown =>
  typeof value === 'string' && labels.includes(value) ? toEnumName(toGraphqlLabel(value)) : value

/** The input of a team's own operation; an absent one is an empty object. */
export function toCustomInput(type: ValueType, value: unknown): unknown {
  switch (type.type) {
    case 'scalar':
      return value
    case 'enum':
      return toLabelName(type.labels, value)
    case 'list':
      return mapElements(value, (one) => toCustomInput(type.of.value, one))
    case 'object':
      return mapMembers(value === undefined ? {} : value, (name, one) => {
        const member = type.members.get(name)
        return member === undefined ? one : toCustomInput(member.value, one)
      })
  }
}
