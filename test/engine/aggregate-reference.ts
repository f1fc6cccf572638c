// A reference implementation of aggregates over the rows of a list, exact in decimals by BigInt.
import type { FieldFunction, GroupKey } from '../../src/schema/model/aggregates.ts'
import type { Field } from '../../src/schema/model/model.ts'
import type { PlainRow } from './support.ts'

/** A decimal as a whole number with its count of fractional digits, or null for text that is not a number. */
type Decimal = { readonly units: bigint; readonly scale: number } | 'NaN' | 'Infinity' | '-Infinity'

function toDecimal(text: unknown): Decimal {
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return text
  const [whole = '', fraction = ''] = String(text).split('.')
  return { units: BigInt(whole + fraction), scale: fraction.length }
}

const scaled = ({ units, scale }: Exclude<Decimal, string>, to: number): bigint =>
  units * 10n ** BigInt(to - scale)

function toText({ units, scale }: Exclude<Decimal, string>): string {
  const text = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  return `${units < 0n ? '-' : ''}${text.slice(0, text.length - scale)}${scale === 0 ? '' : `.${text.slice(-scale)}`}`
}

function sumOf(values: readonly Decimal[]): Decimal {
  const special = new Set(values.filter((value) => typeof value === 'string'))
  if (special.has('NaN') || special.size === 2) return 'NaN'
  const [infinite] = special
  if (infinite !== undefined) return infinite
  const numbers = values.filter((value) => typeof value !== 'string')
  const scale = Math.max(...numbers.map((one) => one.scale))
  return { scale, units: numbers.reduce((sum, one) => sum + scaled(one, scale), 0n) }
}

const decimalText = (value: Decimal): string => (typeof value === 'string' ? value : toText(value))

/** Whether a mean is the sum by the count, rounded half away from zero at its own last digit. */
function isMean(mean: string, sum: Decimal, count: number): boolean {
  const got = toDecimal(mean)
  if (typeof sum === 'string' || typeof got === 'string') return got === sum
  const scale = Math.max(got.scale, sum.scale)
  const [exact, by] = [scaled(sum, scale) * 2n, BigInt(count) * 2n] // doubled, so that a half is a whole number
  const off = scaled(got, scale) * by - exact
  return (
    got.scale >= 16 - String(sum.units / 10n ** BigInt(sum.scale)).length &&
    (off < 0n ? -off : off) <= BigInt(count) * 10n ** BigInt(scale - got.scale)
  )
}

interface Interval {
  readonly months: number
  readonly days: number
  readonly micros: number
}

function toInterval(text: unknown): Interval {
  const [, y = 0, m = 0, d = 0, h = 0, min = 0, s = 0] =
    /^P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?[\d.]+)S)?)?$/
      .exec(String(text))
      ?.map((part: string | undefined) => Number(part ?? 0)) ?? []
  return { months: y * 12 + m, days: d, micros: Math.round((h * 3600 + min * 60 + s) * 1e6) }
}
const lengthOf = ({ months, days, micros }: Interval): number =>
  (months * 30 + days) * 86_400e6 + micros

/** PostgreSQL's order of two values of a kind. */
// oxlint-disable-next-line complexity -- one arm for each kind
export function order({ kind: { name }, enum: type }: Field, a: unknown, b: unknown): number {
  const signOf = (left: number | bigint | string, right: number | bigint | string): number =>
    left < right ? -1 : left > right ? 1 : 0
  switch (name) {
    case 'bigint':
      return signOf(BigInt(String(a)), BigInt(String(b)))
    case 'decimal': {
      const [left, right] = [toDecimal(a), toDecimal(b)]
      const rank = (one: Decimal): number =>
        one === 'NaN' ? 2 : one === 'Infinity' ? 1 : one === '-Infinity' ? -1 : 0
      if (typeof left === 'string' || typeof right === 'string')
        return signOf(rank(left), rank(right))
      const scale = Math.max(left.scale, right.scale)
      return signOf(scaled(left, scale), scaled(right, scale))
    }
    case 'text':
      return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b))) // bytes, as the C collation compares
    case 'bytes':
      return Buffer.compare(Buffer.from(String(a), 'base64'), Buffer.from(String(b), 'base64'))
    case 'enum':
      return signOf(
        ...([a, b].map((label) => type?.values.findIndex((one) => one.label === label) ?? -1) as [
          number,
          number,
        ]),
      )
    case 'duration':
      return signOf(lengthOf(toInterval(a)), lengthOf(toInterval(b)))
    case 'boolean':
    case 'smallint':
    case 'integer':
    case 'float':
      return signOf(Number(a), Number(b))
    default:
      return signOf(String(a), String(b))
  }
}

/** The moment that a part begins with: dates of four digits are cut as text, weeks by the calendar. */
export function keyOf({ of, part }: GroupKey, row: PlainRow): unknown {
  const value = row[of.name]
  if (typeof value !== 'string' || part === null) return value
  const text = value
  const monday = (): string => {
    const at = new Date(`${text.slice(0, 10)}T00:00:00Z`)
    at.setUTCDate(at.getUTCDate() - ((at.getUTCDay() + 6) % 7))
    return at.toISOString().slice(0, 10)
  }
  const day =
    part === 'Year'
      ? `${text.slice(0, 4)}-01-01`
      : part === 'Month'
        ? `${text.slice(0, 7)}-01`
        : part === 'Week'
          ? monday()
          : text.slice(0, 10)
  if (of.kind.name === 'date') return day
  return `${day}T${part === 'Hour' ? text.slice(11, 13) : '00'}:00:00${of.kind.name === 'dateTime' ? '+00:00' : ''}`
}

/** Compares an aggregate with the expected one. The last digits of float sums depend on the order of the rows. */
export function isRight(
  does: FieldFunction,
  of: Field,
  rows: readonly PlainRow[],
  answered: unknown,
): boolean {
  const values = rows.map((row) => row[of.name]).filter((value) => value !== null)
  const distinct = values.filter(
    (value, i) => values.findIndex((other) => order(of, value, other) === 0) === i,
  )
  if (does === 'countDistinct') return answered === distinct.length
  if (values.length === 0) return answered === null
  if (does === 'min' || does === 'max') {
    const best = values.reduce((found, value) =>
      order(of, value, found) < 0 === (does === 'min') ? value : found,
    )
    return order(of, answered, best) === 0
  }
  if (of.kind.name === 'float')
    return isNear(
      answered,
      values.reduce((sum: number, value) => sum + Number(value), 0) /
        (does === 'avg' ? values.length : 1),
    )
  if (of.kind.name === 'duration')
    return isNear(
      lengthOf(toInterval(answered)),
      values.reduce((sum: number, value) => sum + lengthOf(toInterval(value)), 0) /
        (does === 'avg' ? values.length : 1),
    )
  const sum = sumOf(values.map(toDecimal))
  return (
    typeof answered === 'string' &&
    (does === 'sum' ? answered === decimalText(sum) : isMean(answered, sum, values.length))
  )
}

const isNear = (a: unknown, b: number): boolean =>
  typeof a === 'number' && Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))
