// What an aggregate is asked with, described: its groups, the filter on them and their order.
import {
  type Aggregate,
  aggregationOf,
  descriptionOf,
  type FieldFunction,
  typeSuffixOf,
} from '../model/aggregates.ts'
import type { Field, Resource } from '../model/model.ts'
import {
  type About,
  lazyObject,
  type ListType,
  type Member,
  type NamedType,
  optional,
  required,
} from '../values/value-types.ts'
import { type Describing, exactlyOneKey, nonEmpty } from './describing.ts'
import { combinations, comparisonType } from './filter-types.ts'
import { directionType, MAX_KEYS, ONE_KEY } from './order-types.ts'

type Named = readonly [string, Member]

export function groupByType(resource: Resource): ListType {
  const keys = [...aggregationOf(resource).keys.values()]
  return {
    type: 'list',
    most: MAX_KEYS,
    unique: 'Name each key once.',
    of: required({
      type: 'enum',
      name: `${resource.type}GroupBy`,
      description: `What ${resource.plural} can be grouped by. The part of a date or time is the moment that it begins with, in UTC; weeks begin on Monday.`,
      labels: keys.map(({ name }) => name),
      about: new Map(
        keys.flatMap(({ name, part, value }) => (part === null ? [[name, value]] : [])),
      ),
    }),
  }
}

export const havingType = (describing: Describing, resource: Resource): NamedType =>
  describing.once(`${resource.type}Having`, (name) =>
    lazyObject(
      {
        name,
        description: `Which groups of ${resource.plural} to take: every member must hold.`,
      },
      () => {
        const { count, functions } = aggregationOf(resource)
        return [
          [
            'count',
            optional(comparisonType(describing, count.value), { description: descriptionOf.count }),
          ],
          ...[...functions].map(([word, aggregates]): Named => {
            const type = valuesHaving(describing, resource, [word, aggregates])
            return [word, optional(type, { description: descriptionOf[word] })]
          }),
          ...combinations(() => havingType(describing, resource)),
        ]
      },
    ),
  )

type FunctionAggregates = readonly [FieldFunction, ReadonlyMap<string, Aggregate>]

/** Functions of equal values share a type. */
const valuesHaving = (
  describing: Describing,
  { type, plural }: Resource,
  [word, aggregates]: FunctionAggregates,
): NamedType =>
  describing.once(`${type}${typeSuffixOf[word].output}Having`, (name) =>
    lazyObject(
      {
        name,
        description: `What values of a group of ${plural} are compared with: every member must hold.`,
        inPlace: true,
        rule: nonEmpty,
      },
      () =>
        [...aggregates].map(([of, { value }]) => [
          of,
          optional(comparisonType(describing, value), onlyDeprecated(value)),
        ]),
    ),
  )

/** What a field is has been said where it is shown. */
const onlyDeprecated = ({ deprecated }: Field): About => ({ deprecated })

export const groupOrderType = (describing: Describing, resource: Resource): ListType => ({
  type: 'list',
  most: MAX_KEYS,
  of: required(
    describing.once(`${resource.type}AggregateOrder`, (name) =>
      lazyObject(
        {
          name,
          description: `What to sort groups of ${resource.plural} by: exactly one member.`,
          rule: exactlyOneKey,
        },
        () => groupOrderMembers(describing, resource),
      ),
    ),
  ),
})

function groupOrderMembers(describing: Describing, resource: Resource): readonly Named[] {
  const { keys, functions } = aggregationOf(resource)
  const values = [...keys.values()].map(({ name, value }) => [name, value] as const)
  return [
    [
      'key',
      optional(directions(describing, `${resource.type}GroupKeyOrder`, values), {
        description: 'A key that is grouped by.',
      }),
    ],
    ['count', optional(directionType, { description: descriptionOf.count })],
    ...[...functions].map(([word, aggregates]): Named => {
      const fields = [...aggregates].map(([of, { value }]) => [of, value] as const)
      const type = directions(describing, resource.type + typeSuffixOf[word].order, fields)
      return [word, optional(type, { description: descriptionOf[word] })]
    }),
  ]
}

const directions = (
  { once }: Describing,
  typeName: string,
  fields: readonly (readonly [string, Field])[],
): NamedType =>
  once(typeName, (name) =>
    lazyObject({ name, description: ONE_KEY, rule: exactlyOneKey }, () =>
      fields.map(([field, value]) => [field, optional(directionType, onlyDeprecated(value))]),
    ),
  )
