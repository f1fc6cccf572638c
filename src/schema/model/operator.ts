// What an operator of the filter language is.
import type { z } from 'zod'
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
  operand(field: Field): z.ZodType
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
export const MAX_LIST = 1000
