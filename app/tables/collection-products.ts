// The products of collections, with their order: the junction of a many-to-many relation.
import { index, integer, pgTable, primaryKey } from 'drizzle-orm/pg-core'
import { collections } from './collections.ts'
import { products } from './products.ts'

export const collectionProducts = pgTable(
  'collection_products',
  {
    collectionId: integer('collection_id')
      .notNull()
      .references(() => collections.id, { onDelete: 'cascade' }),
    productId: integer('product_id')
      .notNull()
      .references(() => products.id, { onDelete: 'cascade' }),
    position: integer().notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.collectionId, table.productId] }),
    index().on(table.productId),
  ],
)
