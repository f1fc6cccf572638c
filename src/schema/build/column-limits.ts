// What a column would cut, round or refuse, said before it is asked: length, scale, precision, labels of a text enum.
import type { PgColumn } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { type Kind, kinds } from '../values/kinds.ts'

const SMALL = 'Expected a whole number of 16 bits.'

/** The kind's schema within the limits of the column; of a list, the schema of its elements. */
export function limitedTo(column: PgColumn, wire: z.ZodType, kind: Kind): z.ZodType {
  const type = column.getSQLType().replace('[]', '')
  switch (kind) {
    case kinds.text: return limitedText(column, type, wire)
    case kinds.smallint: return z.int32(SMALL).refine((value) => Math.abs(value + 0.5) < 32_768, SMALL)
    case kinds.float: return type === 'real' ? wire.refine((value) => fitsSingle(Number(value)), 'Expected a number that 32 bits can hold.') : wire
    case kinds.decimal: return limitedDecimal(type, wire)
    default: {
      const digits = /^(?:timestamp|time|interval)[a-z ]*\((\d)\)/.exec(type)?.[1]
      return digits === undefined ? wire : limitedFraction(wire, Number(digits))
    }
  }
}

function limitedText(column: PgColumn, type: string, wire: z.ZodType): z.ZodType {
  const labels = column.enumValues
  if (labels !== undefined && labels.length > 0) {
    return wire.refine((text) => labels.includes(String(text)), `Expected one of ${labels.map((label) => `"${label}"`).join(', ')}.`)
  }
  const length = /^(?:varchar|char|character|character varying)\s*\((\d+)\)/.exec(type)?.[1]
  return length === undefined ? wire : wire.refine((text) => codePoints(String(text)) <= Number(length), `At most ${length} characters.`)
}

/** PostgreSQL counts code points, as an iterator of a string does. */
const codePoints = (text: string): number => Array.from(text).length

const fitsSingle = (value: number): boolean => Number.isFinite(Math.fround(value)) && (value === 0 || Math.fround(value) !== 0)

/** `numeric(12, 2)` has ten digits before the point and no place for infinities; `numeric(5, -2)` counts hundreds. */
function limitedDecimal(type: string, wire: z.ZodType): z.ZodType {
  const [, precision, scale = '0'] = /^(?:numeric|decimal)\s*\((\d+)(?:,\s*(-?\d+))?\)/.exec(type) ?? []
  if (precision === undefined) return wire
  const places = Number(precision) - Number(scale)
  const within = limitedFraction(wire, Number(scale))
  // A scale above the precision leaves the first digits after the point zero: that one is left to PostgreSQL.
  return places < 0 ? within : within.refine((value) => wholeDigits(String(value)) <= places, `At most ${places} digits before the point.`)
}

const limitedFraction = (wire: z.ZodType, scale: number): z.ZodType => wire.refine((value) => lastPlace(String(value)) <= scale,
  scale >= 0 ? `At most ${scale} digits after the point are kept.` : `The last ${-scale} digits before the point are not kept.`)

/** The place of the last digit that is not zero: 2 for `1.250`, -2 for `1200`. */
function lastPlace(text: string): number {
  const fraction = /\.(\d+)/.exec(text)?.[1]?.replace(/0+$/, '') ?? ''
  if (fraction !== '') return fraction.length
  const zeros = /^-?0*([1-9]\d*?)?(0*)(?:\.|$)/.exec(text)
  return zeros?.[1] === undefined ? Number.NEGATIVE_INFINITY : -(zeros[2]?.length ?? 0)
}

/** Digits before the point that count; an infinity has more than any, NaN has none. */
const wholeDigits = (text: string): number =>
  text.endsWith('Infinity') ? Number.POSITIVE_INFINITY : /^-?0*(\d*)/.exec(text)?.[1]?.length ?? 0
