// The preferences of a customer. One-to-one: the primary key is the customer's.
import { boolean, jsonb, pgTable, time, uuid } from 'drizzle-orm/pg-core'
import { customers } from './customers.ts'

export const customerProfiles = pgTable('customer_profiles', {
  customerId: uuid('customer_id')
    .primaryKey()
    .references(() => customers.id, { onDelete: 'cascade' }),
  newsletter: boolean().notNull().default(false),
  preferredTime: time('preferred_time'),
  preferences: jsonb().notNull().default({}),
})
