// Callers with an API key: `Authorization: Bearer bfk_…` or `x-api-key: bfk_…`. The table holds only hashes (db/store/api-keys.ts).
import { findApiKey } from '../../db/store/api-keys.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import type { AuthContext, Authenticator, Credentials } from './authenticator.ts'
import { invalidToken, toClaims } from './claims.ts'

/** What every key begins with, so that a leaked one is recognised, and so that it is not taken for a JWT. */
export const API_KEY_PREFIX = 'bfk_'

/** Accepts the keys that `bifrons keys create` makes; the key's id, roles and claims make the caller. */
export function apiKeys(): Authenticator {
  return Object.freeze({
    name: 'apiKeys',
    open({ database, callerSchema }: AuthContext) {
      return async ({ scheme, token }: Credentials): Promise<Caller | null> => {
        if (scheme === 'bearer' && !token.startsWith(API_KEY_PREFIX)) return null
        const key = await findApiKey(database, token)
        if (key === null) throw invalidToken('The API key is not valid.')
        const claims = await toClaims(key.claims, callerSchema)
        return Object.freeze({
          via: 'apiKey',
          id: key.id,
          roles: Object.freeze([...key.roles]),
          claims,
        })
      }
    },
  })
}
