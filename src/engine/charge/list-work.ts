// Points for what a list makes PostgreSQL do without answering rows: filters along relations, patterns, orders, counts, offsets.
// Requests are read as they came, before they are parsed: what the parser will refuse weighs nothing.
import { hasOwnQuery } from '../../db/plan/own-query.ts'
import { COUNT } from '../../schema/model/counts.ts'
import { countWords, MAX_TEXT } from '../../schema/declare/search.ts'
import { type Model, type Relation, type Resource, targetOf } from '../../schema/model/model.ts'
import { givenMembers, hasMembers } from '../parse/members.ts'
import type { ListInput, Total } from '../request.ts'
import { textSize } from '../../text-size.ts'

type Resources = Pick<Model, 'resources'>

/** Points. A field with a query of its own is evaluated for every row of the table where it is compared, sorted or grouped by. */
export const weights = Object.freeze({
  comparison: 0.1,
  /** A relation to one row: its table is looked at for each row, as a filter under OR or NOT is no join. */
  toOne: 4,
  /** Like, contains and their kin: no index finds their rows. Each wildcard has the database look again. */
  pattern: 4,
  wildcard: 0.3,
  /** Comparisons inside of JSON and arrays. */
  within: 1,
  search: 10,
  searchedWord: 2,
  /** A quantifier over related rows or their number multiplies what it holds, as the database may look at each of them. */
  quantifier: 40,
  /** One inside another, or behind a relation to one row, is done for each row that is looked at there. */
  quantifierWithin: 128,
  /** Behind two relations or more: each of their joins is done again for each row that is looked at. */
  quantifierDeep: 512,
  sortedBy: 0.5,
  sortedAlong: 15,
  sortedByCount: 40,
  /** Behind a relation to one row: the related rows of one are counted for each row that refers to it. */
  sortedByCountAlong: 600,
  ownQuery: 30,
  distinct: 10,
  /** Every row of the table has its query before the first one is answered. */
  distinctByOwnQuery: 1000,
  /** A total evaluates the filter for all rows, not for those of a page. */
  total: 5,
  totalOfFilter: 7,
})

/** Values of an operator with a list, such as `in`, that cost a point. */
const VALUES_PER_POINT = 50
/** Values of `has`, `hasSome` and their kin that cost a point: each is looked for among the values of each row. */
const SOUGHT_PER_POINT = 10
/** A page behind a cursor compares each key of its order, and those before it, with the cursor's row. */
const BEHIND_CURSOR = 4
/** At most: behind a cursor, what is dearer anyway would be over every limit. */
const MAX_BEHIND_CURSOR = 120
/** Characters of a pattern that cost a point, and of any other operand. Each row is held against all of them. */
const CHARACTERS_PER_POINT = 100
const COMPARED_PER_POINT = 1000
/** Skipped rows that cost a point; a table ends somewhere. */
const SKIPPED_PER_POINT = 1000
const MAX_OFFSET_POINTS = 100

export function listWork(
  model: Resources,
  resource: Resource,
  { where, orderBy, search, distinctOn, offset, after, before }: ListInput,
  total: Total,
): number {
  const filter = where === undefined ? 0 : filterWork(model, resource, where)
  let work = filter
  if (search !== undefined) work += searchWork(search)
  if (total !== false) work += weights.total + filter * weights.totalOfFilter
  if (typeof offset === 'number' && offset > 0)
    work += Math.min(offset / SKIPPED_PER_POINT, MAX_OFFSET_POINTS)
  if (Array.isArray(orderBy)) {
    const isBehind = (after ?? before ?? null) !== null
    for (const key of orderBy) work += keyWork(orderWork(model, resource, key), isBehind)
  }
  if (Array.isArray(distinctOn) && distinctOn.length > 0) work += distinctWork(resource, distinctOn)
  return work
}

const keyWork = (work: number, isBehind: boolean): number =>
  isBehind ? Math.max(work, Math.min(BEHIND_CURSOR * work, MAX_BEHIND_CURSOR)) : work

/** Text that is longer is refused (parse/parse-search.ts). */
const searchWork = (text: unknown): number =>
  weights.search +
  (typeof text === 'string' ? weights.searchedWord * countWords(text.slice(0, MAX_TEXT)) : 0)

/** A filter as deep as this is over every limit of its parts. */
const MAX_DEPTH = 32

/** Members that are looked at: more are over the limit of nodes by far, and looking at all would take long. */
const MAX_MEMBERS = 1000

/** Where a filter stands: how deep, behind how many relations, and how many members may still be looked at. */
interface Place {
  readonly depth: number
  readonly relations: number
  readonly budget: { left: number }
}
const openPlace = (): Place => ({ depth: 0, relations: 0, budget: { left: MAX_MEMBERS } })
const behind = (place: Place): Place => ({ ...place, relations: place.relations + 1 })

/** @param where a filter as it came */
export function filterWork(
  model: Resources,
  resource: Resource,
  where: unknown,
  place: Place = openPlace(),
): number {
  if (place.depth > MAX_DEPTH || !hasMembers(where)) return 0 // the parser refuses it
  const below = { ...place, depth: place.depth + 1 }
  let work = 0
  for (const name in where) {
    place.budget.left -= 1
    if (place.budget.left < 0) return work // the parser refuses it
    work += memberWork(model, resource, { name, value: where[name] }, below)
  }
  return work
}

interface Member {
  readonly name: string
  readonly value: unknown
}

function memberWork(
  model: Resources,
  resource: Resource,
  { name, value }: Member,
  below: Place,
): number {
  if (name === 'AND' || name === 'OR' || name === 'NOT') {
    let work = 0
    for (const tree of Array.isArray(value) ? value : [value])
      work += filterWork(model, resource, tree, below)
    return work
  }
  const field = resource.fields.get(name)
  if (field !== undefined)
    return comparisonsWork(value) + (hasOwnQuery(field, resource) ? ownQueries(value) : 0)
  const relation = resource.relations.get(name)
  return relation === undefined ? 0 : relationWork(model, relation, value, below)
}

/** The query of a field runs for each comparison of it. */
const ownQueries = (value: unknown): number =>
  weights.ownQuery * Math.max(1, givenMembers(value).length)

function relationWork(model: Resources, relation: Relation, value: unknown, place: Place): number {
  const target = targetOf(model, relation)
  return relation.many
    ? quantifiersWork(model, target, value, place)
    : weights.toOne + filterWork(model, target, value, behind(place))
}

/** By the number of relations before it. */
const quantifierWeights = [weights.quantifier, weights.quantifierWithin, weights.quantifierDeep]

function quantifiersWork(model: Resources, target: Resource, value: unknown, place: Place): number {
  const weight = quantifierWeights[Math.min(place.relations, 2)] ?? weights.quantifierDeep
  const below = behind(place)
  let work = 0
  for (const [word, of] of givenMembers(value)) {
    const inner = word === COUNT ? comparisonsWork(of) : filterWork(model, target, of, below)
    work += weight * (1 + inner)
  }
  return work
}

const sought = /^has/
const patterns = /^(?:like|ilike|i?contains|i?startsWith|i?endsWith)$/i

/** @param value the comparisons with one field, as they came */
export function comparisonsWork(value: unknown): number {
  let work = 0
  for (const [operator, operand] of givenMembers(value)) {
    work += weights.comparison + textSize(operand) / COMPARED_PER_POINT
    if (Array.isArray(operand))
      work += operand.length / (sought.test(operator) ? SOUGHT_PER_POINT : VALUES_PER_POINT)
    else if (typeof operand === 'object' && operand !== null) work += weights.within
    else if (typeof operand === 'string' && patterns.test(operator))
      work += patternWork(operator, operand)
  }
  return work
}

const patternWork = (operator: string, text: string): number =>
  weights.pattern +
  text.length / CHARACTERS_PER_POINT +
  (operator.toLowerCase().endsWith('like')
    ? weights.wildcard * (text.match(/[%_]/g)?.length ?? 0)
    : 0)

/** @param key one key of an order, as it came: `{ category: { name: 'ASC' } }` */
function orderWork(model: Resources, resource: Resource, key: unknown): number {
  let work = weights.sortedBy
  let at = resource
  let rest = key
  for (;;) {
    const [member] = givenMembers(rest)
    if (member === undefined) return work
    const [name, inner] = member
    const relation = at.relations.get(name)
    if (relation === undefined) {
      const field = at.fields.get(name)
      return field !== undefined && hasOwnQuery(field, at) ? work + weights.ownQuery : work
    }
    if (relation.many)
      return work + (at === resource ? weights.sortedByCount : weights.sortedByCountAlong)
    work += weights.sortedAlong
    at = targetOf(model, relation)
    rest = inner
  }
}

function distinctWork(resource: Resource, names: readonly unknown[]): number {
  const isOwnQuery = names.some((name) => {
    const field = resource.fields.get(String(name))
    return field !== undefined && hasOwnQuery(field, resource)
  })
  return isOwnQuery ? weights.distinctByOwnQuery : weights.distinct
}
