// The gateway's own tables, in a schema of their own beside the team's. Their migrations are in drizzle/, in the package.
import { bytea, index, integer, jsonb, pgSchema, text, timestamp } from 'drizzle-orm/pg-core'

const bifrons = pgSchema('bifrons') // made by the migrator, which keeps its books in it

/** API keys: what proves one is the SHA-256 of the whole key; the key itself is shown once and kept nowhere. */
export const apiKeysTable = bifrons.table('api_keys', {
  id: text().primaryKey(),
  name: text().notNull(),
  hash: bytea().notNull(),
  roles: text().array().notNull(),
  claims: jsonb().$type<Readonly<Record<string, unknown>>>().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  expiresAt: timestamp('expires_at', { withTimezone: true }),
  revokedAt: timestamp('revoked_at', { withTimezone: true }),
  lastUsedAt: timestamp('last_used_at', { withTimezone: true }),
})

/** What was answered to writes with an idempotency key; `id` is a hash of caller, operations and key. See idempotency.ts. */
export const idempotency = bifrons.table(
  'idempotency',
  {
    id: bytea().primaryKey(),
    fingerprint: bytea().notNull(),
    status: integer().notNull(),
    headers: jsonb().$type<Readonly<Record<string, string>>>().notNull(),
    body: text(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [index().on(table.createdAt)],
)
