// Credentials in the OpenAPI document, and which operations a caller without any may try.
import type { PolicyNode } from '../../schema/declare/access.ts'
import type { JsonObject } from './description.ts'

export const securitySchemes: Readonly<Record<string, JsonObject>> = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A JSON Web Token.' },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description: 'A key that the operators of this API gave out.',
  },
}

const credentials: readonly JsonObject[] = Object.keys(securitySchemes).map((name) => ({
  [name]: [],
}))

/** With credentials, or without any. */
export const optionalCredentials: readonly JsonObject[] = [{}, ...credentials]

/** Credentials are optional where the policy may allow a caller without any. */
export const securityOf = (policy: PolicyNode): readonly JsonObject[] =>
  mayBeAnonymous(policy) ? optionalCredentials : credentials

function mayBeAnonymous(policy: PolicyNode): boolean {
  switch (policy.type) {
    case 'everyone':
    case 'filter':
    case 'decide':
      return true
    case 'not':
      return policy.of.type !== 'everyone' && policy.of.type !== 'owner' // the anonymous have no claims
    case 'any':
      return policy.of.some(mayBeAnonymous)
    case 'all':
      return policy.of.every(mayBeAnonymous)
    default:
      return false
  }
}
