// The settings for callers' tokens.
import * as z from 'zod'
import { documented } from './documented.ts'
import { jwksUrl, jwtIssuers, jwtSecret, jwtSecretText } from './value-forms.ts'

export const tokenSettings = {
  jwtSecret: jwtSecret.optional().register(documented, {
    name: 'JWT_SECRET',
    secret: true,
    example: 'at-least-32-bytes-of-real-randomness',
    allowed: jwtSecretText,
    description:
      "The secret that signs callers' tokens with HS256. `openssl rand -base64 48` makes one. Not together with `JWT_JWKS_URL`.",
  }),
  jwtJwksUrl: jwksUrl.optional().register(documented, {
    name: 'JWT_JWKS_URL',
    example: 'https://id.example/.well-known/jwks.json',
    allowed: 'an https:// URL (http:// only in development or to this machine)',
    description:
      "Where the public keys that sign callers' tokens are. Not together with `JWT_SECRET`.",
  }),
  jwtIssuer: z.string().optional().register(documented, {
    name: 'JWT_ISSUER',
    example: 'https://id.example/',
    allowed: 'text',
    description: 'The `iss` that a token must have.',
  }),
  jwtAudience: z.string().optional().register(documented, {
    name: 'JWT_AUDIENCE',
    example: 'store-api',
    allowed: 'text',
    description: 'The `aud` that a token must have.',
  }),
  jwtIssuers: jwtIssuers.optional().register(documented, {
    name: 'JWT_ISSUERS',
    secret: true,
    example:
      '[{"issuer":"https://id.example/","audience":"store-api","jwksUrl":"https://id.example/.well-known/jwks.json"}]',
    allowed:
      'a JSON list of up to 50 objects with `issuer`, `audience` (optional) and either `jwksUrl` (as `JWT_JWKS_URL`) or `secret` (as `JWT_SECRET`)',
    description:
      'Several issuers of tokens, for example during a migration: a token is verified only by the issuer that its `iss` names. ' +
      'The issuer of `JWT_SECRET` or `JWT_JWKS_URL`, where one of these is set, comes in addition.',
  }),
}
