// Products shown together, such as "New this spring".
import { integer, pgTable, text } from 'drizzle-orm/pg-core'

export const collections = pgTable('collections', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: text().notNull(),
  slug: text().notNull().unique(),
})
