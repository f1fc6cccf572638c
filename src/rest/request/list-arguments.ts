// The arguments of a list from its query string: filter, order, page and count, in the words of REST.
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

const everyList = [
  'where',
  'sort',
  'distinctOn',
  'limit',
  'after',
  'before',
  'offset',
  'count',
] as const
type ListParameter = (typeof everyList)[number] | 'nearest' | 'search'

/** The parameters of a resource's lists, in the order of the documents. */
export const listParametersOf = ({ measured, search }: Resource): readonly ListParameter[] => [
  ...everyList.slice(0, 2),
  ...(measured ? (['nearest'] as const) : []),
  ...(search === null ? [] : (['search'] as const)),
  ...everyList.slice(2),
]

/** The parameters that choose what to see of a row. */
export const selectionParameters = ['fields', 'include'] as const

/** A column of such a name is compared as `limit[eq]=3`. */
export const isReserved = (resource: Resource, name: string): boolean =>
  [...listParametersOf(resource), ...selectionParameters, 'groupBy', 'having'].some(
    (parameter) => parameter === name,
  )

/** Takes a list's parameters; those of an included list stand behind its path: `items.`. */
export function readList(query: Query, resource: Resource, at = ''): ListRequest {
  const where = readFilter(query, resource, at)
  const sort = readSort(query, `${at}sort`, query.takeNames(`${at}sort`))
  const nearest = resource.measured ? readNearest(query, `${at}nearest`) : undefined
  const orderBy = nearest === undefined ? sort : [...nearest, ...(sort ?? [])]
  const search = resource.search === null ? undefined : query.takeValue(`${at}search`, asText)
  const distinct = query.takeNames(`${at}distinctOn`)
  const distinctOn = distinct === undefined ? undefined : splitNames(`${at}distinctOn`, distinct)
  const list: ListInput = {
    ...(where === undefined ? {} : { where }),
    ...(orderBy === undefined ? {} : { orderBy }),
    ...(distinctOn === undefined ? {} : { distinctOn }),
    ...(search === undefined ? {} : { search }),
    ...readPage(query, resource, at),
  }
  return { list, total: readCount(query, `${at}count`, query.take(`${at}count`)) }
}

/** `where`, and at the top the comparisons beside it; undefined for none. */
export function readFilter(query: Query, resource: Resource, at = ''): unknown {
  const where = readJson(query, `${at}where`, '{"price":{"gte":"10"}}')
  const short = at === '' && query.comparisons ? readShortFilters(query, resource) : undefined
  return where === undefined ? short : short === undefined ? where : { AND: [where, short] }
}

/** A filter as JSON. */
export const readJson = (query: Query, name: string, example: string): unknown =>
  takeJson(query, name, `${name} is a filter as JSON, with every member once: ${example}.`)

/** A value that stands as JSON in the query string; undefined where it is none, which is refused. */
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
    return query.refuse(
      name,
      'unknown_parameter',
      `${field.name} has no comparison ${operator}. There is ${names}.`,
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
const nulls = { nullsFirst: '_NULLS_FIRST', nullsLast: '_NULLS_LAST' } as const

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
    const direction =
      (minus === '-' ? 'DESC' : 'ASC') +
      (place === 'nullsFirst' || place === 'nullsLast' ? nulls[place] : '')
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
  Object.entries(tree).flatMap(([name, value]: [string, unknown]) =>
    isObject(value) && !('to' in value) && Object.values(value).some(isObject)
      ? toOrderKeys(value, toKey).map((key) => ({ [name]: key }))
      : [{ [name]: toKey(value) }],
  )

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
  return {
    ...(before === undefined
      ? size === undefined
        ? {}
        : { first: size }
      : { last: size ?? resource.page.default }),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined || before === 'end' ? {} : { before }),
    ...(offset === undefined ? {} : { offset }),
  }
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
