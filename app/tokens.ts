// Prints tokens to try the store with, signed with JWT_SECRET as the gateway's own: `JWT_SECRET=… npm run -s tokens`.
// Real tokens come from whoever signs your users in; they need `sub`, and `roles` or `customerId` where these hold.
import { createHmac } from 'node:crypto'

const week = 7 * 86_400

const callers = {
  customer: { sub: 'customer-1', customerId: 'c0000000-0000-4000-8000-000000000001' }, // the first of the seed
  staff: { sub: 'staff-1', roles: ['staff'] },
}

const base64url = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url')

/** A JSON Web Token (RFC 7519) signed with HS256. */
function sign(claims: object, secret: string): string {
  const now = Math.floor(Date.now() / 1000)
  const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ ...claims, iat: now, exp: now + week })}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

const { JWT_SECRET: secret } = process.env // oxlint-disable-line node/no-process-env -- a script of its own, no part of the gateway
if (secret === undefined || secret === '') {
  process.stderr.write('Set JWT_SECRET to what the gateway has.\n')
  process.exitCode = 1
} else {
  for (const [name, claims] of Object.entries(callers))
    process.stdout.write(`${name}: ${sign(claims, secret)}\n`)
}
