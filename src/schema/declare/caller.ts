// Who asks: the caller as policies and handlers see it.

/** A caller after authentication. `Claims` is what the team's `caller` schema made of the token or key. */
export interface Caller<Claims = Readonly<Record<string, unknown>>> {
  /** How the caller proved itself. */
  readonly via: 'anonymous' | 'jwt' | 'apiKey'
  /** The token's `sub` or the key's id; null for the anonymous. */
  readonly id: string | null
  /** The token's `iss`, where it has one: ids are unique for each issuer. */
  readonly issuer?: string
  readonly roles: readonly string[]
  readonly claims: Claims
}

/** The caller who proved nothing. */
export const anonymous: Caller<never> = Object.freeze({
  via: 'anonymous',
  id: null,
  roles: Object.freeze([]),
  claims: Object.freeze({}) as never, // every caller schema is partial towards the anonymous
})

export const isSignedIn = (caller: Caller<unknown>): boolean => caller.via !== 'anonymous'
