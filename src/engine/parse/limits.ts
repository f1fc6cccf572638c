// Limits on what one request may ask for, checked before the schemas and the policies (docs/guides/querying.md, Limits).
import { Problem } from '../../errors.ts'
import { COUNT } from '../../schema/model/counts.ts'
import { type Model, type Resource, targetOf } from '../../schema/model/model.ts'
import type { Selection } from '../request.ts'
import { givenMembers } from './members.ts'

export interface Limits {
  /** Relations deep, on both faces. */
  readonly depth: number
  /** Comparisons, words of logic and relations in one filter, and how deep the latter two nest: see checkFilter. */
  readonly filterNodes: number
  readonly filterDepth: number
  /** Writes that share one transaction. */
  readonly together: number
  /** Rows that one create writes along relations. */
  readonly nestedRows: number
  /** Bytes of one answer: of its rows as they are read, and of its JSON. Exports have no such bound. */
  readonly maxBytes: number
  /** Points of one request: see charge/cost.ts. */
  readonly cost: number
  /** The same for callers with a role, in place of it. */
  readonly roles: Readonly<Record<string, RoleLimits>>
}

/** Limits of callers with one role. */
export interface RoleLimits {
  readonly cost?: number
}

export const defaultLimits: Limits = Object.freeze({
  depth: 8,
  filterNodes: 100,
  filterDepth: 8,
  together: 30,
  nestedRows: 100,
  maxBytes: 8 * 1024 * 1024,
  cost: 1000,
  roles: Object.freeze({}),
})

export function checkDepth(selection: Selection, limits: Limits): void {
  const depth = depthOf(selection)
  if (depth > limits.depth) {
    throw new Problem(
      'TOO_COMPLEX',
      `The selection is ${depth} relations deep; at most ${limits.depth} are allowed.`,
    )
  }
}

const depthOf = (selection: Selection): number =>
  selection.relations.reduce(
    (deepest, relation) => Math.max(deepest, 1 + depthOf(relation.selection)),
    0,
  )

const isNearest = (key: unknown): boolean =>
  givenMembers(key).some(
    ([name, value]) =>
      name === 'nearest' && givenMembers(value).some(([member]) => member === 'to'),
  )

/** Whether an order has distances from a place, wherever in it. */
export const hasNearest = (orderBy: unknown): boolean =>
  Array.isArray(orderBy)
    ? orderBy.some(hasNearest)
    : isNearest(orderBy) || givenMembers(orderBy).some(([, inner]) => hasNearest(inner))

/** Counts before anything walks the order by its schema: each relation on the way to a key is a subquery of its own. */
export function checkOrder(orderBy: unknown, limits: Limits): void {
  const walk = (key: unknown, depth: number): void => {
    if (isNearest(key)) return // the end of the way
    if (depth > limits.depth)
      throw new Problem('TOO_COMPLEX', `The order goes along more than ${limits.depth} relations.`)
    for (const [, inner] of givenMembers(key)) if (typeof inner === 'object') walk(inner, depth + 1)
  }
  for (const key of Array.isArray(orderBy) ? orderBy : []) walk(key, 0)
}

/**
 * Counts before the schema parses the filter, so that hostile nesting costs one walk. What counts as a node is
 * a comparison (an operator with its operand), a word of logic, a relation, and an empty filter in a list; the depth is
 * how many words of logic and relations stand around a comparison.
 */
export function checkFilter(
  model: Pick<Model, 'resources'>,
  resource: Resource,
  where: unknown,
  limits: Limits,
): void {
  let nodes = 0
  const count = (more: number): void => {
    nodes += more
    if (nodes > limits.filterNodes)
      throw new Problem(
        'TOO_COMPLEX',
        `The filter has more than ${limits.filterNodes} comparisons, words of logic and relations.`,
      )
  }
  const walk = (within: Resource, tree: unknown, depth: number): void => {
    for (const [name, value] of givenMembers(tree)) {
      const nested = nestedFilters(model, within, name, value)
      if (nested === null) {
        count(comparisonsIn(value))
        continue
      }
      if (depth === limits.filterDepth) {
        throw new Problem(
          'TOO_COMPLEX',
          `The filter nests words of logic and relations more than ${limits.filterDepth} deep.`,
        )
      }
      count(1 + nested.comparisons)
      for (const inner of nested.filters) {
        if (givenMembers(inner).length === 0) count(1)
        walk(nested.resource, inner, depth + 1)
      }
    }
  }
  walk(resource, where, 0)
}

/** A comparison at a path in JSON is one as well: `{ path: { at, gt, lt } }` has two. */
const comparisonsIn = (value: unknown): number =>
  Math.max(
    1,
    givenMembers(value).reduce(
      (sum, [name, operand]) =>
        sum +
        (name === 'path'
          ? Math.max(1, givenMembers(operand).filter(([word]) => word !== 'at').length)
          : 1),
      0,
    ),
  )

/** The same of a filter on groups: each function with its fields takes the place of a field. */
export function checkHaving(having: unknown, limits: Limits): void {
  let nodes = 0
  const count = (more: number): void => {
    nodes += more
    if (nodes > limits.filterNodes)
      throw new Problem(
        'TOO_COMPLEX',
        `The filter on groups has more than ${limits.filterNodes} comparisons and words of logic.`,
      )
  }
  const walk = (tree: unknown, depth: number): void => {
    if (depth > limits.filterDepth)
      throw new Problem(
        'TOO_COMPLEX',
        `The filter on groups nests words of logic more than ${limits.filterDepth} deep.`,
      )
    for (const [name, value] of givenMembers(tree)) {
      count(1)
      const trees: readonly unknown[] = Array.isArray(value) ? value : [] // AND, OR, or what the schema refuses
      for (const inner of name === 'NOT' ? [value] : trees) walk(inner, depth + 1)
      if (name !== 'NOT')
        for (const [, comparisons] of givenMembers(value))
          count(Math.max(1, givenMembers(comparisons).length))
    }
  }
  walk(having, 0)
}

interface NestedFilters {
  readonly resource: Resource
  readonly filters: readonly unknown[]
  /** Comparisons beside them: of a count. */
  readonly comparisons: number
}

/** The filters under a member; null when it is a comparison, or nothing that the filter language knows. */
function nestedFilters(
  model: Pick<Model, 'resources'>,
  resource: Resource,
  name: string,
  value: unknown,
): NestedFilters | null {
  if (name === 'AND' || name === 'OR')
    return { resource, filters: Array.isArray(value) ? value : [], comparisons: 0 }
  if (name === 'NOT') return { resource, filters: [value], comparisons: 0 }
  const relation = resource.relations.get(name)
  if (relation === undefined) return null
  const target = targetOf(model, relation)
  if (!relation.many) return { resource: target, filters: [value], comparisons: 0 }
  const [counts, filters] = [
    givenMembers(value).filter(([word]) => word === COUNT),
    givenMembers(value).filter(([word]) => word !== COUNT),
  ]
  return {
    resource: target,
    filters: filters.map(([, filter]) => filter),
    comparisons: counts.reduce((sum, [, of]) => sum + Math.max(1, givenMembers(of).length), 0),
  }
}
