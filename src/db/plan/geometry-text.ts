// Geometries as the text that PostGIS reads.
import {
  type GeoJson,
  type Position,
  type Spatial,
  spatialOf,
} from '../../schema/values/geojson.ts'
import type { Field } from '../../schema/model/model.ts'

/** The column of a geometry's field; the model has no such field without. */
export function spatialField({ name, source }: Field): Spatial {
  const spatial = 'column' in source ? spatialOf(source.column) : null
  if (spatial === null) throw new Error(`${name} is no column of PostGIS.`)
  return spatial
}

/** The text that PostGIS reads, exact to the last digit. */
export const toGeometryText = (field: Field): ((value: unknown) => string | null) => {
  const { srid } = spatialField(field)
  const prefix = srid === 0 ? '' : `SRID=${srid};`
  return (value) => (value === null ? null : prefix + toText(value as GeoJson)) // its schema has checked it
}

function toText(value: GeoJson): string {
  if (value.type === 'GeometryCollection')
    return `GEOMETRYCOLLECTION(${value.geometries.map(toText).join(',')})`
  const coordinates: readonly unknown[] = value.coordinates
  const body = isPosition(coordinates) ? `(${coordinates.join(' ')})` : nested(coordinates)
  return `${value.type.toUpperCase()}${hasHeight(coordinates) ? ' Z' : ''}${body}`
}

const isPosition = (value: readonly unknown[]): value is Position => typeof value[0] === 'number'

/** Positions with commas between them, in as many parentheses as there are lists. */
const nested = (values: readonly unknown[]): string =>
  `(${values.map((one) => (isPosition(listOf(one)) ? listOf(one).join(' ') : nested(listOf(one)))).join(',')})`

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const hasHeight = (values: readonly unknown[]): boolean =>
  isPosition(values) ? values.length === 3 : values.some((one) => hasHeight(listOf(one)))
