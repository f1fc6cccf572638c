// Prints tokens for trying the store out, signed with JWT_SECRET: `JWT_SECRET=… npm run -s tokens`.
// Your identity provider makes the real ones; they need `sub`, and `roles` or `customerId` where they apply.
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

const { JWT_SECRET: secret } = process.env // oxlint-disable-line node/no-process-env -- a separate script, not a part of the gateway
if (secret === undefined || secret === '') {
  process.stderr.write('Set JWT_SECRET to what the gateway has.\n')
  process.exitCode = 1
} else {
  for (const [name, claims] of Object.entries(callers))
    process.stdout.write(`${name}: ${sign(claims, secret)}\n`)
}
