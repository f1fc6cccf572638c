// API keys in the gateway's own table: made, listed, revoked, and recognised by their hash.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { and, desc, eq, getColumns, isNull, sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { Database } from '../database.ts'
import { apiKeysTable } from './own-tables.ts'
import { toDatabaseProblem } from '../sqlstate.ts'

/** `bfk_`, the id (16 hex digits), and 32 random bytes in base64url. */
const FORM = /^bfk_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/

/** `last_used_at` is written at most that often per key, so that reading requests stay reading ones. */
const TOUCH_INTERVAL = sql`interval '1 minute'`

export interface NewApiKey {
  /** Who or what the key is for, in the operator's words. */
  readonly name: string
  readonly roles: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  readonly expiresAt?: Date
}

/** A key as it is stored, without its hash. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  readonly lastUsedAt: Date | null
}

/** Makes a key. `secret` is the whole key as its user presents it: it is not stored and cannot be shown again. */
export async function createApiKey(
  database: Database,
  key: NewApiKey,
): Promise<{ readonly id: string; readonly secret: string }> {
  const id = randomBytes(8).toString('hex')
  const secret = `bfk_${id}_${randomBytes(32).toString('base64url')}`
  const { name, claims, expiresAt = null } = key
  await ask(database, (drizzle) =>
    drizzle
      .insert(apiKeysTable)
      .values({ id, name, hash: toHash(secret), roles: [...key.roles], claims, expiresAt }),
  )
  return { id, secret }
}

/** All keys, the newest first, revoked and expired ones too. */
export function listApiKeys(database: Database): Promise<readonly ApiKey[]> {
  const { hash: _, ...shown } = getColumns(apiKeysTable)
  return ask(database, (drizzle) =>
    drizzle.select(shown).from(apiKeysTable).orderBy(desc(apiKeysTable.createdAt), apiKeysTable.id),
  )
}

/** Makes a key useless from now on. False when there is no such key, or it was revoked before. */
export async function revokeApiKey(database: Database, id: string): Promise<boolean> {
  const revoked = await ask(database, (drizzle) =>
    drizzle
      .update(apiKeysTable)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(apiKeysTable.id, id), isNull(apiKeysTable.revokedAt)))
      .returning({ id: apiKeysTable.id }),
  )
  return revoked.length > 0
}

/** The owner of the key, or null for a key that is malformed, unknown, revoked or expired: callers do not learn which. */
export async function findApiKey(
  database: Database,
  presented: string,
): Promise<Pick<ApiKey, 'id' | 'roles' | 'claims'> | null> {
  const id = FORM.exec(presented)?.[1]
  if (id === undefined) return null
  const [row] = await ask(database, (drizzle) =>
    drizzle
      .select({
        hash: apiKeysTable.hash,
        roles: apiKeysTable.roles,
        claims: apiKeysTable.claims,
        valid: sql<boolean>`${apiKeysTable.revokedAt} is null and coalesce(${apiKeysTable.expiresAt} > now(), true)`,
        stale: sql<boolean>`coalesce(${apiKeysTable.lastUsedAt} < now() - ${TOUCH_INTERVAL}, true)`,
      })
      .from(apiKeysTable)
      .where(eq(apiKeysTable.id, id)),
  )
  // An unknown id takes as long as a known one, and a wrong secret as long as the right one.
  const matches = timingSafeEqual(row?.hash ?? Buffer.alloc(32), toHash(presented))
  if (row === undefined || !matches || !row.valid) return null
  if (row.stale) {
    await ask(database, (drizzle) =>
      drizzle
        .update(apiKeysTable)
        .set({ lastUsedAt: sql`now()` })
        .where(eq(apiKeysTable.id, id)),
    )
  }
  return { id, roles: row.roles, claims: row.claims }
}

/** A random key of 256 bits needs no slow hash: there is nothing to guess. */
const toHash = (secret: string): Buffer => createHash('sha256').update(secret).digest()

async function ask<T>(
  database: Database,
  question: (drizzle: NodePgDatabase) => PromiseLike<T>,
): Promise<T> {
  try {
    return await question(database.drizzle as NodePgDatabase) // what buildSingleStatementHandle makes
  } catch (error) {
    throw toDatabaseProblem(error)
  }
}
