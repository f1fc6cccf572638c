// What each value of a prepared read must be, so that it may be bound without the check of shape.
import type { Field } from '../../schema/model/model.ts'
import type { Operator } from '../../schema/model/operators.ts'
import { toZod } from '../../schema/inputs/to-zod.ts'
import { isWellFormedText } from '../../schema/values/formats.ts'
import type { ReadQuery } from './read-query.ts'
import type { ParsedPage } from '../parse/parse-page.ts'
import type { ParsedRequest } from '../parse/parse-request.ts'
import { relationsIn } from '../selection-lists.ts'
import type { OnParameter } from './filter-fingerprint.ts'

export type ParameterCheck = (value: unknown) => boolean

/** The checks of a request's values by their names: see fingerprint.ts. */
export function checksOf(
  { operation, related: resources, each }: ReadQuery,
  parsed: ParsedRequest,
): (name: string, compared: Parameters<OnParameter>[1]) => ParameterCheck {
  const relations = parsed.selection === null ? [] : relationsIn(parsed.selection)
  const related = relations.flatMap(({ list }) => (list === null ? [] : [list]))
  const lists = [parsed.list, ...related]
  return (name, compared) => {
    if (compared !== null) return operandCheck(compared.field, compared.operator)
    const [at = '', what = '', index = ''] = name.split('.')
    if (at === 'key') {
      const check = wireCheck(operation.by?.fields.find((field) => field.name === what))
      return each ? (values) => Array.isArray(values) && values.every(check) : check
    }
    const resource = at === '0' ? operation.resource : resources[Number(at) - 1]
    return pageCheck(lists[Number(at)]?.page, resource?.page.max ?? 0, {
      what,
      index: Number(index),
    })
  }
}

function pageCheck(
  page: ParsedPage | undefined,
  most: number,
  { what, index }: { readonly what: string; readonly index: number },
): ParameterCheck {
  switch (what) {
    case 'limit':
      return wholeNumber(most)
    case 'offset':
      return wholeNumber(2 ** 31 - 1)
    case 'order':
      return (value) => value === page?.order
    default:
      return (value) => isCell(value) && page?.cells[index]?.(value) === true
  }
}

const isCell = (value: unknown): value is string | null =>
  value === null || typeof value === 'string'

const wholeNumber =
  (most: number): ParameterCheck =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most

const never: ParameterCheck = () => false

/** The commonest kinds without their schema, which costs ten times as much; what these let pass, it does too. */
export function wireCheck(field: Field | undefined): ParameterCheck {
  if (field === undefined) return never
  const { wire, kind, list } = field
  if (!list && (kind.name === 'integer' || kind.name === 'smallint')) return isInt32
  if (!list && kind.name === 'text') return isText
  return (value) => wire.safeParse(value).success
}

const isInt32: ParameterCheck = (value) => typeof value === 'number' && (value | 0) === value
const isText: ParameterCheck = (value) => typeof value === 'string' && isWellFormedText(value)

function operandCheck(field: Field, operator: Operator): ParameterCheck {
  const schema = toZod(operator.operand(field))
  if (schema === field.wire) return wireCheck(field)
  return (value) => schema.safeParse(value).success
}
