// Parameters of a query string: lists, aggregates and selections.
import type { OrderDirection } from '../../../schema/inputs/standard-inputs.ts'
import type { Resource } from '../../../schema/model/model.ts'
import { atPath } from '../../objects.ts'
import type {
  ParityAggregate,
  ParityList,
  ParityOrder,
  ParityPage,
  ParitySelection,
} from '../../request.ts'
import { cursorText } from '../cursors.ts'
import { toShortFilter } from './short-filter.ts'

/** Text, or a value that a query string has as JSON. */
export type Parameter = readonly [name: string, value: unknown]

/** The members that have a value. */
export const toParameters = (
  members: Readonly<Record<string, unknown>>,
  prefix = '',
): readonly Parameter[] =>
  Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [prefix + name, value])

export const encode = (text: string): string => encodeURIComponent(text.toWellFormed())

export function withQuery(path: string, parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return path
  const query = parameters.map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return `${encode(name)}=${encode(text)}`
  })
  return `${path}?${query.join('&')}`
}

/** Names separated by commas; undefined where there are none. */
const joined = (names: readonly unknown[] | undefined): string | undefined =>
  names === undefined || names.length === 0 ? undefined : names.join(',')

/**
 * The arguments of a list; none without a list.
 * @param prefix the path of an included list, with a dot behind it
 */
export function toListParameters(
  list: ParityList | null | undefined,
  prefix = '',
): readonly Parameter[] {
  if (!list) return []
  const { where, orderBy = [], distinctOn, search, page, total } = list
  const near = orderBy.filter(({ nearest }) => nearest !== undefined)
  const sorted = orderBy.filter(({ nearest }) => nearest === undefined)
  const members = {
    where,
    sort: joined(sorted.map(toSortKey)),
    nearest: toNearest(near),
    search,
    distinctOn: distinctOn?.join(','),
    limit: page.size,
    after: cursorText(page.after),
    before: beforeText(page),
    offset: page.offset,
    count: total === true ? 'exact' : total || undefined,
  }
  return toParameters(members, prefix)
}

/** The last page is the one before `end`. */
const beforeText = ({ before, fromEnd }: ParityPage): string | undefined =>
  cursorText(before) ?? (fromEnd === true ? 'end' : undefined)

function toNearest(orderBy: readonly ParityOrder[]): unknown {
  if (orderBy.length === 0) return undefined
  return Object.assign({}, ...orderBy.map(({ path, nearest }) => atPath(path, nearest)))
}

/** What stands before and behind the path of a key. */
const sortSigns: Readonly<Record<OrderDirection, readonly [prefix: string, suffix: string]>> = {
  ASC: ['', ''],
  ASC_NULLS_FIRST: ['', ':nullsFirst'],
  ASC_NULLS_LAST: ['', ':nullsLast'],
  DESC: ['-', ''],
  DESC_NULLS_FIRST: ['-', ':nullsFirst'],
  DESC_NULLS_LAST: ['-', ':nullsLast'],
}

function toSortKey({ path, direction }: ParityOrder): string {
  const [prefix, suffix] = sortSigns[direction]
  return prefix + path.join('.') + suffix
}

/** The arguments of the list that the path is of: its filter in the short form where it has one. */
export function toOwnListParameters(
  resource: Resource,
  list: ParityList | undefined,
  isShort: boolean,
): readonly Parameter[] {
  if (list === undefined || !isShort) return toListParameters(list)
  const { where, ...rest } = list
  const comparisons = toShortFilter(resource, where)
  if (comparisons === null) return toListParameters(list)
  return [...comparisons, ...toListParameters(rest)]
}

export function toAggregateParameters(
  resource: Resource,
  { where, groupBy, having, orderBy = [], size, offset, fields }: ParityAggregate,
  isShort: boolean,
): readonly Parameter[] {
  const list: ParityList = { where, orderBy, page: { size, offset }, total: false }
  const members = {
    groupBy: groupBy?.join(','),
    having,
    fields: fields === 'default' ? undefined : fields.join(','),
  }
  return [...toOwnListParameters(resource, list, isShort), ...toParameters(members)]
}

/** `fields` and `include`, then the arguments of included lists behind their paths. */
export function toSelectionParameters(selection: ParitySelection | null): readonly Parameter[] {
  if (selection === null) return []
  const isDefault = selection.fields === 'default'
  const includes: string[] = []
  const fields = selection.fields === 'default' ? [] : [...selection.fields]
  const others: Parameter[] = []
  const visit = (level: ParitySelection, prefix: string): void => {
    for (const { name, list, selection: below } of level.relations) {
      const path = prefix + name
      if (below.fields === 'default') includes.push(path)
      else if (isDefault && below.fields.length > 0)
        others.push([`${path}.fields`, below.fields.join(',')])
      else fields.push(...below.fields.map((field) => `${path}.${field}`))
      others.push(...toListParameters(list, `${path}.`))
      visit(below, `${path}.`)
    }
  }
  visit(selection, '')
  return [...toParameters({ fields: joined(fields), include: joined(includes) }), ...others]
}
