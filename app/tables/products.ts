// Products: the articles that the store sells.
import { type SQL, sql } from 'drizzle-orm'
import {
  check,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { categories } from './categories.ts'

export const productStatus = pgEnum('product_status', ['draft', 'active', 'retired'])

/** PostgreSQL's own type for full-text search; Drizzle has no column for it. */
const tsvector = customType({ dataType: () => 'tsvector' })

export const products = pgTable(
  'products',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    sku: text().notNull().unique(),
    name: text().notNull(),
    description: text().notNull().default(''),
    status: productStatus().notNull().default('draft'),
    price: numeric({ precision: 12, scale: 2 }).notNull(),
    cost: numeric({ precision: 12, scale: 2 }).notNull(),
    stock: integer().notNull().default(0),
    weight: doublePrecision(),
    attributes: jsonb().notNull().default({}),
    tags: text().array().notNull().default([]),
    categoryId: integer('category_id')
      .notNull()
      .references(() => categories.id),
    // Strings keep the microseconds that a JavaScript Date would drop.
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'string' })
      .notNull()
      .defaultNow(),
    // Computed by PostgreSQL on every write, so that it always matches the text.
    searchText: tsvector('search_text').generatedAlwaysAs(
      (): SQL =>
        sql`setweight(to_tsvector('english', ${products.name}), 'A') || to_tsvector('english', ${products.description})`,
    ),
  },
  (table) => [
    check('products_stock_not_negative', sql`${table.stock} >= 0`),
    check('products_price_above_zero', sql`${table.price} > 0`),
    index().on(table.categoryId),
    index().on(table.status, table.id),
    index().using('gin', table.searchText),
  ],
)
