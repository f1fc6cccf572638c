// Distances as inputs: what is near, in a filter and in an order.
import type { KindName } from '../../schema/values/kinds.ts'
import type { Resource } from '../../schema/model/model.ts'
import { isMeasured, vectorMetrics } from '../../schema/model/nearest.ts'
import type { Relations } from '../../schema/declare/types.ts'
import type { GatewayBuilder, GatewayTypes } from './builder.ts'

export type InputRef = PothosSchemaTypes.InputObjectRef<GatewayTypes<Relations>, unknown>

/** How vectors and geometries stand in an order: by what rows are near to. Only where there are any. */
export function defineDistances(
  builder: GatewayBuilder,
  resources: readonly Resource[],
): ReadonlyMap<KindName, InputRef> {
  const kinds = new Set(
    resources
      .flatMap((resource) => [...resource.fields.values()].filter(isMeasured))
      .map(({ kind }) => kind.name),
  )
  const distances = new Map<KindName, InputRef>()
  const define = (kind: KindName, name: string, nearest: InputRef): void => {
    distances.set(
      kind,
      builder.inputType(`${name}Order`, {
        description: 'Sorts by the distance to a value.',
        fields: (t) => ({ nearest: t.field({ type: nearest, required: true }) }),
      }),
    )
  }
  if (kinds.has('vector')) {
    const metric = builder.enumType('VectorMetric', {
      description: 'How the distance of two vectors is measured.',
      values: vectorMetrics,
    })
    define(
      'vector',
      'Vector',
      builder.inputType('VectorNearest', {
        description: 'The nearest first.',
        fields: (t) => ({
          to: t.field({
            type: t.listRef('Float'),
            required: true,
            description: 'As many numbers as the column has dimensions.',
          }),
          metric: t.field({ type: metric, description: 'L2 unless given.' }),
        }),
      }),
    )
  }
  if (kinds.has('geometry')) {
    define(
      'geometry',
      'Geo',
      builder.inputType('GeoNearest', {
        description: 'The nearest first.',
        fields: (t) => ({ to: t.field({ type: 'GeoJSON', required: true }) }),
      }),
    )
  }
  return distances
}

const geoDistances = new WeakMap<GatewayBuilder, InputRef>()

/** What a filter takes as a distance. */
export function geoDistance(builder: GatewayBuilder): InputRef {
  const made =
    geoDistances.get(builder) ??
    builder.inputType('GeoDistance', {
      description: 'From what, and how far at most.',
      fields: (t) => ({
        to: t.field({ type: 'GeoJSON', required: true }),
        lt: t.float({ description: 'Nearer than so many metres.' }),
        lte: t.float({ description: 'As near as so many metres, or nearer.' }),
      }),
    })
  geoDistances.set(builder, made)
  return made
}
