// The operators of JSON: what a document contains, a key that it has, and what stands at a path in it.
import { z } from 'zod'
import { kinds } from '../values/kinds.ts'
import { MAX_LIST, type Operator, type OperatorName } from './operator.ts'

const MAX_STEPS = 32

const rule = (message: string) => ({ message, params: { shape: true } })

const text = kinds.text.wire
/** Null is no value to compare with; `isNull` asks for it. */
const json = kinds.json.wire
  .refine((value) => value !== null, rule('Expected JSON other than null.'))
  .meta({ not: { type: 'null' } })
const jsons = z.array(json).max(MAX_LIST)
/** What has an order among its like. */
const ordered = z
  .unknown()
  .refine(
    (value) =>
      value === undefined ||
      (typeof value === 'string' ? text.safeParse(value).success : Number.isFinite(value)),
    rule('Expected a number or text.'),
  )
  .meta({ type: ['number', 'string'] })
const steps = z.array(text).min(1).max(MAX_STEPS)

const operator = (
  name: OperatorName,
  takes: Operator['takes'],
  description: string,
  schema: z.ZodType,
): Operator => ({ name, takes, description, operand: () => schema })

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
  operator('isNull', 'boolean', 'is null or absent, or is neither', z.boolean()),
]

const isComparing = (path: Readonly<Record<string, unknown>>): boolean =>
  comparisons.some(({ name }) => path[name] !== undefined)

const path = z
  .strictObject({
    at: steps,
    eq: json.optional(),
    ne: json.optional(),
    in: jsons.optional(),
    notIn: jsons.optional(),
    gt: ordered.optional(),
    gte: ordered.optional(),
    lt: ordered.optional(),
    lte: ordered.optional(),
    isNull: z.boolean().optional(),
  })
  .refine(isComparing, {
    ...rule('Name what the value at the path is compared with.'),
    when: ({ issues }) => issues.length === 0,
  })
  .meta({ minProperties: 2 })

export const jsonOperators: readonly Operator[] = [
  operator('contains', 'value', 'contains these members and elements, however deep', json),
  operator('hasKey', 'key', 'is an object with this member, or a list with this text', text),
  { ...operator('path', 'path', 'has such a value at a path', path), within: [at, ...comparisons] },
]
