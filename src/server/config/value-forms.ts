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
export const hostName = () => z.string().regex(/^[\w.:-]{1,253}$/)
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
export const redisUrl = z
  .string()
  .refine((text) => /^rediss?:\/\//.test(text) && URL.canParse(text))
export const origins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .refine((list) => (list.length === 1 && list[0] === '*') || list.every(isOrigin))
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
