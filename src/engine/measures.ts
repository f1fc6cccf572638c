// Measures in cursors: ranks and distances as texts, and the values that they are measured by.
import { createHash } from 'node:crypto'
import { isFloat } from './value-codec.ts'

/** Stands for what is searched for, or near to, in the name of an order: the value itself may be long. */
export const digestOf = (value: string): string =>
  createHash('sha256').update(value).digest('base64url').slice(0, 16)

/** Whether a text can be a rank: PostgreSQL's are floats of 32 bits. */
export const isRank = (text: string | null): boolean => text !== null && isFloat(text, true)

/** Whether a text can be a distance: of 64 bits, null where there is no value, no number where an angle has none. */
export const isDistance = (text: string | null): boolean =>
  text === null || /^(NaN|-?Infinity)$/.test(text) || isFloat(text, false)
