// The gateway's own tables, in a schema of their own beside the team's. Their migrations are in drizzle/, in the package.
import {
  bigint,
  bytea,
  index,
  integer,
  jsonb,
  pgSchema,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

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

/**
 * The audit: one entry for each row that a write of the gateway has created, updated or deleted, and one for each run of an
 * operation, written in the transaction that it is about. A team serves it as a resource over this table; the gateway alone
 * writes it. See docs/guides/audit.md.
 */
export const auditTable = bifrons.table(
  'audit',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    /** When the transaction began. */
    at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** `jwt`, `apiKey` or `anonymous`. */
    via: text().notNull(),
    /** The token's `iss`; null where it has none, and for keys. */
    issuer: text(),
    /** The token's `sub` or the key's id; null for the anonymous. */
    subject: text(),
    /** `create`, `update` or `delete`, or the name of an operation of the team's own. */
    verb: text().notNull(),
    /** The key in the gateway's `resources`; null for an operation of the team's own. */
    resource: text(),
    /** The primary key of the row: text by the names of its fields. Null for an operation of the team's own. */
    key: jsonb().$type<Readonly<Record<string, string>>>(),
    /** Names of the fields that the write set, never their values. */
    changed: text().array().notNull(),
    /** `graphql` or `rest`. */
    face: text(),
    /** What the answer has as `x-request-id`. */
    requestId: text('request_id'),
    /** The operation that the caller asked for. */
    operation: text().notNull(),
  },
  (table) => [index().using('brin', table.at)], // entries are appended in the order of time
)
