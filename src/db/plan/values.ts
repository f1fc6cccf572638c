// From wire values to parameters: strings, null, and arrays of them, as PostgreSQL reads text.
import type { OperatorName } from '../../schema/model/operators.ts'
import type { Field } from '../../schema/model/model.ts'
import { toGeometryText } from './geometry-text.ts'

export type ToParameter = (value: unknown) => unknown

/** One value of the field's kind, as the text PostgreSQL reads. */
function scalarParameter(field: Field): ToParameter {
  switch (field.kind.name) {
    case 'geometry':
      return toGeometryText(field)
    case 'vector':
    case 'json':
      return (value) => (value === null ? null : JSON.stringify(value))
    case 'bytes':
      return (value) =>
        value === null ? null : `\\x${Buffer.from(toText(value), 'base64').toString('hex')}`
    default:
      return (value) => (value === null ? null : toText(value))
  }
}

/** A cell's own text (see readExpressionOf), as a parameter that is the very same value. */
export function cellParameter(field: Field): ToParameter {
  switch (field.kind.name) {
    case 'dateTime':
      return (cell) => inUtc(String(cell))
    case 'bytes':
      return scalarParameter(field)
    default:
      return (cell) => cell
  }
}

/** `infinity` and `-infinity` have no zone. */
function inUtc(text: string): string {
  if (text.endsWith('y')) return text
  return text.endsWith(' BC') ? `${text.slice(0, -3)}+00 BC` : `${text}+00`
}

/** A value of the field: a list field's is a list. */
export function fieldParameter(field: Field): ToParameter {
  const scalar = scalarParameter(field)
  if (!field.list) return scalar
  return (value) => (value === null ? null : toArray(value).map(scalar))
}

/** An operator's operand. */
export function operandParameter(field: Field, operator: OperatorName): ToParameter {
  switch (operator) {
    case 'in':
    case 'notIn':
    case 'hasEvery':
    case 'hasSome':
      return (value) => toArray(value).map(scalarParameter(field))
    case 'has':
      return scalarParameter(field)
    case 'contains':
    case 'iContains':
      return (value) => `%${escapeLike(value)}%`
    case 'startsWith':
    case 'iStartsWith':
      return (value) => `${escapeLike(value)}%`
    case 'endsWith':
    case 'iEndsWith':
      return (value) => `%${escapeLike(value)}`
    default:
      return fieldParameter(field)
  }
}

/** PostgreSQL gives up at some 30 minus signs in a row ("tsquery stack too small"), which have no meaning in a search. */
export const searchParameter: ToParameter = (text) =>
  toText(text).replaceAll(/[^\p{L}\p{N}"]+/gu, (signs) =>
    signs.split('-').length > MAX_SIGNS ? ' ' : signs,
  )

const MAX_SIGNS = 8

/** The caller's `%` and `_` mean themselves where the operator is not `like`. */
const escapeLike = (value: unknown): string => toText(value).replaceAll(/[\\%_]/g, String.raw`\$&`)

/** Wire values are text, numbers and booleans; anything else has not passed its schema. */
function toText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value)
  throw new TypeError(`A ${typeof value} is no value of a scalar kind.`)
}

const toArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])
