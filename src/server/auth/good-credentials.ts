// Credentials that were found good: they are verified again, but never refused for the guesses of others at their address.
import { hash } from 'node:crypto'
import { openBoundedMap } from '../../bounded-map.ts'

/** About 150 bytes each. */
const MAX_CREDENTIALS = 20_000

/** Keeps digests, so that no credential lies here. One that has become bad is forgotten, which costs one verification. */
export interface GoodCredentials {
  readonly has: (token: string) => boolean
  readonly add: (token: string) => void
  readonly delete: (token: string) => void
}

export function openGoodCredentials(): GoodCredentials {
  const known = openBoundedMap<string, true>({ maxEntries: MAX_CREDENTIALS })
  return {
    has: (token) => known.get(digest(token)) === true,
    add(token) {
      const key = digest(token)
      if (known.get(key) === undefined) known.set(key, true)
    },
    delete: (token) => known.delete(digest(token)),
  }
}

const digest = (token: string): string => hash('sha256', token, 'base64')
