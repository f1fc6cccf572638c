// Two builds on one database, as while an update is rolled out: the old one does not know the new columns.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { createDatabase, onDatabase } from '../support/databases.ts'
import { type Faces, openFaces } from './http.ts'

const shared = {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  body: text().notNull(),
}
const oldNotes = pgTable('notes', shared)
const newNotes = pgTable('notes', {
  ...shared,
  author: text(),
  state: text().notNull().default('open'),
})

const oldRelations = defineRelations({ notes: oldNotes })
const newRelations = defineRelations({ notes: newNotes })
const older = declare({ relations: oldRelations })
const newer = declare({ relations: newRelations })
const { everyone } = older.access
const access = { read: everyone, create: everyone, update: everyone, delete: everyone }
const oldBuild = {
  name: 'Notes',
  relations: oldRelations,
  resources: { note: older.resource('notes', { access }) },
} as const
const newBuild = {
  name: 'Notes',
  relations: newRelations,
  resources: { note: newer.resource('notes', { access }) },
} as const

onDatabase('postgres', (open) => {
  let before: Faces
  let after: Faces
  let dropAll: () => Promise<void>
  afterAll(() => dropAll())
  beforeAll(async () => {
    const { url, drop } = await createDatabase('postgres')
    dropAll = drop
    const database = await open({ url })
    before = await openFaces(database, { notes: oldNotes }, oldBuild)
    await before.rest('POST /api/notes', { body: { body: 'first' } }) // statements are prepared on the old table
    await before.rest('GET /api/notes')
    // the migration of the new build, while the old one runs
    await before.sql(
      "alter table notes add column author text, add column state text not null default 'open'",
    )
    after = await openFaces(await open({ url }), {}, newBuild)
  })

  test('the old one reads and writes on both faces, and the new columns get their defaults', async () => {
    expect((await before.rest('POST /api/notes', { body: { body: 'old' } })).status).toBe(201)
    const made = await before.graphql(
      'mutation { createNote(input: { body: "old too" }) { id body } }',
    )
    expect(made.body.data.createNote.body).toBe('old too')
    expect((await before.rest('GET /api/notes?sort=id')).body.data).toEqual([
      { id: 1, body: 'first' },
      { id: 2, body: 'old' },
      { id: 3, body: 'old too' },
    ])
    expect((await after.rest('GET /api/notes?sort=id&offset=1')).body.data).toEqual([
      { id: 2, body: 'old', author: null, state: 'open' },
      { id: 3, body: 'old too', author: null, state: 'open' },
    ])
  })

  test('the new one reads and writes on both faces, and the old one reads its rows', async () => {
    const body = { body: 'new', author: 'ann', state: 'done' }
    const made = await after.rest('POST /api/notes', { body })
    expect([made.status, made.body]).toEqual([201, { id: made.body.id, ...body }])
    const { id } = made.body
    const read = await before.graphql('query ($id: Int!) { note(id: $id) { body } }', {
      variables: { id },
    })
    expect(read.body.data).toEqual({ note: { body: 'new' } })
    const found = await after.graphql(
      '{ notes(where: { author: { eq: "ann" } }) { nodes { id state } } }',
    )
    expect(found.body.data).toEqual({ notes: { nodes: [{ id, state: 'done' }] } })
  })

  test('an update by the old one keeps what only the new one knows', async () => {
    const { body } = await after.rest('POST /api/notes', {
      body: { body: 'new', author: 'bob', state: 'done' },
    })
    const path = `/api/notes/${body.id}`
    const changed = await before.rest(`PATCH ${path}`, { body: { body: 'changed' } })
    expect([changed.status, changed.body]).toEqual([200, { id: body.id, body: 'changed' }])
    expect((await after.rest(`GET ${path}`)).body).toEqual({
      id: body.id,
      body: 'changed',
      author: 'bob',
      state: 'done',
    })
  })

  test('neither finds that the database lacks something', async () => {
    for (const { app } of [before, after]) {
      const ready = await app.inject('/readyz')
      expect([ready.statusCode, ready.json()]).toEqual([
        200,
        expect.not.objectContaining({ status: 'degraded' }),
      ])
    }
  })
})
