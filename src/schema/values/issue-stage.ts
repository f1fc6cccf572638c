// Which stage an issue of Zod's belongs to: shape, judged before access, or a validator's, judged after it.
import type { z } from 'zod'

/** An issue as Zod makes it, or as it tells it. */
export type AnyIssue = z.core.$ZodRawIssue | z.core.$ZodIssue

type TooFar = Extract<AnyIssue, { readonly code: 'too_big' | 'too_small' }>

/** String formats that are kinds of values; any other format (email, url, regex) is a validator's. */
const kindFormats = new Set([
  'uuid',
  'guid',
  'date',
  'time',
  'datetime',
  'duration',
  'date-time',
  'local-date-time',
  'decimal',
  'bigint',
  'base64',
  'text',
  'int32',
])

export const isKindFormat = (format: string): boolean => kindFormats.has(format)

/** Whether an issue is about shape and type, not about a validator. */
// oxlint-disable-next-line complexity -- one arm for each code of Zod's
export function isShapeIssue(issue: AnyIssue): boolean {
  switch (issue.code) {
    case 'invalid_type':
    case 'unrecognized_keys':
    case 'invalid_value':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
      return true
    case 'invalid_format':
      return isKindFormat(issue.format)
    // z.int32()'s own bounds; and a list that is too long, whose members nobody has looked at
    case 'too_big':
      return issue.origin === 'array' || isWholeNumber(issue)
    case 'too_small':
      return isWholeNumber(issue)
    case 'custom':
      return issue.params?.['shape'] === true
    default:
      return false
  }
}

/** Over the bounds of 32 bits, which are the type's and no validator's. */
export const isWholeNumber = (issue: TooFar): boolean =>
  issue.origin === 'number' &&
  (issue.code === 'too_big' ? issue.maximum === 2 ** 31 - 1 : issue.minimum === -(2 ** 31))

/** A rule about shape, judged where nothing else was found: an unknown member is fault enough. */
export const shapeRule = (message: string) => ({
  message,
  params: { shape: true },
  when: ({ issues }: z.core.ParsePayload) => issues.length === 0,
})
