// Filters described: comparisons of a field, the filter of a resource, and the filter on related rows.
import { COUNT, countField } from '../model/counts.ts'
import { type Field, type Relation, type Resource, targetOf } from '../model/model.ts'
import { COMPARISONS } from '../model/operator.ts'
import { operatorsOf } from '../model/operators.ts'
import {
  lazyObject,
  type Member,
  type NamedType,
  optional,
  required,
} from '../values/value-types.ts'
import { type Describing, nonEmpty } from './describing.ts'
import { comparisonName } from './standard-inputs.ts'

/** Of two fields of one kind, the first describes the type for both. */
export const comparisonType = ({ once }: Describing, field: Field): NamedType =>
  once(comparisonName(field), (name) =>
    lazyObject({ name, description: COMPARISONS, rule: nonEmpty }, () =>
      operatorsOf(field).map((operator) => [
        operator.name,
        optional(operator.operand(field), operator),
      ]),
    ),
  )

export const filterType = (describing: Describing, resource: Resource): NamedType =>
  describing.once(`${resource.type}Filter`, (name) =>
    lazyObject(
      { name, description: `Which ${resource.plural} to take: every member must hold.` },
      () => {
        const { fields, relations } = describing.parts(resource)
        return [
          ...[...fields.values()].map(
            (field) => [field.name, optional(comparisonType(describing, field), field)] as const,
          ),
          ...[...relations.values()].map(
            (relation) => [relation.name, relatedFilter(describing, relation)] as const,
          ),
          ...combinations(() => filterType(describing, resource)),
        ]
      },
    ),
  )

/** `AND`, `OR` and `NOT`: filters are made of filters. */
export function combinations(self: () => NamedType): readonly (readonly [string, Member])[] {
  const all = { type: 'list', of: required(self()) } as const
  return [
    ['AND', optional(all, { description: 'All of these hold.' })],
    [
      'OR',
      optional(all, {
        description: 'One of these holds at least; an empty list matches nothing.',
      }),
    ],
    ['NOT', optional(self(), { description: 'This does not hold.' })],
  ]
}

function relatedFilter(describing: Describing, relation: Relation): Member {
  const target = targetOf(describing.model, relation)
  if (relation.many) return optional(listFilterType(describing, target), relation)
  return { ...optional(filterType(describing, target), relation), rule: nonEmpty }
}

export const listFilterType = (describing: Describing, target: Resource): NamedType =>
  describing.once(`${target.type}ListFilter`, (name) =>
    lazyObject(
      { name, description: `What holds of the related ${target.plural}.`, rule: nonEmpty },
      () => {
        const filter = filterType(describing, target)
        return [
          ['some', optional(filter, { description: 'One of them matches at least.' })],
          ['none', optional(filter, { description: 'None of them matches.' })],
          [
            'every',
            optional(filter, { description: 'All of them match; so it is where there are none.' }),
          ],
          [
            COUNT,
            optional(comparisonType(describing, countField), {
              description: 'How many there are that you may see.',
            }),
          ],
        ]
      },
    ),
  )
