// Tokens that were found good a moment ago: checking a signature again costs more than all else of a small request.
import { openBoundedMap } from '../../bounded-map.ts'
import type { Caller } from '../../schema/declare/caller.ts'

/** The longest a token is taken without a look at the keys: as long as a key that its provider withdrew still counts. */
const LONGEST_MS = 60_000
const MAX_TOKENS = 1000
/** A token may be as long as header fields are, so most of a thousand of the longest are not kept. */
const MAX_BYTES = 4 * 1024 * 1024
/** With the claims that were read of it. */
const weigh = (token: string): number => 500 + 3 * token.length

export interface TokenMemory {
  /** The caller of a token that is remembered and has not expired since. */
  readonly recall: (token: string) => Caller | undefined
  /** `expires` is the token's `exp`, in seconds. */
  readonly remember: (token: string, caller: Caller, expires: number) => void
}

/** Both in milliseconds: a token's expiry is a date, but how long it is remembered is a duration, which a change of the date must not alter. */
export interface Clocks {
  readonly date: () => number
  readonly monotonic: () => number
}

const systemClocks: Clocks = { date: Date.now, monotonic: () => performance.now() }

interface Entry {
  readonly caller: Caller
  readonly expires: number
  readonly forgotten: number
}

export function buildTokenMemory({ date, monotonic }: Clocks = systemClocks): TokenMemory {
  const known = openBoundedMap<string, Entry>({
    name: 'tokens',
    maxEntries: MAX_TOKENS,
    maxBytes: MAX_BYTES,
    weigh,
  })
  return {
    recall(token) {
      const entry = known.get(token)
      if (entry === undefined) return undefined
      if (entry.expires > date() && entry.forgotten > monotonic()) return entry.caller
      known.delete(token)
      return undefined
    },
    remember(token, caller, expires) {
      const forgotten = monotonic() + LONGEST_MS
      known.set(token, { caller, expires: expires * 1000, forgotten })
    },
  }
}
