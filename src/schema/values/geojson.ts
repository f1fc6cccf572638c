// Geometries as RFC 7946 has them: what a GeoJSON value looks like, and what a column of PostGIS takes of it.
import type { Column } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { z } from 'zod'

export type Position = readonly number[]

/** A geometry as it is on the wire. */
export type GeoJson =
  | { readonly type: 'Point'; readonly coordinates: Position }
  | { readonly type: 'LineString' | 'MultiPoint'; readonly coordinates: readonly Position[] }
  | {
      readonly type: 'Polygon' | 'MultiLineString'
      readonly coordinates: readonly (readonly Position[])[]
    }
  | {
      readonly type: 'MultiPolygon'
      readonly coordinates: readonly (readonly (readonly Position[])[])[]
    }
  | {
      readonly type: 'GeometryCollection'
      readonly geometries: readonly Exclude<GeoJson, { type: 'GeometryCollection' }>[]
    }

/** Judged where nothing else was found. */
const rule = (message: string) => ({
  message,
  params: { shape: true },
  abort: true,
  when: ({ issues }: z.core.ParsePayload) => issues.length === 0,
})

const position = z
  .array(z.number())
  .refine(
    ({ length }) => length === 2 || length === 3,
    rule('Expected two or three numbers: longitude, latitude, height.'),
  )
const many = <S extends z.ZodType>(of: S, least = 1) =>
  z.array(of).refine(({ length }) => length >= least, rule(`Expected ${least} at least.`))
const line = many(position, 2)
const isClosed = (ring: readonly Position[]): boolean =>
  JSON.stringify(ring[0]) === JSON.stringify(ring.at(-1))
const ring = many(position, 4).refine(isClosed, rule('A ring ends where it begins.'))

const geometry = <T extends GeoJson['type']>(type: T, coordinates: z.ZodType) =>
  z.strictObject({ type: z.literal(type), coordinates })
const simple = [
  geometry('Point', position),
  geometry('MultiPoint', many(position)),
  geometry('LineString', line),
  geometry('MultiLineString', many(line)),
  geometry('Polygon', many(ring)),
  geometry('MultiPolygon', many(many(ring))),
] as const

const types = [
  'Point',
  'MultiPoint',
  'LineString',
  'MultiLineString',
  'Polygon',
  'MultiPolygon',
  'GeometryCollection',
]
const unknownType = {
  error: ({ code }: z.core.$ZodRawIssue) =>
    code === 'invalid_type'
      ? 'Expected an object.'
      : `Expected one of ${types.map((type) => `"${type}"`).join(', ')}.`,
}

/** Any geometry; a collection holds no other. */
export const geoJson = z.discriminatedUnion(
  'type',
  [
    ...simple,
    z.strictObject({
      type: z.literal('GeometryCollection'),
      geometries: many(z.discriminatedUnion('type', simple, unknownType)),
    }),
  ],
  unknownType,
)

/** What PostGIS says of a column. */
export interface Spatial {
  /** Measured on the globe: in metres. A geometry without a reference system is measured on its own plane. */
  readonly globe: boolean
  readonly type: 'geometry' | 'geography'
  /** `point`, of its columns that take one type alone. */
  readonly only: string | null
  readonly height: 'never' | 'always' | 'perhaps'
  readonly srid: number
}

const LONGITUDE_AND_LATITUDE = 4326

/** Null for what is no column of PostGIS, or of a reference system that GeoJSON does not have. */
export function spatialOf(column: Column): Spatial | null {
  const sqlType = (column as PgColumn).getSQLType().toLowerCase() // every column of a model is a PostgreSQL column
  const [, type, named = '', given] =
    /^(geometry|geography)(?:\s*\(\s*([a-z]+)\s*(?:,\s*(\d+)\s*)?\))?$/.exec(sqlType) ?? []
  if ((type !== 'geometry' && type !== 'geography') || named.endsWith('m')) return null
  const srid = Number(given ?? (type === 'geography' ? LONGITUDE_AND_LATITUDE : 0))
  return srid === 0 || srid === LONGITUDE_AND_LATITUDE
    ? { type, srid, globe: srid === LONGITUDE_AND_LATITUDE, ...shapesIn(named) }
    : null
}

/** `pointz` is points with a height; without a name it is anything. */
function shapesIn(named: string): Pick<Spatial, 'only' | 'height'> {
  const only = named.replace(/z$/, '')
  return {
    only: only === '' || only === 'geometry' ? null : only,
    height: named === '' ? 'perhaps' : named.endsWith('z') ? 'always' : 'never',
  }
}

/** Every position of a geometry. */
const positionsOf = (value: unknown): readonly Position[] => {
  if (Array.isArray(value))
    return value.every((one) => typeof one === 'number') ? [value] : value.flatMap(positionsOf)
  return typeof value === 'object' && value !== null
    ? Object.values(value).flatMap(positionsOf)
    : []
}

const onGlobe = ([longitude = 0, latitude = 0]: Position): boolean =>
  Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90

/** What is compared with a column: any geometry of its reference system. */
export function comparedWith({ globe }: Spatial): z.ZodType {
  if (!globe) return geoJson
  return geoJson.refine(
    (value) => positionsOf(value).every(onGlobe),
    rule('A longitude lies from -180 to 180, a latitude from -90 to 90.'),
  )
}

/** What is stored in a column: of its type, with as many numbers as it has. */
export const storedIn = (spatial: Spatial): z.ZodType =>
  withHeight(ofType(comparedWith(spatial), spatial), spatial)

function ofType(any: z.ZodType, { only }: Spatial): z.ZodType {
  if (only === null) return any
  return any.refine(
    (value) => (value as GeoJson).type.toLowerCase() === only,
    rule(`Expected a ${types.find((type) => type.toLowerCase() === only) ?? only}.`),
  )
}

const heights = {
  always: { numbers: 3, expected: 'Expected three numbers a position.' },
  never: {
    numbers: 2,
    expected: 'Expected two numbers a position: the column keeps no height.',
  },
}

function withHeight(typed: z.ZodType, { height }: Spatial): z.ZodType {
  if (height === 'perhaps') return typed
  const { numbers, expected } = heights[height]
  return typed.refine(
    (value) => positionsOf(value).every(({ length }) => length === numbers),
    rule(expected),
  )
}
