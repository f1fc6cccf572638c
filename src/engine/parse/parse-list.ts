// The arguments of a list, checked: filter, order, search and page, the same for a list and for a related one.
import { type Issue, isFull } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'
import type { ListInput } from '../request.ts'
import type { ParseContext } from './parse-context.ts'
import { type ParsedFilter, parseWhere } from './parse-filter.ts'
import { type ParsedOrderKey, parseDistinct, parseOrder } from './parse-order.ts'
import { type ParsedPage, parsePage } from './parse-page.ts'
import { parseSearch } from './parse-search.ts'

/** A list's arguments after the check of shape: what is wrong has been thrown or noted. */
export interface ParsedList {
  /** The list's number in its request: 0 for its own, then those of relations in the order of the selection. */
  readonly at: number
  readonly where: ParsedFilter
  /** What is searched for. */
  readonly search: string | null
  /** Whether the best matches come first: where there is a search, and no order. */
  readonly ranked: boolean
  readonly order: readonly ParsedOrderKey[]
  /** See PageRequest. */
  readonly distinct: number
  readonly page: ParsedPage
}

/** Checks the arguments of a list of `resource`; `prefix` is the path of relations that leads to it, none for the request's own. */
export function parseList(
  context: ParseContext,
  resource: Resource,
  list: ListInput,
  prefix: Issue['path'],
): ParsedList {
  const at = prefix.length === 0 ? 0 : ++context.relatedLists
  const where = parseWhere(context, resource, list.where, prefix)
  const faults = context.issues.length
  const order = parseOrder(context, resource, list.orderBy, prefix)
  const search = parseSearch(context.issues, resource, list.search, prefix)
  const ranked = search !== null && (!Array.isArray(list.orderBy) || list.orderBy.length === 0)
  const distinct = parseDistinct(context, { resource, order, ranked, prefix }, list.distinctOn)
  const sound = context.issues.length === faults && !isFull(context.issues)
  return {
    at,
    where,
    search,
    ranked,
    order,
    distinct,
    page: parsePage(
      context,
      { resource, order, search, ranked, distinct, sound, prefix, whole: context.whole === at },
      list,
    ),
  }
}
