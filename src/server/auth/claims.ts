// Claims: what the team's caller schema makes of a token or key, and the one answer to bad credentials.
import type { ZodType } from 'zod'
import { Problem } from '../../errors.ts'
import { defined } from '../../defined.ts'

/** UNAUTHENTICATED with the challenge of RFC 6750, section 3. The cause's code goes to the log as the reason. */
export function invalidToken(message: string, cause?: unknown): Problem {
  const headers = { 'www-authenticate': 'Bearer realm="api", error="invalid_token"' }
  return new Problem('UNAUTHENTICATED', message, defined({ headers, cause }))
}

/** The claims as the team's policies see them; none when no schema says which there are. */
export async function toClaims(
  source: object,
  schema: ZodType<object> | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  if (schema === undefined) return Object.freeze({})
  const read = await schema.safeParseAsync(source)
  if (!read.success)
    throw invalidToken('The token does not have the claims that this service expects.', read.error)
  return Object.freeze({ ...read.data })
}
