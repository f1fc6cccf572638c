// Points for what a list makes PostgreSQL do without answering rows: filters along relations, patterns, orders, counts, offsets.
// Requests are read as they came, before they are parsed: what the parser will refuse weighs nothing.
import { hasOwnQuery } from '../../db/plan/own-query.ts'
import { COUNT } from '../../schema/model/counts.ts'
import { countWords, MAX_TEXT } from '../../schema/declare/search.ts'
import { type Model, type Relation, type Resource, targetOf } from '../../schema/model/model.ts'
import { givenMembers } from '../parse/members.ts'
import type { ListInput, Total } from '../request.ts'

type Resources = Pick<Model, 'resources'>

/** Points. A field with a query of its own is evaluated for every row of the table where it is compared, sorted or grouped by. */
export const weights = Object.freeze({
  comparison: 0.1,
  /** Like, contains and their kin: no index finds their rows. Each wildcard has the database look again. */
  pattern: 4,
  wildcard: 0.3,
  /** Comparisons inside of JSON and arrays. */
  within: 1,
  search: 10,
  searchedWord: 2,
  /** A quantifier over related rows or their number multiplies what it holds, as the database may look at each of them. */
  quantifier: 8,
  /** One inside another is done for each row that the outer one looks at. */
  quantifierWithin: 128,
  sortedBy: 0.5,
  sortedAlong: 5,
  sortedByCount: 30,
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
/** Characters of a text for `contains`, `startsWith` or `endsWith` that cost a point. */
const CHARACTERS_PER_POINT = 100
/** Skipped rows that cost a point; a table ends somewhere. */
const SKIPPED_PER_POINT = 1000
const MAX_OFFSET_POINTS = 100

export function listWork(
  model: Resources,
  resource: Resource,
  { where, orderBy, search, distinctOn, offset }: ListInput,
  total: Total,
): number {
  const filter = where === undefined ? 0 : filterWork(model, resource, where)
  let work = filter
  if (search !== undefined) work += searchWork(search)
  if (total !== false) work += weights.total + filter * weights.totalOfFilter
  if (typeof offset === 'number' && offset > 0)
    work += Math.min(offset / SKIPPED_PER_POINT, MAX_OFFSET_POINTS)
  if (Array.isArray(orderBy)) for (const key of orderBy) work += orderWork(model, resource, key)
  if (Array.isArray(distinctOn) && distinctOn.length > 0) work += distinctWork(resource, distinctOn)
  return work
}

/** Text that is longer is refused (parse/parse-search.ts). */
const searchWork = (text: unknown): number =>
  weights.search +
  (typeof text === 'string' ? weights.searchedWord * countWords(text.slice(0, MAX_TEXT)) : 0)

/** A filter as deep as this is over every limit of its parts. */
const MAX_DEPTH = 32

/** Where a filter stands: how deep, and whether in a quantifier. */
interface Place {
  readonly depth: number
  readonly isWithin: boolean
}
const TOP: Place = { depth: 0, isWithin: false }

/** @param where a filter as it came */
export function filterWork(
  model: Resources,
  resource: Resource,
  where: unknown,
  { depth, isWithin }: Place = TOP,
): number {
  if (depth > MAX_DEPTH) return 0 // the parser refuses it
  let work = 0
  for (const [name, value] of givenMembers(where)) {
    if (name === 'AND' || name === 'OR' || name === 'NOT') {
      for (const tree of Array.isArray(value) ? value : [value])
        work += filterWork(model, resource, tree, { depth: depth + 1, isWithin })
      continue
    }
    const field = resource.fields.get(name)
    if (field !== undefined)
      work += comparisonsWork(value) + (hasOwnQuery(field, resource) ? ownQueries(value) : 0)
    const relation = resource.relations.get(name)
    if (relation !== undefined)
      work += relationWork(model, relation, value, { depth: depth + 1, isWithin })
  }
  return work
}

/** The query of a field runs for each comparison of it. */
const ownQueries = (value: unknown): number =>
  weights.ownQuery * Math.max(1, givenMembers(value).length)

function relationWork(model: Resources, relation: Relation, value: unknown, place: Place): number {
  const target = targetOf(model, relation)
  return relation.many
    ? quantifiersWork(model, target, value, place)
    : weights.comparison + filterWork(model, target, value, place)
}

function quantifiersWork(
  model: Resources,
  target: Resource,
  value: unknown,
  { depth, isWithin }: Place,
): number {
  const weight = isWithin ? weights.quantifierWithin : weights.quantifier
  const below: Place = { depth, isWithin: true }
  let work = 0
  for (const [word, of] of givenMembers(value)) {
    const inner = word === COUNT ? comparisonsWork(of) : filterWork(model, target, of, below)
    work += weight * (1 + inner)
  }
  return work
}

const patterns = /^(?:like|ilike|i?contains|i?startsWith|i?endsWith)$/i

function comparisonsWork(value: unknown): number {
  let work = 0
  for (const [operator, operand] of givenMembers(value)) {
    work += weights.comparison
    if (Array.isArray(operand)) work += operand.length / VALUES_PER_POINT
    else if (typeof operand === 'object' && operand !== null) work += weights.within
    else if (typeof operand === 'string' && patterns.test(operator))
      work += patternWork(operator, operand)
  }
  return work
}

const patternWork = (operator: string, text: string): number =>
  weights.pattern +
  (operator.toLowerCase().endsWith('like')
    ? weights.wildcard * (text.match(/[%_]/g)?.length ?? 0)
    : text.length / CHARACTERS_PER_POINT)

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
    if (relation.many) return work + weights.sortedByCount
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
