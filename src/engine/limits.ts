// Limits on what one request may ask for, checked before any work is done (reliability.md, Limits).
import { Problem } from '../errors.ts'
import type { Selection } from './request.ts'

export interface Limits {
  /** Relations deep, on both faces. */
  readonly depth: number
  /** Comparisons and words of logic in one filter, and how deep they nest. */
  readonly filterNodes: number
  readonly filterDepth: number
}

export const defaultLimits: Limits = Object.freeze({ depth: 8, filterNodes: 100, filterDepth: 8 })

export function checkDepth(selection: Selection, limits: Limits): void {
  const depth = depthOf(selection)
  if (depth > limits.depth) {
    throw new Problem('TOO_COMPLEX', `The selection is ${depth} relations deep; at most ${limits.depth} are allowed.`)
  }
}

const depthOf = (selection: Selection): number =>
  selection.relations.reduce((deepest, relation) => Math.max(deepest, 1 + depthOf(relation.selection)), 0)

/** Counts before anything walks the filter by its schema, so that hostile nesting costs nothing. */
export function checkFilter(where: unknown, limits: Limits): void {
  let nodes = 0
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return
    if (depth > limits.filterDepth * 2) { // a comparison is one level of its own under each level of logic
      throw new Problem('TOO_COMPLEX', `The filter is more than ${limits.filterDepth} levels deep.`)
    }
    for (const member of Object.values(value)) {
      if (!Array.isArray(value) || typeof member === 'object') nodes += 1
      if (nodes > limits.filterNodes * 2) throw new Problem('TOO_COMPLEX', `The filter has more than ${limits.filterNodes} parts.`)
      walk(member, depth + 1)
    }
  }
  walk(where, 0)
}
