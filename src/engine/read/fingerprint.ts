// The fingerprint of a read, the key of the cache of prepared reads, with the request's values beside it.
// A request that it cannot read has no fingerprint: the full path parses it and reports the errors.
import type { Resource } from '../../schema/model/model.ts'
import type { ProfileOf } from '../authorize/caller-profile.ts'
import { readCursor } from '../cursor.ts'
import { hasNearest } from '../parse/limits.ts'
import type { ListInput } from '../request.ts'
import { addParameter, filterFingerprint, type ParameterList } from './filter-fingerprint.ts'
import type { ReadQuery, ReadQueryRequest } from './read-query.ts'

export interface Fingerprint {
  readonly text: string
  /** The values of the request, in the order of the text. */
  readonly values: readonly unknown[]
}

interface Fingerprinting extends Pick<ParameterList, 'model'> {
  /** Callers with equal profiles get equal answers from every policy (caller-profile.ts). */
  readonly profileOf: ProfileOf
  /** See `OnParameter`. */
  readonly onParameter?: ParameterList['onParameter']
}

/** The most characters of a fingerprint's lists. A request with more is not cached. */
const MAX_LISTS_LENGTH = 2000

export function fingerprint(
  { model, profileOf, onParameter }: Fingerprinting,
  { form, rows, total, key, lists, caller }: ReadQueryRequest,
): Fingerprint | null {
  const { operation } = form
  const at: ParameterList = { model, onParameter, values: [] }
  let text = `${form.id}${rows ? 'r' : ''}${String(total)} ${profileOf(caller)} `
  const most = text.length + MAX_LISTS_LENGTH
  if (key !== null) {
    for (const { name } of operation.by?.fields ?? []) addParameter(at, `key.${name}`, key[name])
  }
  for (const [number, list] of lists.entries()) {
    const resource = listedBy(form, number)
    if (resource === undefined) continue
    const part = listFingerprint(at, { resource, number, list })
    if (part === null) return null
    text += part
    if (text.length > most) return null
  }
  return { text, values: at.values }
}

/** Whose rows a list of the query has: the first is the operation's own. */
function listedBy({ operation, related }: ReadQuery, number: number): Resource | undefined {
  if (number > 0) return related[number - 1]
  return operation.standard === 'list' ? operation.resource : undefined
}

interface NumberedList {
  readonly resource: Resource
  readonly number: number
  readonly list: ListInput
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null

function listFingerprint(
  at: ParameterList,
  { resource, number, list }: NumberedList,
): string | null {
  if (list.search !== undefined) return null // its cursors are bound to a value, which no fingerprint has
  const where =
    list.where === undefined ? '' : filterFingerprint(at, resource, list.where, `${number}.where.`)
  const order = orderFingerprint(list)
  if (order?.includes('"nearest":{') === true && hasNearest(list.orderBy)) return null // a value, as above
  const page = pageFingerprint(at, resource, list, number)
  return where === null || order === null || page === null ? null : `${where};${order};${page}|`
}

/** `orderBy` and `distinctOn` hold names alone, so their whole text is part of the fingerprint. */
function orderFingerprint({ orderBy = [], distinctOn = [] }: ListInput): string | null {
  if (!Array.isArray(orderBy) || !Array.isArray(distinctOn)) return null
  return `${orderBy.length === 0 ? '' : JSON.stringify(orderBy)}${distinctOn.length === 0 ? '' : `/${JSON.stringify(distinctOn)}`}`
}

// oxlint-disable-next-line complexity -- one question for each argument of a page
function pageFingerprint(
  at: ParameterList,
  resource: Resource,
  list: ListInput,
  number: number,
): string | null {
  const { first, last, after, before, offset } = list
  const backward = isGiven(last) || isGiven(before)
  if (backward && isMixed(list)) return null
  addParameter(at, `${number}.limit`, first ?? last ?? resource.page.default)
  const cursor = backward ? before : after
  if (isGiven(offset)) {
    if (isGiven(cursor)) return null
    addParameter(at, `${number}.offset`, offset)
    return offset === 0 ? 'o' : 'p'
  }
  const place = isGiven(cursor) ? cursorFingerprint(at, cursor, number) : ''
  return place === null || !backward ? place : `b${place}`
}

/** Reading backward goes with neither an offset nor what reads forward. */
const isMixed = ({ first, after, offset }: ListInput): boolean =>
  [first, after, offset].some(isGiven)

/** Where a cursor holds nulls. */
function cursorFingerprint(at: ParameterList, cursor: unknown, number: number): string | null {
  const parts = typeof cursor === 'string' ? readCursor(cursor) : null
  if (parts === null) return null
  const [made, ...cells] = parts
  addParameter(at, `${number}.order`, made)
  for (const [i, cell] of cells.entries()) addParameter(at, `${number}.start.${i}`, cell)
  return `c${cells.map((cell) => (cell === null ? 'n' : 'v')).join('')}`
}
