// Issuers: who may sign callers' tokens. One by the single variables or options, several by JWT_ISSUERS or `issuers`.
import { ConfigurationError } from '../config/config.ts'
import type { Config } from '../config/config.ts'
import { defined } from '../../defined.ts'

/** An issuer in the declaration of a gateway, which holds no secrets. */
export interface JwtIssuer {
  /** The `iss` of its tokens. */
  readonly issuer: string
  /** The `aud` that its tokens must have. */
  readonly audience?: string
  /** The URL of its keys. */
  readonly jwks: string
}

export interface JwtOptions {
  /** The `iss` a token must have. `JWT_ISSUER` wins. */
  readonly issuer?: string
  /** The `aud` a token must have. `JWT_AUDIENCE` wins. */
  readonly audience?: string
  /** The URL of the provider's keys. `JWT_JWKS_URL` wins; `JWT_SECRET` excludes it. */
  readonly jwks?: string
  /** Several issuers, or more than the one above. `JWT_ISSUERS` wins. */
  readonly issuers?: readonly JwtIssuer[]
}

/** Exactly one of `secret` and `jwksUrl` is there. */
export interface Issuer {
  /** Absent for the one that `JWT_ISSUER` does not name. */
  readonly issuer?: string
  readonly audience?: string
  readonly secret?: string
  readonly jwksUrl?: string
}

/** Of all issuers, at most the first has no name. @throws ConfigurationError without an issuer, or where two have one name */
export function toIssuers(config: Config, options: JwtOptions): readonly Issuer[] {
  const issuers = [...toSingle(config, options), ...toSeveral(config, options)]
  if (issuers.length === 0)
    throw new ConfigurationError([
      'JWT_SECRET, JWT_JWKS_URL or JWT_ISSUERS is required: the gateway declares jwt() and has no key to check tokens with.',
    ])
  const names = issuers.map(({ issuer }) => issuer)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined)
    throw new ConfigurationError([
      `JWT_ISSUERS must name each issuer once, JWT_ISSUER included; ${JSON.stringify(repeated)} is there twice.`,
    ])
  return issuers
}

function toSingle(config: Config, options: JwtOptions): readonly Issuer[] {
  const { jwtSecret: secret } = config
  const jwksUrl = config.jwtJwksUrl ?? (secret === undefined ? options.jwks : undefined)
  if (secret === undefined && jwksUrl === undefined) return []
  const issuer = config.jwtIssuer ?? options.issuer
  const audience = config.jwtAudience ?? options.audience
  return [defined({ issuer, audience, secret, jwksUrl })]
}

const toSeveral = ({ jwtIssuers }: Config, { issuers = [] }: JwtOptions): readonly Issuer[] =>
  jwtIssuers ?? issuers.map(({ jwks, ...issuer }) => ({ ...issuer, jwksUrl: jwks }))
