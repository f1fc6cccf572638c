// Callers with a JSON Web Token: signed with our secret (HS256), or by an identity provider whose keys we fetch (JWKS).
import { createSecretKey } from 'node:crypto'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import type { JWTPayload, JWTVerifyOptions, JWTVerifyResult } from 'jose'
import * as z from 'zod'
import { Problem } from '../../errors.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import { members, type MembersOf, text } from '../../schema/declare/declaration-members.ts'
import { ConfigurationError } from '../config/config.ts'
import type { AuthContext, Authenticator, Credentials } from './authenticator.ts'
import { API_KEY_PREFIX } from './api-keys.ts'
import { invalidToken, toClaims } from './claims.ts'
import { buildTokenMemory } from './token-cache.ts'
import { defined } from '../../defined.ts'

export interface JwtOptions {
  /** The `iss` a token must have. `JWT_ISSUER` wins. */
  readonly issuer?: string
  /** The `aud` a token must have. `JWT_AUDIENCE` wins. */
  readonly audience?: string
  /** The URL of the provider's keys. `JWT_JWKS_URL` wins; `JWT_SECRET` excludes it. */
  readonly jwks?: string
}

const jwtMembers = members('`jwt`', {
  issuer: text.exactOptional(),
  audience: text.exactOptional(),
  jwks: text.exactOptional(),
} satisfies MembersOf<JwtOptions>)

/** Asymmetric ones only: with a symmetric one, anybody could sign with the public key. */
const jwksAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]
const CLOCK_TOLERANCE_SECONDS = 5

const payloadSchema = z.object({
  sub: z.string().min(1).max(255),
  roles: z.array(z.string().max(255)).max(100).default([]),
})

type Verify = (
  token: string,
  options: JWTVerifyOptions,
) => Promise<Pick<JWTVerifyResult, 'payload' | 'protectedHeader'>>

/**
 * Accepts `Authorization: Bearer TOKEN`: `sub` is the caller's id, `roles` its roles, and the team's caller schema picks its claims.
 * `exp` and `sub` are required; the issuer and the audience are checked when they are configured.
 */
export function jwt(options: JwtOptions = {}): Authenticator {
  return Object.freeze({
    name: 'jwt',
    options: { given: options, members: jwtMembers },
    open(context: AuthContext) {
      const verify = openKeys(context, options)
      const checks = toChecks(context, options)
      const memory = buildTokenMemory()
      const check = async (token: string): Promise<Caller> => {
        if (!isCompact(token)) throw invalidToken('The token is not valid.')
        const payload = await verified(() => verify(token, checks))
        const caller = await toCaller(payload, context)
        memory.remember(token, caller, payload.exp ?? 0)
        return caller
      }
      return ({ scheme, token }: Credentials) =>
        scheme !== 'bearer' || token.startsWith(API_KEY_PREFIX)
          ? null
          : (memory.recall(token) ?? check(token))
    },
  })
}

function openKeys({ config }: AuthContext, options: JwtOptions): Verify {
  const url = config.jwtJwksUrl ?? (config.jwtSecret === undefined ? options.jwks : undefined)
  if (url !== undefined) {
    const keys = createRemoteJWKSet(new URL(url), { timeoutDuration: 3000 })
    return (token, checks) => jwtVerify(token, keys, { ...checks, algorithms: jwksAlgorithms })
  }
  if (config.jwtSecret === undefined) {
    throw new ConfigurationError([
      'JWT_SECRET or JWT_JWKS_URL is required: the gateway declares jwt() and has no key to check tokens with.',
    ])
  }
  const secret = createSecretKey(config.jwtSecret, 'utf8') // as bytes, it would be imported anew for every token
  return (token, checks) => jwtVerify(token, secret, { ...checks, algorithms: ['HS256'] })
}

function toChecks({ config }: AuthContext, options: JwtOptions): JWTVerifyOptions {
  const issuer = config.jwtIssuer ?? options.issuer
  const audience = config.jwtAudience ?? options.audience
  return {
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp', 'sub'],
    ...defined({ issuer, audience }),
  }
}

/** Our being unable to check a token says nothing about the token: that is UNAVAILABLE. */
async function verified(verify: () => ReturnType<Verify>): Promise<JWTPayload> {
  try {
    const { payload, protectedHeader } = await verify()
    if (!isAccessToken(protectedHeader.typ)) throw new errors.JWTInvalid('another type of token')
    return payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw invalidToken('The token has expired.', error)
    if (isAboutToken(error)) throw invalidToken('The token is not valid.', error)
    throw new Problem('UNAVAILABLE', 'Tokens cannot be checked just now.', { cause: error })
  }
}

/** Three parts in base64url without padding (RFC 7515, section 2): jose reads padding too. */
const isCompact = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)

/** A token of another type, such as a DPoP proof, may be signed by the same key and is no credential (RFC 8725, section 3.11). */
const isAccessToken = (type: string | undefined): boolean =>
  type === undefined || accessTokenTypes.has(type.toLowerCase().replace(/^application\//, ''))

const accessTokenTypes: ReadonlySet<string> = new Set(['jwt', 'at+jwt'])

/** A plain JOSEError is an unusable answer of the JWKS server. Every other one but these two means a bad token. */
function isAboutToken(error: unknown): boolean {
  const ofServer = error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid
  return error instanceof errors.JOSEError && !ofServer && error.code !== 'ERR_JOSE_GENERIC'
}

async function toCaller(payload: JWTPayload, { callerSchema }: AuthContext): Promise<Caller> {
  const read = payloadSchema.safeParse(payload)
  if (!read.success) throw invalidToken('The token has no usable `sub` or `roles`.', read.error)
  const { sub, roles } = read.data
  return Object.freeze({
    via: 'jwt',
    id: sub,
    ...defined({ issuer: payload.iss }),
    roles: Object.freeze(roles),
    claims: await toClaims(payload, callerSchema),
  })
}
