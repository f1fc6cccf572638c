// Orders of customers; their lines are in order-items.ts.
import { index, numeric, pgEnum, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { customers } from './customers.ts'

export const orderStatus = pgEnum('order_status', ['placed', 'shipped', 'cancelled'])

export const orders = pgTable(
  'orders',
  {
    id: uuid().primaryKey().defaultRandom(),
    customerId: uuid('customer_id')
      .notNull()
      .references(() => customers.id),
    status: orderStatus().notNull().default('placed'),
    total: numeric({ precision: 12, scale: 2 }).notNull(),
    note: text(),
    placedAt: timestamp('placed_at', { withTimezone: true, mode: 'string' }).notNull().defaultNow(),
    shippedAt: timestamp('shipped_at', { withTimezone: true, mode: 'string' }),
  },
  (table) => [
    // Newest first, for one customer and for the whole store. The key is the tie-breaker of every page.
    index().on(table.customerId, table.placedAt, table.id),
    index().on(table.placedAt, table.id),
  ],
)
