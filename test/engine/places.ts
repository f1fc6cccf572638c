// An atlas of places: points on the globe as geometry and as geography, shapes of any type, and a plan without a reference system.
import { defineRelations } from 'drizzle-orm'
import { customType, geometry, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { declare } from '../../src/schema/declare/declare.ts'

const column = (type: string) => customType<{ data: string }>({ dataType: () => type })
const cities = pgTable('cities', {
  id: integer().primaryKey(),
  name: text().notNull(),
  area: column('geography(Polygon,4326)')(),
})
const places = pgTable('places', {
  id: integer().primaryKey(),
  name: text().notNull(),
  at: geometry({ type: 'point', srid: 4326 }),
  where: column('geography(point, 4326)')('whereabouts'),
  shape: column('geometry')(),
  peak: column('geometry(PointZ,4326)')(),
  secret: geometry({ type: 'point', srid: 4326 }),
  meters: column('geometry(Point,32633)')(),
  cityId: integer('city_id').references(() => cities.id),
})
export const placeTables = { cities, places }
export const placeRelations = defineRelations(placeTables, (r) => ({
  cities: { places: r.many.places() },
  places: { city: r.one.cities({ from: r.places.cityId, to: r.cities.id }) },
}))
const { resource, access } = declare({ relations: placeRelations })
const anyone = { read: access.everyone, create: access.everyone, update: access.everyone }

export const atlas = {
  name: 'Atlas',
  relations: placeRelations,
  resources: {
    place: resource('places', {
      access: { ...anyone, read: access.any({ name: { ne: 'hidden' } }, access.role('staff')) },
      fields: { secret: { read: access.role('staff') } },
    }),
    city: resource('cities', { access: anyone }),
  },
}

export const placeRows = Array.from({ length: 30 }, (_, i) => ({
  id: i + 1,
  name: i % 9 === 4 ? 'hidden' : `Place ${i}`,
  at: i % 8 === 7 ? null : ([13 + (i % 7) / 10, 52 + ((i * 3) % 10) / 10] as const),
  city: 1 + (i % 2),
}))

export const placeStatements = [
  `insert into cities values (1, 'Berlin', 'POLYGON((13 52, 14 52, 14 53, 13 53, 13 52))'), (2, 'Nowhere', null)`,
  `insert into places (id, name, at, whereabouts, shape, city_id) values ${placeRows
    .map(({ id, name, at, city }) => {
      const point = at === null ? 'null' : `'SRID=4326;POINT(${at.join(' ')})'`
      return `(${id}, '${name}', ${point}, ${point}, ${at === null ? 'null' : `'LINESTRING(${at.join(' ')}, 0 0)'`}, ${city})`
    })
    .join()}`,
]
