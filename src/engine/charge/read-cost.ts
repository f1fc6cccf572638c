// The cost of a read: pages multiply along the lists of a selection.
import type { Model, Resource } from '../../schema/model/model.ts'
import type { ListInput } from '../request.ts'
import type { Tally } from './cost.ts'
import { listWork } from './list-work.ts'
import type { ListShape, RowShape } from './row-shape.ts'

/** What the lists below some rows are read under. */
interface Parents {
  readonly model: Pick<Model, 'resources'>
  /** The arguments of the request's lists, by their numbers. */
  readonly lists: readonly ListInput[]
  /** How many there may be. */
  readonly most: number
  /** How many there are likely to be, for bytes and for the queries of their cells. */
  readonly likely: number
  /** Bytes of the rows that each row repeats. */
  readonly repeated: number
}

/** Related lists are seldom full at every level: bytes are estimated with this share of their pages, and at least so many of their rows. */
const SHARE = 5
const FEWEST = 5
/** Queries of computed fields in answered rows that cost a point. */
const QUERIES_PER_POINT = 20
/** Parents for which the work of a related list is done that cost as much as the list alone. */
const PARENTS_PER_WORK = 20
/** Parents whose related rows are all looked at, as a filter, an order or a total needs, that cost a point. */
const SEARCHED_PARENTS_PER_POINT = 2.5

/** The rows of a list, at most: the page that is asked for, and one row behind it, which says whether there are more. */
export function pageRows({ page }: Resource, { first, last }: ListInput): number {
  const asked = first ?? last ?? page.default
  if (typeof asked !== 'number' || !(asked >= 0)) return page.default + 1 // the parser refuses it
  return Math.min(asked, page.max) + 1
}

/** An operation's own list. */
export function addOwnList(
  tally: Tally,
  model: Pick<Model, 'resources'>,
  { path, row, rows, total }: Pick<ListShape, 'path' | 'row' | 'rows' | 'total'>,
  lists: readonly ListInput[],
): void {
  const list = lists[0] ?? {}
  const work = listWork(model, row.resource, list, total)
  const count = rows ? pageRows(row.resource, list) : 0
  tally.work += work
  if (total === 'estimated') tally.statements += 1
  if (total !== false) tally.rows += 1 // the total stands in a row of its own
  tally.note?.(path, { rows: count, bytes: count * row.bytes, work })
  addRows(tally, row, { model, lists, most: count, likely: count, repeated: 0 })
}

/** Rows that are read, with everything below them. */
export function addRows(tally: Tally, row: RowShape, at: Parents): void {
  const { most, likely, repeated } = at
  tally.rows += most * (1 + row.toOne)
  tally.listed += most
  tally.bytes += likely * (row.bytes + repeated)
  tally.work += (likely * row.queries) / QUERIES_PER_POINT
  const below = { ...at, repeated: row.isRepeated ? repeated + row.bytes : 0 }
  for (const list of row.lists) addRelated(tally, list, below)
}

function addRelated(
  tally: Tally,
  { path, at, row, rows, total }: ListShape,
  parents: Parents,
): void {
  const { model, lists, most, likely, repeated } = parents
  const list = lists[at] ?? {}
  const once = listWork(model, row.resource, list, total)
  const work =
    once === 0 ? 0 : once * Math.max(1, most / PARENTS_PER_WORK) + most / SEARCHED_PARENTS_PER_POINT
  tally.work += work
  if (total === 'estimated') tally.statements += most
  const count = rows ? pageRows(row.resource, list) : 0
  const expected = Math.max(Math.ceil(count / SHARE), Math.min(count, FEWEST))
  const related = { most: most * count, likely: likely * expected }
  tally.note?.(path, {
    rows: related.most,
    bytes: related.likely * (row.bytes + repeated),
    work,
  })
  addRows(tally, row, { ...parents, ...related })
}
