// The operators of the filter language, by the kind of the field (docs/guides/querying.md).
import { z } from 'zod'
import { kinds } from '../values/kinds.ts'
import { lazyObject, optional, required, type ValueType } from '../values/value-types.ts'
import { comparedGeometry, comparedType, elementType } from './field-types.ts'
import { jsonOperators } from './json-operators.ts'
import type { Field } from './model.ts'
import { booleanType, boundedList, type Operator, type OperatorName } from './operator.ts'

export type { Operator, OperatorName } from './operator.ts'

const value = (name: OperatorName, description: string): Operator => ({
  name,
  takes: 'value',
  description,
  operand: comparedType,
})
const values = (name: OperatorName, description: string): Operator => ({
  name,
  takes: 'values',
  description,
  operand: (field) => boundedList(comparedType(field)),
})
const boolean = (name: OperatorName, description: string): Operator => ({
  name,
  takes: 'boolean',
  description,
  operand: () => booleanType,
})
const elements = (name: OperatorName, description: string): Operator => ({
  name,
  takes: 'elements',
  description,
  operand: (field) => boundedList(elementType(field)),
})

/** The longest pattern, in characters: PostgreSQL tries each wildcard against each place of a text. */
const MAX_PATTERN = 1000

const shortText = kinds.text.wire.refine((text) => Array.from(String(text)).length <= MAX_PATTERN, {
  message: `A pattern has at most ${MAX_PATTERN} characters.`,
  params: { code: 'too_big', shape: true },
  abort: true,
})

/** A pattern without wildcards: PostgreSQL still compares each of its characters at each place of a text. */
const partType: ValueType = {
  type: 'scalar',
  kind: 'text',
  check: shortText.meta({ maxLength: MAX_PATTERN }),
}

const patternType: ValueType = {
  type: 'scalar',
  kind: 'text',
  check: shortText
    .refine((text) => !/^(?:[^\\]|\\[^])*\\$/u.test(String(text)), {
      message: 'Expected a pattern; a backslash stands before the character that it escapes.',
      params: { shape: true },
    })
    .meta({ maxLength: MAX_PATTERN, pattern: String.raw`^(?:[^\\]|\\[\s\S])*$` }),
}

const textual =
  (type: ValueType) =>
  (name: OperatorName, description: string): Operator => ({
    name,
    description,
    takes: 'value',
    operand: () => type,
  })
const pattern = textual(patternType)
const part = textual(partType)

const isNull = boolean('isNull', 'is null, or is not')
const equality = [
  value('eq', 'equals'),
  value('ne', 'differs from'),
  values('in', 'is one of'),
  values('notIn', 'is none of'),
]
const comparison = [
  value('gt', 'is greater than'),
  value('gte', 'is at least'),
  value('lt', 'is less than'),
  value('lte', 'is at most'),
]
const text = [
  pattern('like', 'matches an SQL pattern'),
  pattern('ilike', 'matches an SQL pattern, whatever the case'),
  part('contains', 'contains'),
  part('startsWith', 'starts with'),
  part('endsWith', 'ends with'),
  part('iContains', 'contains, whatever the case'),
  part('iStartsWith', 'starts with, whatever the case'),
  part('iEndsWith', 'ends with, whatever the case'),
]
const isEmpty = boolean('isEmpty', 'has no element, or has some')
const lists = [
  value('eq', 'equals'),
  value('ne', 'differs from'),
  {
    name: 'has',
    takes: 'element',
    description: 'has the element',
    operand: elementType,
  } satisfies Operator,
  elements('hasEvery', 'has all of the elements'),
  elements('hasSome', 'has one of the elements at least'),
  isEmpty,
]

const metres: ValueType = { type: 'scalar', kind: 'float', check: z.number().min(0) }

const distanceTo = (field: Field): ValueType =>
  lazyObject(
    {
      name: 'GeoDistance',
      description: 'From what, and how far at most.',
      inPlace: true,
      rule: {
        of: ['lt', 'lte'],
        least: 1,
        most: 1,
        message: 'Give either lt or lte.',
        besideFaults: true,
      },
    },
    () => [
      ['to', required(comparedGeometry(field))],
      ['lt', optional(metres, { description: 'Nearer than so many metres.' })],
      ['lte', optional(metres, { description: 'As near as so many metres, or nearer.' })],
    ],
  )

const spatial: readonly Operator[] = [
  {
    name: 'distance',
    takes: 'distance',
    description: 'is nearer to a geometry than so many metres, or as near',
    operand: distanceTo,
  },
  {
    name: 'within',
    takes: 'value',
    description: 'lies within a geometry',
    operand: comparedGeometry,
  },
  {
    name: 'intersects',
    takes: 'value',
    description: 'has a point in common with a geometry',
    operand: comparedGeometry,
  },
]

/** The operators that a field takes, in the order of the documents. */
export function operatorsOf(field: Field): readonly Operator[] {
  if (field.kind.name === 'vector') return [isNull]
  if (field.kind.name === 'geometry') return spatial.concat(isNull)
  if (field.kind.name === 'json') return field.list ? [isEmpty, isNull] : [...jsonOperators, isNull]
  if (field.list) return [...lists, isNull]
  const ordered = field.kind.ordered ? comparison : []
  return [...equality, ...ordered, ...(field.kind.name === 'text' ? text : []), isNull]
}
