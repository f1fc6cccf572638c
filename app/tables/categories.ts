// The tree of the catalogue: a category refers to its parent.
import { type AnyPgColumn, index, integer, pgTable, text } from 'drizzle-orm/pg-core'

export const categories = pgTable(
  'categories',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    name: text().notNull(),
    slug: text().notNull().unique(),
    parentId: integer('parent_id').references((): AnyPgColumn => categories.id), // the type is annotated because the table refers to itself
  },
  (table) => [index().on(table.parentId)],
)
