// Random filters: comparisons of fields, logic, and filters on related rows.
import * as fc from 'fast-check'
import { COUNT } from '../../../schema/model/counts.ts'
import { type Field, type Relation, type Resource, targetOf } from '../../../schema/model/model.ts'
import { operatorsOf } from '../../../schema/model/operators.ts'
import { weighted } from '../arbitraries.ts'
import type { SampledModel } from '../values.ts'
import { randomOperand } from './operands.ts'

type Member = readonly [name: string, value: unknown]

const objectIn = (members: readonly Member[]): object => Object.fromEntries(members)

/** @param depth how many levels of logic and relations there may be below */
export function randomFilter(
  source: SampledModel,
  resource: Resource,
  depth: number,
): fc.Arbitrary<object> {
  const comparison = fc
    .constantFrom(...resource.fields.values())
    .chain((field) =>
      randomComparison(source, resource, field).map((value): Member => [field.name, value]),
    )
  if (depth === 0) return fc.array(comparison, { minLength: 1, maxLength: 2 }).map(objectIn)
  const relations = [...resource.relations.values()]
  const related =
    relations.length === 0
      ? comparison
      : fc
          .constantFrom(...relations)
          .chain((relation) =>
            relatedOf(source, relation, depth - 1).map((value): Member => [relation.name, value]),
          )
  const member = weighted<Member>(
    [5, comparison],
    [1, logicOf(() => randomFilter(source, resource, depth - 1))],
    [2, related],
  )
  return fc.array(member, { minLength: 1, maxLength: 3 }).map(objectIn)
}

const logicOf = (below: () => fc.Arbitrary<object>): fc.Arbitrary<Member> =>
  fc
    .constantFrom('AND', 'OR', 'NOT')
    .chain((word) =>
      word === 'NOT'
        ? below().map((filter): Member => [word, filter])
        : fc.array(below(), { maxLength: 2 }).map((filters): Member => [word, filters]),
    )

/** A filter on the row of a to-one relation; for a to-many one a quantifier or a count. */
function relatedOf(source: SampledModel, relation: Relation, depth: number): fc.Arbitrary<object> {
  const filter = randomFilter(source, targetOf(source.model, relation), depth)
  if (!relation.many) return filter
  const quantified = fc
    .tuple(fc.constantFrom('some', 'none', 'every'), filter)
    .map(([quantifier, value]): object => ({ [quantifier]: value }))
  return weighted<object>([3, quantified], [1, counts.map((count) => ({ [COUNT]: count }))])
}

const smallCount = fc.integer({ min: 0, max: 4 })
const counts = fc.oneof(
  fc
    .tuple(fc.constantFrom('eq', 'ne', 'gt', 'gte', 'lt', 'lte'), smallCount)
    .map(([operator, count]): object => ({ [operator]: count })),
  fc
    .tuple(fc.constantFrom('in', 'notIn'), fc.array(smallCount, { maxLength: 3 }))
    .map(([operator, list]): object => ({ [operator]: list })),
)

/** One or two operators of a field, each with an operand. */
export function randomComparison(
  { samples }: SampledModel,
  resource: Resource,
  field: Field,
): fc.Arbitrary<object> {
  const one = fc
    .constantFrom(...operatorsOf(field))
    .chain((operator) =>
      randomOperand(samples, resource, field, operator).map((value): Member => [
        operator.name,
        value,
      ]),
    )
  return weighted<readonly Member[]>(
    [5, one.map((member) => [member])],
    [1, fc.tuple(one, one)],
  ).map(objectIn)
}
