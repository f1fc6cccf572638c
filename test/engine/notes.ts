// Notes in notebooks for searches, some hidden, with words that match well, badly and not at all.
import { defineRelations, sql, type SQL } from 'drizzle-orm'
import { customType, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'

const tsvector = customType({ dataType: () => 'tsvector' })

const notebooks = pgTable('notebooks', { id: integer().primaryKey(), title: text().notNull() })
const notes = pgTable('notes', {
  id: integer().primaryKey(),
  title: text().notNull(),
  body: text(),
  secret: text(),
  owner: text().notNull(),
  notebookId: integer('notebook_id')
    .notNull()
    .references(() => notebooks.id),
  words: tsvector().generatedAlwaysAs((): SQL => sql`to_tsvector('english', ${notes.title})`),
  inside: tsvector().generatedAlwaysAs(
    (): SQL => sql`to_tsvector('english', coalesce(${notes.secret}, ''))`,
  ),
})
const tables = { notebooks, notes }
export const noteTables = tables

export const relations = defineRelations(tables, (r) => ({
  notebooks: { notes: r.many.notes() },
  notes: {
    notebook: r.one.notebooks({ from: r.notes.notebookId, to: r.notebooks.id, optional: false }),
  },
}))

const { resource, access } = declare({
  relations,
  caller: z.object({ owner: z.string() }).partial(),
})
const staff = access.role('staff')
const read = access.any<'notes'>({ owner: { ne: 'hidden' } }, staff)

export type NoteSearch = NonNullable<Parameters<typeof resource<'notes'>>[1]['search']>

export const declareNotes = (search: NoteSearch) => ({
  name: 'Notes',
  relations,
  resources: {
    note: resource('notes', {
      access: { read },
      fields: { secret: { read: staff }, inside: { read: staff } },
      search,
    }),
    notebook: resource('notebooks', { access: { read: access.everyone } }),
  },
})

const words = ['lamp', 'lamps', 'brass', 'the', 'oak', 'table', 'running', 'ran']
const pick = (seed: number): string => words[seed % words.length] ?? ''

export const noteRows = Array.from({ length: 60 }, (_, i) => ({
  id: i + 1,
  title: [
    pick(i),
    pick(i * 3 + Math.floor(i / 8)),
    ...Array.from({ length: i % 4 }, () => pick(i)),
  ].join(' '),
  body:
    i % 5 === 0
      ? null
      : `${pick(i * 7 + Math.floor(i / 4))} and ${pick(i + 3)} or the ${pick(i * 5 + Math.floor(i / 8))}`,
  secret: i % 3 === 0 ? 'treasure' : null,
  owner: i % 9 === 0 ? 'hidden' : 'ann',
  notebook_id: 1 + (i % 3),
}))
