// A gallery: pictures in albums, both with vectors of their look.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text, vector } from 'drizzle-orm/pg-core'
import { declare } from '../../src/schema/declare/declare.ts'

const albums = pgTable('albums', { id: integer().primaryKey(), cover: vector({ dimensions: 2 }) })
const pictures = pgTable('pictures', {
  id: integer().primaryKey(),
  look: vector({ dimensions: 3 }),
  private: vector({ dimensions: 3 }),
  title: text().notNull(),
  albumId: integer('album_id')
    .notNull()
    .references(() => albums.id),
})
export const vectorTables = { albums, pictures }
export const vectorRelations = defineRelations(vectorTables, (r) => ({
  albums: { pictures: r.many.pictures() },
  pictures: { album: r.one.albums({ from: r.pictures.albumId, to: r.albums.id, optional: false }) },
}))
const { resource, access } = declare({ relations: vectorRelations })
const anyone = { read: access.everyone, create: access.everyone, update: access.everyone }

export const gallery = {
  name: 'Gallery',
  relations: vectorRelations,
  resources: {
    picture: resource('pictures', {
      access: { ...anyone, read: access.any({ title: { ne: 'hidden' } }, access.role('staff')) },
      fields: { private: { read: access.role('staff') } },
    }),
    album: resource('albums', { access: anyone }),
  },
}

/** Numbers that pgvector writes with and without an exponent, equal distances, zeros, and nulls. */
const numbers = [0, 1, -1, 0.1, 1e-7, 1234567.875, 3.5e10, -0.25]
const pick = (seed: number): number => numbers[seed % numbers.length] ?? 0
export const pictureRows = Array.from({ length: 40 }, (_, i) => ({
  id: i + 1,
  look: i % 7 === 0 ? null : [pick(i), pick(i * 3), pick(Math.floor(i / 8))],
  title: i % 11 === 5 ? 'hidden' : `Picture ${i % 4}`,
  album_id: 1 + (i % 3),
}))

export const vectorStatements = [
  `insert into albums values (1, '[0,0]'), (2, '[3,4]'), (3, null)`,
  `insert into pictures (id, look, title, album_id) values ${pictureRows.map(({ id, look, title, album_id }) => `(${id}, ${look === null ? 'null' : `'[${look.join()}]'`}, '${title}', ${album_id})`).join()}`,
]
