// The forms that the texts of environment variables have.
import { availableParallelism } from 'node:os'
import * as z from 'zod'
import { toTrustedRanges } from './trusted-proxies.ts'

export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))
export const wholeText = (min: number, max: number) => `a whole number from ${min} to ${max}`
/** A new schema for each: the registry of their documentation knows them by identity. */
export const toggle = () => z.enum(['true', 'false']).transform((text) => text === 'true')
export const workerCount = z
  .string()
  .transform((text) => (text === 'auto' ? String(availableParallelism()) : text))
  .pipe(whole(1, 256))

export const databaseUrl = z
  .string()
  .refine(
    (text) => /^pglite:.+/.test(text) || (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)),
  )
export const jwksUrl = z.string().refine((text) => /^https?:\/\//.test(text) && URL.canParse(text))
/** Random text has many different characters; spaces at the ends are most likely a mistake. */
export const jwtSecret = z
  .string()
  .refine((text) => Buffer.byteLength(text.trim()) >= 32 && new Set(text.trim()).size >= 8)
export const jwtSecretText = 'at least 32 bytes, of at least 8 different characters'

const issuer = z
  .strictObject({
    issuer: z.string().min(1).max(2048),
    audience: z.string().min(1).exactOptional(),
    jwksUrl: jwksUrl.exactOptional(),
    secret: jwtSecret.exactOptional(),
  })
  .refine(({ jwksUrl: url, secret }) => (url === undefined) !== (secret === undefined))
export const jwtIssuers = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue({ code: 'custom' })
      return z.NEVER
    }
  })
  .pipe(z.array(issuer).min(1).max(50))
export const redisUrl = z
  .string()
  .refine((text) => /^rediss?:\/\//.test(text) && URL.canParse(text))
export const origins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .refine((list) => (list.length === 1 && list[0] === '*') || list.every(isOrigin))
export const fileList = z
  .string()
  .transform((text) => text.split(',').map((path) => path.trim()))
  .refine((list) => list.every((path) => path !== ''))
export const trustedRanges = z.string().transform((text, context) => {
  const ranges = toTrustedRanges(text)
  if (ranges === null) context.addIssue({ code: 'custom' })
  return ranges ?? []
})

function isOrigin(text: string): boolean {
  return (
    URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text
  )
}
