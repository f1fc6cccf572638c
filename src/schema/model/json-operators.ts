// The operators of JSON: what a document contains, a key that it has, and what stands at a path in it.
import { z } from 'zod'
import { kinds } from '../values/kinds.ts'
import { lazyObject, optional, required, type ValueType } from '../values/value-types.ts'
import {
  booleanType,
  COMPARISONS,
  boundedList,
  type Operator,
  type OperatorName,
} from './operator.ts'

const MAX_STEPS = 32

const rule = (message: string) => ({ message, params: { shape: true } })

const text: ValueType = { type: 'scalar', kind: 'text' }
/** Null is no value to compare with; `isNull` asks for it. */
const json = {
  type: 'scalar',
  kind: 'json',
  check: kinds.json.wire
    .refine((value) => value !== null, rule('Expected JSON other than null.'))
    .meta({ not: { type: 'null' } }),
} satisfies ValueType
const jsons = boundedList(json)

/** The most values that are looked for in a document: PostgreSQL holds each against every element of a list. */
const MAX_CONTAINED = 1000

/** Counts the values of JSON, up to the first that is too many. */
function isShort(value: unknown): boolean {
  let left = MAX_CONTAINED
  const walk = (one: unknown): boolean => {
    left -= 1
    if (left < 0) return false
    return typeof one !== 'object' || one === null || Object.values(one).every(walk)
  }
  return walk(value)
}

const contained: ValueType = {
  type: 'scalar',
  kind: 'json',
  check: json.check
    .refine(isShort, {
      message: `At most ${MAX_CONTAINED} values, those in lists and objects among them.`,
      params: { code: 'too_big', shape: true },
    })
    .meta({ not: { type: 'null' } }),
}
/** What has an order among its like. */
const ordered: ValueType = {
  type: 'scalar',
  kind: 'json',
  check: z
    .unknown()
    .refine(
      (value) =>
        value === undefined ||
        (typeof value === 'string'
          ? kinds.text.wire.safeParse(value).success
          : Number.isFinite(value)),
      rule('Expected a number or text.'),
    )
    .meta({ type: ['number', 'string'] }),
}
const steps: ValueType = { type: 'list', of: required(text), least: 1, most: MAX_STEPS }

const operator = (
  name: OperatorName,
  takes: Operator['takes'],
  description: string,
  type: ValueType,
): Operator => ({ name, takes, description, operand: () => type })

const at = operator(
  'at',
  'steps',
  'the way to the value: names of members, and places of elements from 0',
  steps,
)

const comparisons = [
  operator('eq', 'value', 'equals', json),
  operator('ne', 'value', 'differs from', json),
  operator('in', 'values', 'is one of', jsons),
  operator('notIn', 'values', 'is none of', jsons),
  operator('gt', 'value', 'is greater than', ordered),
  operator('gte', 'value', 'is at least', ordered),
  operator('lt', 'value', 'is less than', ordered),
  operator('lte', 'value', 'is at most', ordered),
  operator('isNull', 'boolean', 'is null or absent, or is neither', booleanType),
]

const path: Operator = {
  name: 'path',
  takes: 'path',
  description: 'has such a value at a path',
  within: [at, ...comparisons],
  operand: (field) =>
    lazyObject(
      {
        name: 'JSONPathFilter',
        description: COMPARISONS,
        inPlace: true,
        rule: {
          of: comparisons.map(({ name }) => name),
          least: 1,
          message: 'Name what the value at the path is compared with.',
        },
      },
      () => [
        [at.name, required(at.operand(field), at)],
        ...comparisons.map((one) => [one.name, optional(one.operand(field), one)] as const),
      ],
    ),
}

export const jsonOperators: readonly Operator[] = [
  operator('contains', 'value', 'contains these members and elements, however deep', contained),
  operator('hasKey', 'key', 'is an object with this member, or a list with this text', text),
  path,
]
