// Order by distance: what is nearest to a value that the request brings.
import { z } from 'zod'
import { comparedValue } from './operators.ts'
import type { Field, Resource } from './model.ts'

export const vectorMetrics = ['L2', 'COSINE', 'INNER_PRODUCT'] as const
export type VectorMetric = (typeof vectorMetrics)[number]

/** What a key of an order says in place of a direction: `{ nearest: { to, metric? } }`. */
export interface Nearest {
  readonly to: unknown
  /** `L2` unless told, as in pgvector; of vectors only. */
  readonly metric?: VectorMetric
}

/** Columns that have a distance. */
export const isMeasured = ({ kind, list, source }: Field): boolean =>
  (kind.name === 'vector' || kind.name === 'geometry') && !list && 'column' in source

export const nearestShape = (field: Field): z.ZodType =>
  z.strictObject({
    nearest:
      field.kind.name === 'geometry'
        ? z.strictObject({ to: comparedValue(field) })
        : z.strictObject({ to: field.wire, metric: z.enum(vectorMetrics).optional() }),
  })

/** Resources whose rows can be sorted by a distance: by a column of their own, or of a to-one relation. */
export function measuredKeys(resources: ReadonlyMap<string, Resource>): ReadonlySet<string> {
  const found = new Set(
    [...resources.values()]
      .filter(({ fields }) => [...fields.values()].some(isMeasured))
      .map(({ key }) => key),
  )
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const { key, relations } of resources.values())
      if ([...relations.values()].some(({ many, target }) => !many && found.has(target)))
        found.add(key)
  }
  return found
}
