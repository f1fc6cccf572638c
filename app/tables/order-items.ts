// The lines of an order. The key is composite: the order, and the line within it.
import { sql } from 'drizzle-orm'
import {
  check,
  index,
  integer,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  uuid,
} from 'drizzle-orm/pg-core'
import { orders } from './orders.ts'
import { products } from './products.ts'

export const orderItems = pgTable(
  'order_items',
  {
    orderId: uuid('order_id')
      .notNull()
      .references(() => orders.id, { onDelete: 'cascade' }),
    line: smallint().notNull(),
    productId: integer('product_id')
      .notNull()
      .references(() => products.id),
    quantity: integer().notNull(),
    price: numeric({ precision: 12, scale: 2 }).notNull(), // the price on the day of the order; the product's may change
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.line] }),
    check('order_items_quantity_above_zero', sql`${table.quantity} > 0`),
    index().on(table.productId),
  ],
)
