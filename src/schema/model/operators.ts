// The operators of the filter language, by the kind of the field (docs/guides/querying.md).
import { z } from 'zod'
import { comparedWith, spatialOf } from '../values/geojson.ts'
import { jsonOperators } from './json-operators.ts'
import type { Field } from './model.ts'
import { MAX_LIST, type Operator, type OperatorName } from './operator.ts'

export type { Operator, OperatorName } from './operator.ts'

const value = (name: OperatorName, description: string): Operator => ({
  name,
  takes: 'value',
  description,
  operand: (field) => field.wire,
})
const values = (name: OperatorName, description: string): Operator => ({
  name,
  takes: 'values',
  description,
  operand: (field) => z.array(field.wire).max(MAX_LIST),
})
const boolean = (name: OperatorName, description: string): Operator => ({
  name,
  takes: 'boolean',
  description,
  operand: () => z.boolean(),
})
const element = (field: Field): z.ZodType =>
  field.enum === null ? field.kind.wire : z.enum(field.enum.values.map(({ label }) => label))
const elements = (name: OperatorName, description: string): Operator => ({
  name,
  takes: 'elements',
  description,
  operand: (field) => z.array(element(field)).max(MAX_LIST),
})

const pattern = (name: OperatorName, description: string): Operator => ({
  name,
  description,
  takes: 'value',
  operand: (field) =>
    field.wire
      .refine((text) => !/^(?:[^\\]|\\[^])*\\$/u.test(String(text)), {
        message: 'Expected a pattern; a backslash stands before the character that it escapes.',
        params: { shape: true },
      })
      .meta({ pattern: String.raw`^(?:[^\\]|\\[\s\S])*$` }),
})

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
  value('contains', 'contains'),
  value('startsWith', 'starts with'),
  value('endsWith', 'ends with'),
  value('iContains', 'contains, whatever the case'),
  value('iStartsWith', 'starts with, whatever the case'),
  value('iEndsWith', 'ends with, whatever the case'),
]
const isEmpty = boolean('isEmpty', 'has no element, or has some')
const lists = [
  value('eq', 'equals'),
  value('ne', 'differs from'),
  {
    name: 'has',
    takes: 'element',
    description: 'has the element',
    operand: element,
  } satisfies Operator,
  elements('hasEvery', 'has all of the elements'),
  elements('hasSome', 'has one of the elements at least'),
  isEmpty,
]

/** What a geometry is compared with: any geometry, whatever type the column holds. */
export const comparedValue = ({ source, wire }: Field): z.ZodType => {
  const spatial = 'column' in source ? spatialOf(source.column) : null
  return spatial === null ? wire : comparedWith(spatial)
}

const metres = z.number().min(0).optional()
const spatial: readonly Operator[] = [
  {
    name: 'distance',
    takes: 'distance',
    description: 'is nearer to a geometry than so many metres, or as near',
    operand: (field) =>
      z
        .strictObject({ to: comparedValue(field), lt: metres, lte: metres })
        .refine(({ lt, lte }) => (lt === undefined) !== (lte === undefined), {
          message: 'Give either lt or lte.',
          params: { shape: true },
        })
        .meta({ minProperties: 2, maxProperties: 2 }),
  },
  { name: 'within', takes: 'value', description: 'lies within a geometry', operand: comparedValue },
  {
    name: 'intersects',
    takes: 'value',
    description: 'has a point in common with a geometry',
    operand: comparedValue,
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
