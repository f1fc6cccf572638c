// What a column would cut, round or refuse, said before it is asked: length, scale, precision, labels of a text enum.
import type { PgColumn } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { type Kind, kinds } from '../values/kinds.ts'

const SMALL = 'Expected a whole number of 16 bits.'

/** The kind's schema within the limits of the column; of a list, the schema of its elements. */
export function limitedTo(column: PgColumn, wire: z.ZodType, kind: Kind): z.ZodType {
  const type = column.getSQLType().replace('[]', '')
  switch (kind) {
    case kinds.text:
      return limitedText(column, type, wire)
    case kinds.smallint:
      return refusing(
        z.int32({ message: SMALL, abort: true }),
        (value) => Math.abs(Number(value) + 0.5) < 32_768,
        SMALL,
      )
    case kinds.float:
      if (type !== 'real') return wire
      return refusing(
        wire,
        (value) => fitsSingle(Number(value)),
        'Expected a number that 32 bits can hold.',
      )
    case kinds.decimal:
      return limitedDecimal(type, wire)
    default: {
      const digits = /^(?:timestamp|time|interval)[a-z ]*\((\d)\)/.exec(type)?.[1]
      return digits === undefined ? wire : limitedFraction(wire, Number(digits))
    }
  }
}

function limitedText(column: PgColumn, type: string, wire: z.ZodType): z.ZodType {
  const labels = column.enumValues
  if (labels !== undefined && labels.length > 0) {
    return refusing(
      wire,
      (text) => labels.includes(String(text)),
      `Expected one of ${labels.map((label) => `"${label}"`).join(', ')}.`,
    )
  }
  const length = /^(?:varchar|char|character|character varying)\s*\((\d+)\)/.exec(type)?.[1]
  if (length === undefined) return wire
  return refusing(
    wire,
    (text) => hasAtMost(String(text), Number(length)),
    `At most ${length} characters.`,
  )
}

/** A value that fails here is refused: no later check sees it, a team's validator least of all. */
const refusing = (
  schema: z.ZodType,
  test: (value: unknown) => boolean,
  message: string,
): z.ZodType => schema.refine(test, { message, abort: true })

/** PostgreSQL counts code points, of which each takes one or two units of a string. */
const hasAtMost = (text: string, most: number): boolean =>
  text.length <= most || (text.length <= 2 * most && Array.from(text).length <= most)

const fitsSingle = (value: number): boolean =>
  Number.isFinite(Math.fround(value)) && (value === 0 || Math.fround(value) !== 0)

/** `numeric(12, 2)` has ten digits before the point and no place for infinities; `numeric(5, -2)` counts hundreds. */
function limitedDecimal(type: string, wire: z.ZodType): z.ZodType {
  const [, precision, scale = '0'] =
    /^(?:numeric|decimal)\s*\((\d+)(?:,\s*(-?\d+))?\)/.exec(type) ?? []
  if (precision === undefined) return wire
  const places = Number(precision) - Number(scale)
  const within = limitedFraction(wire, Number(scale))
  // A scale above the precision leaves the first digits after the point zero: that one is left to PostgreSQL.
  return places < 0
    ? within
    : refusing(
        within,
        (value) => wholeDigits(String(value)) <= places,
        `At most ${places} digits before the point.`,
      )
}

const limitedFraction = (wire: z.ZodType, scale: number): z.ZodType =>
  refusing(
    wire,
    (value) => lastPlace(String(value)) <= scale,
    scale >= 0
      ? `At most ${scale} digits after the point are kept.`
      : `The last ${-scale} digits before the point are not kept.`,
  )

const ZERO = 48

/** The place of the last digit that is not zero: 2 for `1.250`, -2 for `1200`. Scans from the end: linear in any text. */
function lastPlace(text: string): number {
  const point = text.indexOf('.')
  const whole = point === -1 ? text.length : point
  let last = point === -1 ? whole : fractionEnd(text, point + 1)
  while (last > 0 && text.charCodeAt(last - 1) === ZERO) last -= 1
  if (last > whole + 1) return last - whole - 1
  let digit = whole
  while (digit > 0 && text.charCodeAt(digit - 1) === ZERO) digit -= 1
  return digit > 0 && isDigit(text, digit - 1) ? digit - whole : Number.NEGATIVE_INFINITY
}

/** Where the digits end: a time has an offset behind them, a duration its letter. */
function fractionEnd(text: string, start: number): number {
  let end = start
  while (isDigit(text, end)) end += 1
  return end
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= ZERO && code <= ZERO + 9
}

/** Digits before the point that count; an infinity has more than any, NaN has none. */
function wholeDigits(text: string): number {
  if (text.endsWith('Infinity')) return Number.POSITIVE_INFINITY
  let start = text.startsWith('-') ? 1 : 0
  while (text.charCodeAt(start) === ZERO) start += 1
  return fractionEnd(text, start) - start
}
