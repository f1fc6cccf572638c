// Callers with a JSON Web Token: signed with a secret that we share (HS256), or by an identity provider whose keys we fetch (JWKS).
import { createSecretKey } from 'node:crypto'
import { decodeJwt, errors, jwtVerify } from 'jose'
import type { JWTPayload, JWTVerifyOptions, JWTVerifyResult } from 'jose'
import * as z from 'zod'
import { Problem } from '../../errors.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import { members, type MembersOf, text } from '../../schema/declare/declaration-members.ts'
import type { AuthContext, Authenticator, Credentials } from './authenticator.ts'
import { API_KEY_PREFIX } from './api-keys.ts'
import { invalidToken, toClaims } from './claims.ts'
import { type Issuer, type JwtIssuer, type JwtOptions, toIssuers } from './issuers.ts'
import { openKeySet } from './key-set.ts'
import { buildTokenMemory } from './token-cache.ts'
import { defined } from '../../defined.ts'

const issuerMembers = members('`issuers`', {
  issuer: text,
  audience: text.exactOptional(),
  jwks: text,
} satisfies MembersOf<JwtIssuer>)

const jwtMembers = members('`jwt`', {
  issuer: text.exactOptional(),
  audience: text.exactOptional(),
  jwks: text.exactOptional(),
  issuers: z.array(issuerMembers).describe('a list of issuers').exactOptional(),
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

/** The database cannot keep others: two subjects would become one in it. */
const isStorable = (subject: string): boolean => subject.isWellFormed() && !subject.includes('\0')

const payloadSchema = z.object({
  sub: z.string().min(1).max(255).refine(isStorable),
  roles: z.array(z.string().max(255)).max(100).default([]),
  iss: z.string().max(2048).optional(),
})

type Verify = (token: string) => Promise<Pick<JWTVerifyResult, 'payload' | 'protectedHeader'>>

/**
 * Accepts `Authorization: Bearer TOKEN`: `sub` is the caller's id, `roles` its roles, and the team's caller schema picks its claims.
 * `exp` and `sub` are required; the issuer and the audience are checked when they are configured.
 */
export function jwt(options: JwtOptions = {}): Authenticator {
  return Object.freeze({
    name: 'jwt',
    options: { given: options, members: jwtMembers },
    open(context: AuthContext) {
      const verify = openVerify(context, options)
      const memory = buildTokenMemory()
      const check = async (token: string): Promise<Caller> => {
        if (!isCompact(token)) throw invalidToken('The token is not valid.')
        const payload = await verified(() => verify(token))
        const caller = await toCaller(payload, context)
        memory.remember(token, caller, payload.exp ?? 0)
        return caller
      }
      const isOurs = ({ scheme, token }: Credentials): boolean =>
        scheme === 'bearer' && !token.startsWith(API_KEY_PREFIX)
      return Object.assign(
        (credentials: Credentials) => (isOurs(credentials) ? check(credentials.token) : null),
        {
          recall: (credentials: Credentials) =>
            isOurs(credentials) ? memory.recall(credentials.token) : undefined,
        },
      )
    },
  })
}

/** A token is verified by the issuer that its `iss` names, and by no other; one without `iss` by the issuer without a name. */
function openVerify(context: AuthContext, options: JwtOptions): Verify {
  const issuers = toIssuers(context.config, options)
  const verifyBy = new Map(issuers.map((issuer) => [issuer.issuer, openIssuer(context, issuer)]))
  const [only] = verifyBy.values()
  if (verifyBy.size === 1 && only !== undefined) return only // where it has no name, it takes any
  return async (token) => {
    const { iss } = decodeJwt(token)
    const verify = verifyBy.get(iss)
    if (verify === undefined) throw new errors.JWTInvalid('no issuer of this name')
    return verify(token)
  }
}

/** Each kind of key has its own algorithms, so that a public key is never taken for a secret. */
function openIssuer({ warn }: AuthContext, { secret, jwksUrl = '', ...names }: Issuer): Verify {
  const checks: JWTVerifyOptions = {
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp', 'sub'],
    ...names,
  }
  if (secret === undefined) {
    const keys = openKeySet({ url: jwksUrl, warn })
    return (token) => jwtVerify(token, keys, { ...checks, algorithms: jwksAlgorithms })
  }
  const key = createSecretKey(secret, 'utf8') // as bytes, it would be imported anew for every token
  return (token) => jwtVerify(token, key, { ...checks, algorithms: ['HS256'] })
}

/** Our being unable to check a token says nothing about the token: that is UNAVAILABLE. */
async function verified(verify: () => ReturnType<Verify>): Promise<JWTPayload> {
  try {
    const { payload, protectedHeader } = await verify()
    if (!isAccessToken(protectedHeader.typ)) throw new errors.JWTInvalid('another type of token')
    return payload
  } catch (error) {
    if (error instanceof Problem) throw error
    if (error instanceof errors.JWTExpired) throw invalidToken('The token has expired.', error)
    if (isAboutToken(error)) throw invalidToken('The token is not valid.', error)
    throw new Problem('UNAVAILABLE', 'Tokens cannot be checked just now.', { cause: error })
  }
}

/** Three parts in base64url without padding (RFC 7515, section 2): jose reads padding too. */
const isCompact = (token: string): boolean =>
  /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) && token.split('.').every(isCanonical)

/** The last character of Base64url may have bits that are not used: one signature then has several spellings. */
const isCanonical = (part: string): boolean =>
  Buffer.from(part, 'base64url').toString('base64url') === part

/** A token of another type, such as a DPoP proof, may be signed by the same key and is no credential (RFC 8725, section 3.11). */
const isAccessToken = (type: unknown): boolean =>
  type === undefined ||
  (typeof type === 'string' &&
    accessTokenTypes.has(type.toLowerCase().replace(/^application\//, '')))

const accessTokenTypes: ReadonlySet<string> = new Set(['jwt', 'at+jwt'])

/** A plain JOSEError is an unusable answer of the JWKS server. Every other one but these two means a bad token. */
function isAboutToken(error: unknown): boolean {
  const ofServer = error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid
  return error instanceof errors.JOSEError && !ofServer && error.code !== 'ERR_JOSE_GENERIC'
}

async function toCaller(payload: JWTPayload, { callerSchema }: AuthContext): Promise<Caller> {
  const read = payloadSchema.safeParse(payload)
  if (!read.success)
    throw invalidToken('The token has no usable `sub`, `roles` or `iss`.', read.error)
  const { sub, roles, iss: issuer } = read.data
  return Object.freeze({
    via: 'jwt',
    id: sub,
    ...defined({ issuer }),
    roles: Object.freeze(roles),
    claims: await toClaims(payload, callerSchema),
  })
}
