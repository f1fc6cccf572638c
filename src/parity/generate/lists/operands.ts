// Random operands of the filter language: values, patterns and parts of documents that occur in the data.
import * as fc from 'fast-check'
import type { Field, Resource } from '../../../schema/model/model.ts'
import type { Operator } from '../../../schema/model/operators.ts'
import { isRawNumber } from '../../objects.ts'
import { weighted } from '../arbitraries.ts'
import { edgesOf, elementOf, type Samples, sampleValues, valueOf } from '../values.ts'

/** An operand that fits the operator and the field. */
export function randomOperand(
  samples: Samples,
  resource: Resource,
  field: Field,
  operator: Operator,
): fc.Arbitrary<unknown> {
  if (field.kind.name === 'json' && operator.takes !== 'boolean')
    return jsonOperandOf([...sampleValues(samples, resource, field), ...edgesOf('json')], operator)
  const value = valueOf(samples, resource, field)
  switch (operator.takes) {
    case 'boolean':
      return fc.boolean()
    case 'values':
      return fc.array(value, { maxLength: 4 })
    case 'element':
      return elementOf(samples, resource, field)
    case 'elements':
      return fc.array(elementOf(samples, resource, field), { maxLength: 3 })
    case 'distance':
      return distanceTo(value)
    case 'value':
      return /like|contains|starts|ends/i.test(operator.name)
        ? value.chain((text) => patternsOf(operator.name, String(text)))
        : value
    default:
      throw new Error(`Only JSON has the operator ${operator.name}.`)
  }
}

const distanceTo = (value: fc.Arbitrary<unknown>): fc.Arbitrary<object> =>
  fc
    .record({
      to: value,
      bound: fc.constantFrom('lt', 'lte'),
      metres: fc.constantFrom(0, 1000, 2e5, 1e7),
    })
    .map(({ to, bound, metres }) => ({ to, [bound]: metres }))

/** Parts of a text that occurs, with and without the characters that have a meaning in patterns. */
function patternsOf(operator: string, text: string): fc.Arbitrary<string> {
  const part = text.slice(0, 3)
  const parts = operator.endsWith('like')
    ? [`${part}%`, `%${text.slice(-3)}`, `_${text.slice(1)}`, text, `${part}\\%`]
    : [part, text.slice(-3), text.slice(2, 5), `${part}%`, part.toUpperCase()]
  return fc
    .constantFrom(...parts.map((candidate) => candidate.toWellFormed().replaceAll('\uFFFD', '')))
    .filter((candidate) => !/(?<!\\)(\\\\)*\\$/.test(candidate))
}

/** A value inside a JSON document, and the path to it. */
interface Place {
  readonly at: readonly string[]
  readonly value: unknown
}

/** Every place in a document below its top. */
function placesIn(value: unknown, at: readonly string[] = []): readonly Place[] {
  const here = at.length === 0 ? [] : [{ at, value }]
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return here
  return [
    ...here,
    ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...at, name])),
  ]
}

/** Places that most documents do not have. */
const absentPlaces: readonly Place[] = [
  { at: ['noSuchKey'], value: 1 },
  { at: ['a', '-1'], value: 'x' },
  { at: ['99999999999'], value: true },
  { at: ['', '%'], value: 0.5 },
]

function jsonOperandOf(documents: readonly unknown[], { takes }: Operator): fc.Arbitrary<unknown> {
  const places = [...documents.flatMap((document) => placesIn(document)), ...absentPlaces]
  const value = fc.constantFrom(
    ...[...documents, ...places.map((place) => place.value)].filter((one) => one !== null),
  )
  if (takes === 'key') return fc.constantFrom(...places.map(({ at }) => at.at(-1) ?? ''))
  if (takes !== 'path') return value
  return fc
    .constantFrom(...places)
    .chain(({ at, value: found }) =>
      pathComparison(found, value).map(([name, operand]) => ({ at, [name]: operand })),
    )
}

/** A comparison of the value at a path, most often with the value that is there. */
function pathComparison(
  found: unknown,
  value: fc.Arbitrary<unknown>,
): fc.Arbitrary<readonly [name: string, operand: unknown]> {
  const same = weighted([3, found === null ? null : fc.constant(found)], [1, value])
  const isOrdered = typeof found === 'string' || typeof found === 'number'
  return fc.oneof(
    fc.tuple(fc.constantFrom('eq', 'ne'), same),
    fc.tuple(fc.constantFrom('in', 'notIn'), fc.array(same, { maxLength: 3 })),
    fc.tuple(fc.constant('isNull'), fc.boolean()),
    fc.tuple(
      fc.constantFrom('gt', 'gte', 'lt', 'lte'),
      isOrdered ? fc.constant(found) : fc.constantFrom<unknown>(0, 1, 1.5, '', 'text'),
    ),
  )
}
