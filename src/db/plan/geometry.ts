// PostGIS in SQL: geometries as GeoJSON out and as text in, and what filters and orders ask of them.
import { type Column, type SQL, sql } from 'drizzle-orm'
import type { Spatial } from '../../schema/values/geojson.ts'
import type { Field } from '../../schema/model/model.ts'
import { spatialField, toGeometryText } from './geometry-text.ts'

/** Binds what is made of the operand to a parameter. */
export type Bind = (convert: (operand: unknown) => string | null) => SQL

/** As many digits as give the same number back; PostgreSQL's default is nine. */
export const asGeoJson = (expression: SQL): SQL => sql`ST_AsGeoJSON(${expression}, 40, 0)`

interface Distance {
  readonly to: unknown
  readonly lt?: number
  readonly lte?: number
}

/** Both sides as they are measured: on the globe, or on the plane of a column without a reference system. */
const measured = ({ globe }: Spatial, expression: SQL): SQL =>
  sql`(${expression})::${sql.raw(globe ? 'geography' : 'geometry')}`

export type SpatialOperator = 'distance' | 'within' | 'intersects'

/** Filters of a geometry. What is less than, and not equal to, a bound is asked again of those that are within it. */
export function spatialCondition(
  field: Field,
  operator: SpatialOperator,
  bind: Bind,
  left: SQL,
): SQL {
  const spatial = spatialField(field)
  const text = toGeometryText(field)
  if (operator === 'intersects')
    return sql`ST_Intersects(${left}, ${bind(text)}::${sql.raw(spatial.type)})`
  if (operator === 'within') return sql`ST_Within((${left})::geometry, ${bind(text)}::geometry)`
  const to = measured(
    spatial,
    bind((value) => text((value as Distance).to)),
  ) // its schema has checked it, here and below
  const bound = sql`${bind((value) => String((value as Distance).lte ?? (value as Distance).lt))}::float8`
  const open = sql`${bind((value) => String((value as Distance).lte === undefined))}::boolean`
  const from = measured(spatial, left)
  return sql`(ST_DWithin(${from}, ${to}, ${bound}) and (not ${open} or ST_Distance(${from}, ${to}) < ${bound}))`
}

/** How far a geometry is from the one in the slot. */
export const spatialDistance = (
  field: Field,
  bind: Bind,
  columns: Readonly<Record<string, Column>>,
): SQL => {
  const spatial = spatialField(field)
  return sql`${measured(spatial, sql`${columns[field.name]}`)} <-> ${measured(spatial, bind(toGeometryText(field)))}`
}
