// What an operator of the filter language is.
import { type ListType, required, type ValueType } from '../values/value-types.ts'
import type { Field } from './model.ts'

export interface Operator {
  readonly name: OperatorName
  /** The operand: the field's value, a list of them, an element of a list field, yes or no; of JSON, a key, or what holds at a path. */
  readonly takes:
    | 'value'
    | 'values'
    | 'element'
    | 'elements'
    | 'boolean'
    | 'key'
    | 'steps'
    | 'path'
    | 'distance'
  readonly description: string
  operand(field: Field): ValueType
  /** The members of an operand that is an object. */
  readonly within?: readonly Operator[]
}

export type OperatorName =
  | 'eq'
  | 'ne'
  | 'in'
  | 'notIn'
  | 'isNull'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'like'
  | 'ilike'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'iContains'
  | 'iStartsWith'
  | 'iEndsWith'
  | 'has'
  | 'hasEvery'
  | 'hasSome'
  | 'isEmpty'
  | 'hasKey'
  | 'path'
  | 'at'
  | 'distance'
  | 'within'
  | 'intersects'

/** The most members of an `in`, `notIn`, `hasEvery` or `hasSome`. */
const MAX_LIST = 1000

/** The operand of such an operator. */
export const boundedList = (element: ValueType): ListType => ({
  type: 'list',
  of: required(element),
  most: MAX_LIST,
})

export const booleanType: ValueType = { type: 'scalar', kind: 'boolean' }

/** What documents say of an object of comparisons. */
export const COMPARISONS = 'What a value is compared with; several comparisons must all hold.'
