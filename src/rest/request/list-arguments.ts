// The arguments of a list from its query string: filter, order, page and count, by their names on REST.
import { defined } from '../../defined.ts'
import type { ListInput, Total } from '../../engine/request.ts'
import { parseJson } from '../../json-text.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import { operatorsOf } from '../../schema/model/operators.ts'
import { type Query, refuseJson } from './query-string.ts'
import { MAX_PATH, splitNames, toInteger, toOperand } from './values.ts'

/** What a list is asked for, and whether its rows are to be counted. */
export interface ListRequest {
  readonly list: ListInput
  readonly total: Total
}

/** The parameters of a resource's lists, in the order of the OpenAPI document. */
export function listParametersOf({ measured, search }: Resource): readonly string[] {
  const names = ['where', 'sort']
  if (measured) names.push('nearest')
  if (search !== null) names.push('search')
  names.push('distinctOn', 'limit', 'after', 'before', 'offset', 'count')
  return names
}

/** The parameters that choose what to see of a row. */
export const selectionParameters = ['fields', 'include'] as const

/** Whether a parameter has the name of a column, which is then compared as `limit[eq]=3` only. */
export const isReserved = (resource: Resource, name: string): boolean =>
  [...listParametersOf(resource), ...selectionParameters, 'groupBy', 'having'].includes(name)

/** Takes a list's parameters; those of an included list have its path before them: `items.limit`. */
export function readList(query: Query, resource: Resource, at = ''): ListRequest {
  const where = readFilter(query, resource, at)
  const orderBy = readOrder(query, resource, at)
  const search = readSearch(query, resource, at)
  const distinctOn = readDistinct(query, `${at}distinctOn`)
  const list = {
    ...defined({ where, orderBy, distinctOn, search }),
    ...readPage(query, resource, at),
  }
  return { list, total: readCount(query, `${at}count`, query.take(`${at}count`)) }
}

/** The nearest rows come first, then `sort` decides. */
function readOrder(query: Query, resource: Resource, at: string): readonly unknown[] | undefined {
  const sort = readSort(query, `${at}sort`, query.takeNames(`${at}sort`))
  if (!resource.measured) return sort
  const nearest = readNearest(query, `${at}nearest`)
  return nearest === undefined ? sort : [...nearest, ...(sort ?? [])]
}

function readSearch(query: Query, { search }: Resource, at: string): unknown {
  if (search === null) return undefined
  return query.takeValue(`${at}search`, asText)
}

function readDistinct(query: Query, name: string): readonly string[] | undefined {
  const names = query.takeNames(name)
  return names === undefined ? undefined : splitNames(name, names)
}

/** `where`, and at the top the comparisons beside it; undefined for none. */
export function readFilter(query: Query, resource: Resource, at = ''): unknown {
  const where = readJson(query, `${at}where`, '{"price":{"gte":"10"}}')
  if (at !== '' || !query.comparisons) return where
  const short = readShortFilters(query, resource)
  if (where === undefined) return short
  return short === undefined ? where : { AND: [where, short] }
}

/** A filter as JSON. */
export const readJson = (query: Query, name: string, example: string): unknown =>
  takeJson(query, name, `${name} is a filter as JSON, with every member once: ${example}.`)

/** A value that is JSON in the query string. Other text is refused, and read as undefined. */
const takeJson = (query: Query, name: string, expected: string): unknown =>
  query.takeValue(name, (text) => {
    const parsed = parseJson(text, name)
    if (parsed.ok) return parsed.value
    refuseJson(query, name, parsed.fault, expected)
    return undefined
  })

/** Comparisons on own fields, `price[gte]=10` and `price=10` for eq, as one object of the filter language. */
function readShortFilters(query: Query, resource: Resource): unknown {
  const filter = new Map<string, Record<string, unknown>>()
  for (const [name, text] of query.rest()) {
    const [, fieldName = '', operator = 'eq'] = /^([^[\].]+)(?:\[([^[\]]+)\])?$/.exec(name) ?? []
    const field = resource.fields.get(fieldName)
    if (field === undefined || isReserved(resource, name)) continue
    query.take(name)
    const comparisons = filter.get(fieldName) ?? {}
    readComparison(query, { name, text, field, operator }, comparisons)
    filter.set(fieldName, comparisons)
  }
  return filter.size === 0 ? undefined : Object.fromEntries(filter)
}

interface ShortFilter {
  readonly name: string
  readonly text: string
  readonly field: Field
  readonly operator: string
}

function readComparison(
  query: Query,
  { name, text, field, operator }: ShortFilter,
  comparisons: Record<string, unknown>,
): void {
  const operators = operatorsOf(field)
  const known = operators.find((candidate) => candidate.name === operator)
  if (known === undefined) {
    const names = operators.map((candidate) => `${field.name}[${candidate.name}]`).join(', ')
    return query.refuseName(
      name,
      `${field.name} has no comparison ${operator}.`,
      `There is ${names}.`,
    )
  }
  if (Object.hasOwn(comparisons, known.name))
    return query.refuse(
      name,
      'repeated_parameter',
      `${field.name}[${known.name}] is given more than once.`,
    )
  const operand = toOperand(field, known, { name, text })
  if (operand.ok) comparisons[known.name] = operand.value
  else if (operand.fault === null)
    query.refuse(
      name,
      'malformed_list',
      `${name} is a list such as a,b or "a,b","c"; a quote does not close.`,
    )
  else
    refuseJson(
      query,
      name,
      operand.fault,
      `${name} is JSON, with every member once: {"color":"red"}.`,
    )
}

const sortKey = /^(-?)([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?::(nullsFirst|nullsLast))?$/
const nulls: ReadonlyMap<string, string> = new Map([
  ['nullsFirst', '_NULLS_FIRST'],
  ['nullsLast', '_NULLS_LAST'],
])

/** `-price,category.name:nullsLast` is `[{ price: 'DESC' }, { category: { name: 'ASC_NULLS_LAST' } }]`. */
export function readSort(
  query: Query,
  name: string,
  text: string | undefined,
): readonly unknown[] | undefined {
  if (text === undefined) return undefined
  const keys = splitNames(name, text).map((part) => sortKey.exec(part))
  if (keys.includes(null)) {
    query.refuse(
      name,
      'malformed_sort',
      `${name} is a list of fields such as -price,category.name:nullsLast; - is descending, after : nullsFirst or nullsLast.`,
    )
    return undefined
  }
  return keys.map((key) => {
    const [, minus = '', path = '', place = ''] = key ?? []
    const direction = (minus === '-' ? 'DESC' : 'ASC') + (nulls.get(place) ?? '')
    return path.split('.', MAX_PATH).reduceRight<unknown>((of, step) => ({ [step]: of }), direction)
  })
}

/** `{"embedding":{"to":[1,2,3]}}` is `[{ embedding: { nearest: { to: [1, 2, 3] } } }]`: keys in front of those of sort. */
function readNearest(query: Query, name: string): readonly unknown[] | undefined {
  const expected = `${name} is what to be near to, by its field, as JSON with every member once: {"location":{"to":[1,2,3]}}.`
  const value = takeJson(query, name, expected)
  if (value === undefined) return undefined
  if (isObject(value)) return toOrderKeys(value, (operand) => ({ nearest: operand }))
  query.refuse(name, 'malformed_json', expected)
  return undefined
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** One key for each field, wherever to-one relations lead to it. */
const toOrderKeys = (tree: object, toKey: (operand: unknown) => unknown): readonly unknown[] =>
  Object.entries(tree).flatMap(([name, value]: [string, unknown]) => {
    const leadsOn = isObject(value) && !('to' in value) && Object.values(value).some(isObject)
    if (!leadsOn) return [{ [name]: toKey(value) }]
    return toOrderKeys(value, toKey).map((key) => ({ [name]: key }))
  })

/** `limit` counts from the start, or with `before` from the end, as `first` and `last` do on GraphQL. */
function readPage(query: Query, resource: Resource, at: string): ListInput {
  const [size, offset] = [
    query.takeValue(`${at}limit`, toInteger),
    query.takeValue(`${at}offset`, toInteger),
  ]
  const [after, before] = [
    query.takeValue(`${at}after`, asText),
    query.takeValue(`${at}before`, asText),
  ]
  if (before === undefined) return defined({ first: size, after, offset })
  const last = size ?? resource.page.default
  if (before === 'end') return defined({ last, after, offset })
  return defined({ last, after, before, offset })
}

const asText = (text: string): string => text

function readCount(query: Query, name: string, text = 'none'): Total {
  const total = totals.get(text)
  if (total === undefined)
    query.refuse(name, 'invalid_parameter', `${name} is exact, estimated or none.`)
  return total ?? false
}

const totals: ReadonlyMap<string, Total> = new Map<string, Total>([
  ['exact', true],
  ['estimated', 'estimated'],
  ['none', false],
])
