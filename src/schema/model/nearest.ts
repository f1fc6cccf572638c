// Order by distance: what is nearest to a value that the request brings.
import {
  lazyObject,
  type NamedType,
  optional,
  required,
  type ValueType,
} from '../values/value-types.ts'
import { comparedGeometry, comparedType } from './field-types.ts'
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

/** `{ nearest: … }`, where another key of an order has a direction. */
export const nearestOrder = (field: Field): NamedType =>
  lazyObject(
    {
      name: field.kind.name === 'geometry' ? 'GeoOrder' : 'VectorOrder',
      description: 'Sorts by the distance to a value.',
    },
    () => [
      [
        'nearest',
        required(field.kind.name === 'geometry' ? nearestPlace(field) : nearestVector(field)),
      ],
    ],
  )

const nearestPlace = (field: Field): NamedType =>
  lazyObject({ name: 'GeoNearest', description: 'The nearest first.' }, () => [
    ['to', required(comparedGeometry(field))],
  ])

const nearestVector = (field: Field): NamedType =>
  lazyObject({ name: 'VectorNearest', description: 'The nearest first.' }, () => [
    [
      'to',
      required(comparedType(field), {
        description: 'As many numbers as the column has dimensions.',
      }),
    ],
    ['metric', optional(metricType, { description: 'L2 unless given.' })],
  ])

const metricType: ValueType = {
  type: 'enum',
  name: 'VectorMetric',
  description: 'How the distance of two vectors is measured.',
  labels: vectorMetrics,
}

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
