// Two tables for the tests of hidden names: documents, and the notes on them.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'

const docs = pgTable('docs', { id: integer().primaryKey(), name: text().notNull() })
const notes = pgTable('notes', {
  id: integer().primaryKey(),
  docId: integer('doc_id').references(() => docs.id),
})
export const tables = { docs, notes }
export const relations = defineRelations(tables, (r) => ({
  docs: { notes: r.many.notes({ from: r.docs.id, to: r.notes.docId }) },
  notes: { doc: r.one.docs({ from: r.notes.docId, to: r.docs.id }) },
}))
