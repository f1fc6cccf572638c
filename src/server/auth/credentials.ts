// Credentials: what a request presents, read strictly: one kind, once, well formed.
import type { IncomingMessage } from 'node:http'
import { Problem } from '../../errors.ts'
import type { Credentials } from './authenticator.ts'
import { invalidToken } from './claims.ts'

export function presentsCredentials({ headers }: IncomingMessage): boolean {
  return headers.authorization !== undefined || headers['x-api-key'] !== undefined
}

/** The credentials of a request that presents some. Several are BAD_REQUEST, another scheme is UNAUTHENTICATED. */
export function readCredentials(raw: IncomingMessage): Credentials {
  const { authorization, 'x-api-key': apiKey } = raw.headers
  // node keeps the first Authorization of several and joins other fields, so only the raw list tells
  if (countHeaders(raw, ['authorization', 'x-api-key']) > 1) {
    throw new Problem('BAD_REQUEST', 'The request presents several credentials; send one.')
  }
  if (apiKey !== undefined) return { scheme: 'apiKey', token: String(apiKey) }
  const token = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization ?? '')?.[1]
  if (token === undefined)
    throw invalidToken('The Authorization header must be "Bearer" and a token.')
  return { scheme: 'bearer', token }
}

/** How many fields of these names (in lower case) the request has. */
export function countHeaders(raw: IncomingMessage, names: readonly string[]): number {
  let count = 0
  for (let i = 0; i < raw.rawHeaders.length; i += 2)
    if (isOneOf(raw.rawHeaders[i] ?? '', names)) count += 1
  return count
}

/** By length first: most headers are then told apart without a copy in lower case. */
function isOneOf(header: string, names: readonly string[]): boolean {
  for (const name of names)
    if (name.length === header.length && name === header.toLowerCase()) return true
  return false
}
