// What each value of a prepared read must be, so that it may be bound without the check of shape.
import type { Field } from '../../schema/model/model.ts'
import type { Operator } from '../../schema/model/operators.ts'
import { toZod } from '../../schema/inputs/to-zod.ts'
import { isWellFormedText } from '../../schema/values/formats.ts'
import type { ReadQuery } from './read-query.ts'
import type { ParsedList } from '../parse/parse-list.ts'
import type { ParsedPage } from '../parse/parse-page.ts'
import type { ParsedRequest, ParsedSelection } from '../parse/parse-request.ts'
import type { OnParameter } from './fingerprint.ts'

export type Check = (value: unknown) => boolean

/** The checks of a request's values by their names: see fingerprint.ts. */
export function checksOf(
  { operation, related, each }: ReadQuery,
  parsed: ParsedRequest,
): (name: string, compared: Parameters<OnParameter>[1]) => Check {
  const lists = [parsed.list, ...(parsed.selection === null ? [] : listsOf(parsed.selection))]
  return (name, compared) => {
    if (compared !== null) return operandCheck(compared.field, compared.operator)
    const [at = '', what = '', index = ''] = name.split('.')
    if (at === 'key') {
      const check = wireCheck(operation.by?.fields.find((field) => field.name === what))
      return each ? (values) => Array.isArray(values) && values.every(check) : check
    }
    const resource = at === '0' ? operation.resource : related[Number(at) - 1]
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
): Check {
  switch (what) {
    case 'limit':
      return wholeNumber(most)
    case 'offset':
      return wholeNumber(2 ** 31 - 1)
    case 'order':
      return (value) => value === page?.order
    default:
      return (value) => page?.cells[index]?.(value as string | null) === true // readCursor gives nothing else
  }
}

const listsOf = ({ relations }: ParsedSelection): readonly ParsedList[] =>
  relations.flatMap(({ list, selection }) => [
    ...(list === null ? [] : [list]),
    ...listsOf(selection),
  ])

const wholeNumber =
  (most: number): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most

const never: Check = () => false

/** The commonest kinds without their schema, which costs ten times as much; what these let pass, it does too. */
export function wireCheck(field: Field | undefined): Check {
  if (field === undefined) return never
  const { wire, kind, list } = field
  if (!list && (kind.name === 'integer' || kind.name === 'smallint')) return isInt32
  if (!list && kind.name === 'text') return isText
  return (value) => wire.safeParse(value).success
}

const isInt32: Check = (value) => typeof value === 'number' && (value | 0) === value
const isText: Check = (value) => typeof value === 'string' && isWellFormedText(value)

function operandCheck(field: Field, operator: Operator): Check {
  const schema = toZod(operator.operand(field))
  if (schema === field.wire) return wireCheck(field)
  return (value) => schema.safeParse(value).success
}
