// Random operands for JSON: parts of documents that occur, keys and paths in them, and others.
import * as fc from 'fast-check'
import type { Field, Resource } from '../../schema/model/model.ts'
import type { Operator } from '../../schema/model/operators.ts'
import { edgesOf, sampled, type Samples } from './values.ts'

interface Place {
  readonly at: readonly string[]
  readonly value: unknown
}

const isRawNumber = (value: object): boolean =>
  (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON(value) // ES2025, which TypeScript's libraries do not know yet

/** Every place in a document below its top. */
function placesIn(value: unknown, at: readonly string[] = []): readonly Place[] {
  const here = at.length === 0 ? [] : [{ at, value }]
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return here
  return [
    ...here,
    ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...at, name])),
  ]
}

const others: readonly Place[] = [
  { at: ['noSuchKey'], value: 1 },
  { at: ['a', '-1'], value: 'x' },
  { at: ['99999999999'], value: true },
  { at: ['', '%'], value: 0.5 },
]

const isOrdered = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number'

/** The operand of an operator of JSON. */
export function jsonOperandOf(
  samples: Samples,
  resource: Resource,
  field: Field,
  operator: Operator,
): fc.Arbitrary<unknown> {
  const documents = [...sampled(samples, resource, field), ...edgesOf('json')]
  const places = [...documents.flatMap((document) => placesIn(document)), ...others]
  const value = fc.constantFrom(
    ...[...documents, ...places.map((place) => place.value)].filter((one) => one !== null),
  )
  if (operator.takes === 'key') return fc.constantFrom(...places.map(({ at }) => at.at(-1) ?? ''))
  if (operator.takes !== 'path') return value
  return fc.constantFrom(...places).chain(({ at, value: found }) => {
    const same =
      found === null
        ? value
        : fc.oneof({ weight: 3, arbitrary: fc.constant(found) }, { weight: 1, arbitrary: value })
    const comparison = fc.oneof(
      fc.tuple(fc.constantFrom('eq', 'ne'), same),
      fc.tuple(fc.constantFrom('in', 'notIn'), fc.array(same, { maxLength: 3 })),
      fc.tuple(fc.constant('isNull'), fc.boolean()),
      fc.tuple(
        fc.constantFrom('gt', 'gte', 'lt', 'lte'),
        isOrdered(found) ? fc.constant(found) : fc.constantFrom<unknown>(0, 1, 1.5, '', 'text'),
      ),
    )
    return comparison.map(([name, operand]) => ({ at, [name]: operand }))
  })
}
