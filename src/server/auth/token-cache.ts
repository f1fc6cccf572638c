// Tokens that were found good a moment ago: checking a signature again costs more than all else of a small request.
import { openBoundedMap } from '../../bounded-map.ts'
import type { Caller } from '../../schema/declare/caller.ts'

/** The longest a token is taken without a look at the keys: as long as a key that its provider withdrew still counts. */
const LONGEST_MS = 60_000
const MAX_TOKENS = 1000

export interface TokenMemory {
  /** The caller of a token that is remembered and has not expired since. */
  readonly recall: (token: string) => Caller | undefined
  /** `expires` is the token's `exp`, in seconds. */
  readonly remember: (token: string, caller: Caller, expires: number) => void
}

export function buildTokenMemory(now: () => number = Date.now): TokenMemory {
  const known = openBoundedMap<string, { readonly caller: Caller; readonly until: number }>({
    maxEntries: MAX_TOKENS,
  })
  return {
    recall(token) {
      const entry = known.get(token)
      if (entry === undefined || entry.until > now()) return entry?.caller
      known.delete(token)
      return undefined
    },
    remember(token, caller, expires) {
      known.set(token, { caller, until: Math.min(expires * 1000, now() + LONGEST_MS) })
    },
  }
}
