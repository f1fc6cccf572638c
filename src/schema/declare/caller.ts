// Who asks: the caller as policies and handlers see it.
import { createHash } from 'node:crypto'
import { memoize } from '../../memoize.ts'

/** A caller after authentication. `Claims` is what the team's `caller` schema made of the token or key. */
export interface Caller<Claims = Readonly<Record<string, unknown>>> {
  /** How the caller proved itself. */
  readonly via: 'anonymous' | 'jwt' | 'apiKey'
  /** The token's `sub` or the key's id; null for the anonymous. */
  readonly id: string | null
  /** The token's `iss`: a `sub` means one caller among those of its issuer. Absent where the token has none, and for keys. */
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

/** Names one caller among all of a gateway: the kind of credential, the issuer and the id. It is never shown. */
export const accountOf = ({ via, issuer, id }: Caller<unknown>): string =>
  issuer === undefined ? `${via}:${id}` : `${via}@${digest(issuer)}:${id}`

/** An issuer may be long, and may hold anything: what stands before the id must not be taken for a part of it. */
const digest = memoize(100, (issuer) =>
  createHash('sha256').update(issuer).digest('base64url').slice(0, 22),
)
