// The arguments of a list, checked: filter, order and page, the same for a list and for a related one.
import { addIssue, addIssues, type Issue, isFull } from '../../errors.ts'
import type { FilterTree } from '../../schema/declare/access.ts'
import { countField } from '../../schema/model/counts.ts'
import { parseInput } from '../../schema/inputs/validation-issues.ts'
import {
  type Field,
  type Model,
  type Relation,
  type Resource,
  targetOf,
} from '../../schema/model/model.ts'
import type { Nearest } from '../../schema/model/nearest.ts'
import type { InputSchemas } from '../../schema/inputs/input-schemas.ts'
import type { OrderDirection } from '../../schema/inputs/standard-inputs.ts'
import { isCellOf } from '../value-codec.ts'
import { type CursorValues, decodeCursor } from '../cursor.ts'
import { checkFilter, checkOrder, type Limits } from './limits.ts'
import type { ListInput } from '../request.ts'
import { digestOf, isDistance, isRank } from '../measures.ts'
import { parseSearch } from './parse-search.ts'

/** A list's arguments after the check of shape: what is wrong has been thrown or noted. */
export interface ParsedList {
  /** The list's number in its request: 0 for its own, then those of relations in the order of the selection. */
  readonly at: number
  readonly where: FilterTree
  /** What is searched for. */
  readonly search: string | null
  /** Whether the best matches come first: where there is a search, and no order. */
  readonly ranked: boolean
  readonly order: readonly ParsedOrderKey[]
  /** See PageRequest. */
  readonly distinct: number
  readonly page: ParsedPage
}

/** A key of an order by its names, as the request says it. */
export interface NamedOrderKey {
  readonly path: readonly string[]
  readonly direction: OrderDirection
  /** Sorts by the distance to a value, in place of the field's own. */
  readonly nearest: Nearest | null
}

/** A key of an order with the model's own objects: the relations on the way, then the field. */
export interface ParsedOrderKey extends NamedOrderKey {
  readonly relations: readonly Relation[]
  /** At the end of a to-many relation: `countField`. */
  readonly field: Field
}

export interface ParsedPage {
  readonly limit: number
  readonly backward: boolean
  readonly offset: number | null
  readonly cursor: CursorValues | null
  /** For each value of a cursor, whether a text can be one of its field; empty without a cursor. */
  readonly cells: readonly ((text: string | null) => boolean)[]
  readonly order: string
}

export interface ParseContext {
  readonly model: Model
  readonly inputSchemas: InputSchemas
  readonly limits: Limits
  /** The number of a list that is answered whole, not in pages; none without one. */
  readonly whole?: number
  /** What is wrong so far; thrown together once the whole request was looked at. */
  readonly issues: Issue[]
  /** What cannot be read at all, such as a bad cursor: BAD_REQUEST, before the issues. */
  readonly unreadable: Issue[]
  /** Lists of relations met so far. */
  relatedLists: number
}

/** Checks the arguments of a list of `resource`; `prefix` is the path of relations that leads to it, none for the request's own. */
export function parseList(
  context: ParseContext,
  resource: Resource,
  list: ListInput,
  prefix: Issue['path'],
): ParsedList {
  const at = prefix.length === 0 ? 0 : ++context.relatedLists
  const where = list.where === undefined ? {} : parseWhere(context, resource, list.where, prefix)
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

/** PostgreSQL keeps the first row of each group where the order begins with what makes the groups. */
function parseDistinct(
  context: ParseContext,
  { resource, order, ranked, prefix }: Pick<PagePlace, 'resource' | 'order' | 'ranked' | 'prefix'>,
  distinctOn: unknown,
): number {
  if (distinctOn === undefined) return 0
  const at = [...prefix, 'distinctOn']
  const parsed = parseInput(context.inputSchemas.distinctOn(resource), distinctOn, 'order', at)
  if (!parsed.ok) {
    addIssues(context.issues, parsed.issues)
    return 0
  }
  const fields = new Set(parsed.value as readonly string[]) // the schema's output
  const leading = order.slice(0, fields.size)
  const names = new Set(leading.map(({ path }) => path.join('.')))
  if (!ranked && names.size === fields.size && [...fields].every((name) => names.has(name)))
    return fields.size
  addIssue(context.issues, {
    in: 'order',
    path: at,
    code: 'conflict',
    message: `The order has to begin with the fields of distinctOn, in any order of their own: ${[...fields].join(', ')}.`,
  })
  return 0
}

export function parseWhere(
  context: ParseContext,
  resource: Resource,
  where: unknown,
  prefix: Issue['path'],
): FilterTree {
  checkFilter(context.model, resource, where, context.limits)
  const parsed = parseInput(context.inputSchemas.where(resource), where, 'where', prefix)
  if (parsed.ok) return parsed.value as FilterTree // the schema's output
  addIssues(context.issues, parsed.issues)
  return {}
}

/** Keys as asked for, then the primary key as the last tie-breaker. */
function parseOrder(
  context: ParseContext,
  resource: Resource,
  orderBy: unknown,
  prefix: Issue['path'],
): readonly ParsedOrderKey[] {
  const keys = orderBy === undefined ? [] : parseKeys(context, resource, orderBy, prefix)
  const named = new Set(keys.map((key) => key.path.join('.')))
  const rest = resource.primaryKey.fields.filter((field) => !named.has(field.name))
  return [
    ...keys,
    ...rest.map((field) => ({
      path: [field.name],
      direction: 'ASC' as const,
      nearest: null,
      relations: [],
      field,
    })),
  ]
}

function parseKeys(
  context: ParseContext,
  resource: Resource,
  orderBy: unknown,
  prefix: Issue['path'],
): readonly ParsedOrderKey[] {
  checkOrder(orderBy, context.limits)
  const parsed = parseInput(context.inputSchemas.orderBy(resource), orderBy, 'order', prefix)
  if (parsed.ok)
    return (parsed.value as readonly object[]).map((key) =>
      resolveOrderKey(
        context.model,
        resource,
        flattenOrderKey(key, { model: context.model, resource }),
      ),
    ) // the schema's output
  addIssues(context.issues, parsed.issues)
  return []
}

/** @param at what the key is of, where it may be a distance */
export function flattenOrderKey(
  key: object,
  at: { readonly model: Model; readonly resource: Resource } | null,
): NamedOrderKey {
  const [entry] = Object.entries(key).filter(([, value]) => value !== undefined)
  if (entry === undefined) throw new Error('An order key without a name passed its schema.')
  const [name, value] = entry as [string, OrderDirection | object] // OrderDirection, a distance, or the key of a relation's target
  if (typeof value === 'string') return { path: [name], direction: value, nearest: null }
  const relation = at?.resource.relations.get(name)
  if (at !== null && relation === undefined)
    return {
      path: [name],
      direction: 'ASC',
      nearest: (value as { readonly nearest: Nearest }).nearest,
    } // no field takes another object
  const inner = flattenOrderKey(
    value,
    at === null || relation === undefined
      ? null
      : { model: at.model, resource: targetOf(at.model, relation) },
  )
  return { ...inner, path: [name, ...inner.path] }
}

function resolveOrderKey(model: Model, resource: Resource, key: NamedOrderKey): ParsedOrderKey {
  const relations: Relation[] = []
  let at = resource
  for (const name of key.path) {
    const relation = at.relations.get(name)
    const field = relation?.many === true ? countField : at.fields.get(name)
    if (relation !== undefined) {
      relations.push(relation)
      at = targetOf(model, relation)
    }
    if (field !== undefined) return { ...key, relations, field }
  }
  throw new Error(`The schema of ${resource.key}'s order accepted ${key.path.join('.')}.`)
}

interface PagePlace extends Pick<ParsedList, 'order' | 'search' | 'ranked' | 'distinct'> {
  readonly resource: Resource
  /** False: the order or the search itself is wrong, and no cursor can be held against it. */
  readonly sound: boolean
  readonly prefix: Issue['path']
  readonly whole: boolean
}

/** The limit of a list that has none: one more is still a number that JavaScript and PostgreSQL write alike. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER - 1

function parsePage(context: ParseContext, place: PagePlace, list: ListInput): ParsedPage {
  const { resource, prefix, whole } = place
  const fault = (name: string, code: string, message: string) => {
    addIssue(context.issues, { in: 'page', path: [...prefix, name], code, message })
    return null
  }
  const wholeNumber = (name: string, value: unknown): number | null =>
    parseWholeNumber(value, (message) => fault(name, 'wrong_type', message))
  const first = wholeNumber('limit', list.first)
  const last = wholeNumber('limit', list.last)
  const offset = wholeNumber('offset', list.offset)
  const backward = isGiven(list.last) || isGiven(list.before)
  for (const [name, message] of pageConflicts(list, whole)) fault(name, 'conflict', message)
  const sizes = whole ? { default: NO_LIMIT, max: NO_LIMIT } : resource.page
  const limit = first ?? last ?? sizes.default
  if (limit > sizes.max) fault('limit', 'too_big', `At most ${sizes.max} rows a page.`)
  const orderName = nameOfOrder(place)
  const cursor = backward ? list.before : list.after
  const cells = isGiven(cursor) ? cellsOf(place) : []
  return {
    limit,
    backward,
    offset,
    cells,
    order: orderName,
    cursor: parseCursor(
      context,
      { ...place, cells },
      [backward ? 'before' : 'after', cursor],
      orderName,
    ),
  }
}

/** What each value of a cursor has to be; nothing where the order is not sound. */
const cellsOf = ({ order, ranked, sound }: PagePlace): ParsedPage['cells'] =>
  sound
    ? [
        ...(ranked ? [isRank] : []),
        ...order.map((key) => (key.nearest === null ? isCursorCell(key) : isDistance)),
      ]
    : []

export function parseWholeNumber(value: unknown, fault: (message: string) => null): number | null {
  if (value === undefined || value === null) return null
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31
    ? value
    : fault('Expected a whole number from 0.')
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null

function pageConflicts(
  { first, after, last, before, offset }: ListInput,
  whole: boolean,
): readonly (readonly [string, string])[] {
  const backward = isGiven(last) || isGiven(before)
  if (backward && whole) return [['before', 'An export reads forward; before does not go with it.']]
  if (backward && (isGiven(first) || isGiven(after)))
    return [['limit', 'A page reads forward (first, after) or backward (last, before), not both.']]
  if (!isGiven(offset)) return []
  if (isGiven(after) || isGiven(before)) return [['offset', 'An offset does not go with a cursor.']]
  return backward ? [['offset', 'An offset reads forward only.']] : []
}

/** What a cursor is bound to: the list, its order, and what is searched for, whatever the order. */
const nameOfOrder = ({ resource, order, search, ranked, distinct }: PagePlace): string =>
  `${resource.key}:${search === null ? '' : `${ranked ? 'ranked' : 'found'} ${digestOf(search)},`}${order.map(nameOfKey).join()}${distinct === 0 ? '' : ` distinct ${distinct}`}`

const nameOfKey = ({ path, direction, nearest }: ParsedOrderKey): string =>
  `${path.join('.')} ${nearest === null ? direction : `${nearest.metric ?? 'L2'} ${digestOf(JSON.stringify(nearest.to))}`}`

function parseCursor(
  context: ParseContext,
  place: PagePlace & Pick<ParsedPage, 'cells'>,
  [name, value]: [string, unknown],
  order: string,
): CursorValues | null {
  if (value === undefined || value === null) return null
  const path = [...place.prefix, name]
  if (typeof value !== 'string') {
    addIssue(context.issues, { in: 'page', path, code: 'wrong_type', message: 'Expected text.' })
    return null
  }
  if (!place.sound) return null
  const decoded = decodeCursor(value, order, place.cells)
  if (decoded.ok) return decoded.values
  addIssue(context.unreadable, { in: 'page', path, code: 'bad_cursor', message: decoded.reason })
  return null
}

/** A value reached along a relation is null where no row is. */
function isCursorCell({ field, relations }: ParsedOrderKey): (text: string | null) => boolean {
  const isCell = isCellOf(field)
  return (text) => (text === null && relations.length > 0) || isCell(text)
}
