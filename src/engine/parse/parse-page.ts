// The page of a list, checked: how many rows, which way, and from which cursor or offset.
import { addIssue, type Issue } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'
import { type CursorValues, decodeCursor } from '../cursor.ts'
import { digestOf, isDistance, isRank } from '../measures.ts'
import type { ListInput } from '../request.ts'
import { isCellOf } from '../value-codec.ts'
import type { ParseContext } from './parse-context.ts'
import type { ParsedOrderKey } from './parse-order.ts'

export interface ParsedPage {
  readonly limit: number
  readonly backward: boolean
  readonly offset: number | null
  readonly cursor: CursorValues | null
  /** For each value of a cursor, whether a text can be one of its field; empty without a cursor. */
  readonly cells: readonly ((text: string | null) => boolean)[]
  readonly order: string
}

/** The list that a page is of, as far as it is parsed. */
interface PagePlace {
  readonly resource: Resource
  readonly order: readonly ParsedOrderKey[]
  readonly search: string | null
  readonly ranked: boolean
  readonly distinct: number
  /** False: the order or the search itself is wrong, and no cursor can be held against it. */
  readonly sound: boolean
  readonly prefix: Issue['path']
  readonly whole: boolean
}

export function parsePage(context: ParseContext, place: PagePlace, list: ListInput): ParsedPage {
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
  const sizes = whole ? exportSizes(resource) : resource.page
  const asked = first ?? last
  if (asked !== null && asked > sizes.max)
    fault('limit', 'too_big', `At most ${sizes.max} rows ${whole ? 'an export' : 'a page'}.`)
  const limit = asked ?? sizes.default
  const order = nameOfOrder(place)
  const [name, cursor] = backward ? ['before', list.before] : ['after', list.after]
  const cells = isGiven(cursor) && place.sound ? cellsOf(place) : []
  const values = parseCursor(context, { ...place, cells, name, order }, cursor)
  return { limit, backward, offset, cells, order, cursor: values }
}

/** An export without a limit asks for one row more than it may have, so that too many are noticed. */
const exportSizes = ({ export: { rows } }: Resource) => ({ default: rows + 1, max: rows })

/** For each value of a cursor, whether a text can be one. */
function cellsOf({ order, ranked }: PagePlace): ParsedPage['cells'] {
  const cells = order.map(cellOf)
  return ranked ? [isRank, ...cells] : cells
}

export function parseWholeNumber(value: unknown, fault: (message: string) => null): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31)
    return value
  return fault('Expected a whole number from 0.')
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

/** What a cursor is bound to: the list, its order, and the text that is searched for. */
function nameOfOrder({ resource, order, search, ranked, distinct }: PagePlace): string {
  let name = `${resource.key}:`
  if (search !== null) name += `${ranked ? 'ranked' : 'found'} ${digestOf(search)},`
  name += order.map(nameOfKey).join()
  return distinct === 0 ? name : `${name} distinct ${distinct}`
}

function nameOfKey({ path, direction, nearest }: ParsedOrderKey): string {
  const name = path.join('.')
  if (nearest === null) return `${name} ${direction}`
  return `${name} ${nearest.metric ?? 'L2'} ${digestOf(JSON.stringify(nearest.to))}`
}

interface CursorPlace extends Pick<PagePlace, 'prefix' | 'sound'> {
  /** The cursor's own name, `before` or `after`. */
  readonly name: string
  readonly cells: ParsedPage['cells']
  /** The name of the order that the cursor is bound to. */
  readonly order: string
}

function parseCursor(
  context: ParseContext,
  { prefix, sound, cells, name, order }: CursorPlace,
  value: unknown,
): CursorValues | null {
  if (!isGiven(value)) return null
  const path = [...prefix, name]
  if (typeof value !== 'string') {
    addIssue(context.issues, { in: 'page', path, code: 'wrong_type', message: 'Expected text.' })
    return null
  }
  if (!sound) return null
  const decoded = decodeCursor(value, order, cells)
  if (decoded.ok) return decoded.values
  addIssue(context.unreadable, { in: 'page', path, code: 'bad_cursor', message: decoded.reason })
  return null
}

/** A value reached along a relation is null where no row is. */
function cellOf({ field, relations, nearest }: ParsedOrderKey): ParsedPage['cells'][number] {
  if (nearest !== null) return isDistance
  const isCell = isCellOf(field)
  return (text) => (text === null && relations.length > 0) || isCell(text)
}
