// Describes orders: the keys that rows are sorted by, and the fields that `distinctOn` compares.
import { COUNT } from '../model/counts.ts'
import { type Relation, type Resource, targetOf } from '../model/model.ts'
import { isMeasured, nearestOrder } from '../model/nearest.ts'
import {
  type LabelType,
  lazyObject,
  type ListType,
  type NamedType,
  optional,
  required,
} from '../values/value-types.ts'
import { type Describing, exactlyOneKey } from './describing.ts'
import { orderDirections, sortableFields } from './standard-inputs.ts'

/** The most keys of an order, of `distinctOn`, and of a group. */
export const MAX_KEYS = 8

export const directionType: LabelType = {
  type: 'enum',
  name: 'OrderDirection',
  description:
    'Which way to sort. Without a place, nulls come last in ASC and first in DESC, as in PostgreSQL.',
  labels: orderDirections,
}

/** What documents say of an order. */
export const ONE_KEY = 'What to sort by: exactly one member.'

export const orderType = (describing: Describing, resource: Resource): NamedType =>
  describing.once(`${resource.type}Order`, (name) =>
    lazyObject({ name, description: ONE_KEY, rule: exactlyOneKey }, () => {
      const { fields, relations } = describing.parts(resource)
      return [
        ...sortableFields({ fields }).map(
          (field) => [field.name, optional(directionType, field)] as const,
        ),
        ...[...fields.values()]
          .filter(isMeasured)
          .map((field) => [field.name, optional(nearestOrder(field), field)] as const),
        ...[...relations.values()].map(
          (relation) =>
            [relation.name, optional(relatedOrder(describing, relation), relation)] as const,
        ),
      ]
    }),
  )

/** Along a to-one relation by anything of its row, of a to-many by the number of its rows. */
function relatedOrder(describing: Describing, relation: Relation): NamedType {
  const target = targetOf(describing.model, relation)
  return relation.many ? listOrderType(describing, target) : orderType(describing, target)
}

const listOrderType = ({ once }: Describing, target: Resource): NamedType =>
  once(`${target.type}ListOrder`, (name) =>
    lazyObject(
      {
        name,
        description: `What to sort by of the related ${target.plural}: exactly one member.`,
        rule: exactlyOneKey,
      },
      () => [
        [COUNT, optional(directionType, { description: 'How many there are that you may see.' })],
      ],
    ),
  )

/** The fields that `distinctOn` may name. */
export const distinctOnType = (
  { parts }: Describing,
  resource: Resource,
): ListType & { readonly of: { readonly value: LabelType } } => {
  const value: LabelType = {
    type: 'enum',
    name: `${resource.type}Field`,
    description: `Fields of a ${resource.type} that rows can be told apart by.`,
    labels: sortableFields(parts(resource)).map(({ name }) => name),
  }
  return { type: 'list', most: MAX_KEYS, of: { value, nullable: false, optional: false } }
}

export const orderByType = (describing: Describing, resource: Resource): ListType => ({
  type: 'list',
  most: MAX_KEYS,
  of: required(orderType(describing, resource)),
})
