// A database that lacks what is declared: what is affected is not available on both faces, the rest is served.
import { defineRelations } from 'drizzle-orm'
import { integer, pgEnum, pgTable, text } from 'drizzle-orm/pg-core'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { findDrift } from '../../src/db/catalog/drift.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { buildGatewayModel } from '../../src/server/gateway-model.ts'
import { eachDatabase } from '../support/databases.ts'
import { type Faces, faultOf, openFaces, type Reply } from './http.ts'

const mood = pgEnum('mood', ['good', 'bad'])
const shelves = pgTable('shelves', { id: integer().primaryKey(), name: text().notNull() })
const books = pgTable('books', {
  id: integer().primaryKey(),
  title: text().notNull(),
  pages: integer(),
  tags: text().array(),
  mood: mood(),
  shelfId: integer('shelf_id').references(() => shelves.id),
})
const films = pgTable('films', { id: integer().primaryKey(), title: text().notNull() })
const relations = defineRelations({ books, films, shelves }, (r) => ({
  books: { shelf: r.one.shelves({ from: r.books.shelfId, to: r.shelves.id }) },
  shelves: { books: r.many.books() },
}))
const { resource, access } = declare({ relations })
const open = { read: access.everyone, create: access.everyone }
const declaration = gateway({
  name: 'Library',
  relations,
  resources: {
    book: resource('books', { access: open }),
    film: resource('films', { access: open }),
    shelf: resource('shelves', { access: open }),
  },
})

/** What breaks the database, what mends it, and what the operator reads. */
const drifts = {
  'a table': ['alter table books rename to old_books', 'alter table old_books rename to books'],
  'a column': [
    'alter table books rename pages to sheets',
    'alter table books rename sheets to pages',
  ],
  'a type': [
    'alter table books alter title type integer using 1',
    `alter table books alter title type text using 'Emma'`,
  ],
  'an enum': [
    'alter table books alter mood type text',
    'alter table books alter mood type mood using mood::mood',
  ],
  'a list': [
    'alter table books alter tags type text using tags[1]',
    'alter table books alter tags type text[] using array[tags]',
  ],
} as const
const said = {
  'a table': 'The database has no table or view "books".',
  'a column': '"books" has no column "pages".',
  'a type': '"books" has a column "title" of integer, declared as text.',
  'an enum': '"books" has a column "mood" of text, declared as mood.',
  'a list': '"books" has a column "tags" of text, declared as text[].',
} as const

const affected = {
  'a list on REST': (faces: Faces) => faces.rest('GET /api/books'),
  'one on REST': (faces: Faces) => faces.rest('GET /api/books/1'),
  'a create on REST': (faces: Faces) =>
    faces.rest('POST /api/books', { body: { id: 2, title: 'x', pages: 1, tags: [], mood: 'bad' } }),
  'a list on GraphQL': (faces: Faces) =>
    faces.graphql('{ books { nodes { id title pages tags mood } } }'),
  'a nested list on GraphQL': (faces: Faces) =>
    faces.graphql('{ shelves { nodes { books { nodes { title pages tags mood } } } } }'),
} satisfies Record<string, (faces: Faces) => Promise<Reply>>

eachDatabase((_kind, openDatabase) => {
  let faces: Faces
  beforeAll(async () => {
    faces = await openFaces(await openDatabase(), { mood, shelves, books, films }, declaration)
    await faces.sql(`insert into shelves values (1, 'A')`)
    await faces.sql(`insert into books values (1, 'Emma', 400, '{novel}', 'good', 1)`)
  })
  const look = () => faces.drift.look()
  /** The drift for the time of the test. */
  const breakBy = async ([breaking, mending]: readonly [string, string]) => {
    onTestFinished(async () => {
      await faces.sql(mending).catch(() => {}) // done already where the test has come to its end
    })
    await faces.sql(breaking)
  }
  const readiness = async () => (await faces.rest('GET /readyz')).body
  beforeEach(async () => {
    await look()
    expect(faces.drift.isDegraded()).toBe(false)
  })

  test('fits where tables are as they were declared, and a smaller whole number fits as well', async () => {
    const model = buildGatewayModel(declaration)
    expect(await findDrift(faces.database, model)).toEqual({ lines: [], mistyped: [] })
    await faces.sql('alter table books alter pages type smallint, alter title type varchar(9)')
    expect(await findDrift(faces.database, model)).toEqual({ lines: [], mistyped: [] })
    await faces.sql('alter table books alter pages type bigint')
    expect((await findDrift(faces.database, model)).lines).toEqual([
      '"books" has a column "pages" of bigint, declared as integer.',
    ])
    await faces.sql('alter table books alter pages type integer, alter title type text')
  })

  describe.each(Object.entries(drifts))('without %s', (name, [breaking, mending]) => {
    test('what needs it is not available, the rest is served, and all is again when it is back', async () => {
      for (const ask of Object.values(affected))
        expect((await ask(faces)).status, 'known statements').toBeLessThan(300)
      await faces.sql('delete from books where id = 2')
      await breakBy([breaking, mending])
      await look()
      for (const [what, ask] of Object.entries(affected)) {
        const reply = await ask(faces)
        expect(faultOf(reply), what).toEqual(['UNAVAILABLE'])
        const { message = reply.body.detail } = reply.body.errors?.[0] ?? {}
        expect(message, what).toBe('The database does not have what this needs just now.')
        if (reply.body.errors === undefined) {
          expect([reply.status, reply.headers['retry-after']], what).toEqual([503, '30'])
        }
      }
      expect((await faces.rest('GET /api/films')).status).toBe(200)
      expect((await faces.graphql('{ films { nodes { id } } }')).body).toMatchObject({
        data: { films: { nodes: [] } },
      })
      expect((await faces.rest('GET /api/shelves?fields=name')).body.data).toHaveLength(1)
      const found = await findDrift(faces.database, buildGatewayModel(declaration))
      expect(found.lines).toEqual([said[name as keyof typeof said]])

      await faces.sql(mending)
      await look()
      for (const [what, ask] of Object.entries(affected))
        expect((await ask(faces)).status, what).toBeLessThan(300)
      await faces.sql('delete from books where id = 2')
    })
  })

  test('readiness says that it is degraded, in no other word, until it is not', async () => {
    await breakBy(drifts['a column'])
    expect((await faces.rest('GET /api/books')).status).toBe(503) // which is noticed
    await expect.poll(readiness, { timeout: 5000 }).toEqual({ status: 'degraded' })
    expect((await faces.rest('GET /readyz')).status).toBe(200)
    await faces.sql(drifts['a column'][1])
    await expect.poll(readiness, { timeout: 5000 }).toEqual({ status: 'ready' })
  })
})
