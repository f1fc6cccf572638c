// Every change of a product's stock. Rows are only ever added, so the key is a bigint.
import { bigint, index, integer, pgEnum, pgTable, timestamp } from 'drizzle-orm/pg-core'
import { products } from './products.ts'

export const stockReason = pgEnum('stock_reason', ['received', 'sold', 'returned', 'corrected'])

export const stockMovements = pgTable(
  'stock_movements',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    productId: integer('product_id')
      .notNull()
      .references(() => products.id),
    delta: integer().notNull(),
    reason: stockReason().notNull(),
    at: timestamp({ withTimezone: true, mode: 'string' }).notNull().defaultNow(),
  },
  (table) => [index().on(table.productId, table.at)],
)
