// Tests of text formats on the wire: exactly what PostgreSQL takes without changing it (docs/concepts.md, Values).

/** Text that PostgreSQL can store: no NUL, no lone surrogate. */
export const isWellFormedText = (text: string): boolean =>
  text.isWellFormed() && !text.includes('\0')

/** The same for every string of a JSON value, names of members included. */
export function isWellFormedJson(value: unknown): boolean {
  if (typeof value === 'string') return isWellFormedText(value)
  if (Array.isArray(value)) return value.every(isWellFormedJson)
  if (typeof value === 'number') return Number.isFinite(value) // JSON.parse makes an infinity of 1e999, which would be stored as null
  if (typeof value !== 'object' || value === null) return value !== undefined
  return Object.entries(value).every(
    ([name, member]) => isWellFormedText(name) && isWellFormedJson(member),
  )
}

export function isInt64(text: string): boolean {
  if (!/^-?\d{1,19}$/.test(text)) return false
  return BigInt.asIntN(64, BigInt(text)) === BigInt(text)
}

const daysOf = (year: number, month: number): number =>
  new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()

/** 1 BC is the year 0, and a leap year. */
const isDayOf = (year: number, month: number, day: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month)

/** PostgreSQL's first day, 24 November 4714 BC, as a number that is greater for days before it. */
const FIRST_DAY = 4714 * 10_000 - 1124
/** Its last years of a date and of a timestamp. */
const LAST_YEAR = 5_874_897
export const LAST_YEAR_OF_TIMESTAMP = 294_276

/** `2026-11-23`, years over 9999 as they are, `0044-03-15 BC`, and PostgreSQL's infinities. */
export function calendarDate(text: string, lastYear = LAST_YEAR): boolean {
  if (text === 'infinity' || text === '-infinity') return true
  const match = /^(\d{4,7})-(\d\d)-(\d\d)( BC)?$/.exec(text)
  if (match === null) return false
  const [year = 0, month = 0, day = 0] = match.slice(1, 4).map(Number)
  const before = match[4] !== undefined
  return (
    isDayOf(before ? year - 1 : year, month, day) &&
    year > 0 &&
    (before ? year * 10_000 - month * 100 - day <= FIRST_DAY : year <= lastYear)
  )
}

/** `13:45:00`, up to microseconds; 24:00:00 is PostgreSQL's end of the day. */
export const clockTime = (text: string): boolean =>
  /^(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?|24:00:00(\.0{1,6})?)$/.test(text)

/** ISO 8601 `PnYnMnWnDTnHnMnS`, each part with its own sign as PostgreSQL writes it. */
export function isDuration(text: string): boolean {
  const match =
    /^P(-?\d+Y)?(-?\d+M)?(-?\d+W)?(-?\d+D)?(?:T(-?\d+H)?(-?\d+M)?(-?\d+(?:\.\d{1,6})?S)?)?$/.exec(
      text,
    )
  if (match === null || text === 'P' || text.endsWith('T')) return false // a part follows either letter
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part: string | undefined) => Number.parseFloat(part ?? '0'))
  const counts = [years * 12, years * 12 + months, weeks * 7, weeks * 7 + days] // PostgreSQL adds part by part
  return (
    counts.every((count) => Math.abs(count) < 2 ** 31) &&
    Math.abs(hours * 3600 + minutes * 60 + seconds) < LAST_SECOND
  )
}

/** An interval keeps months and days in 32 bits, and the rest as microseconds in 64. */
const LAST_SECOND = Number(2n ** 63n / 1_000_000n)

/** RFC 4648 section 4, with padding and without stray bits. */
export const isBase64 = (text: string): boolean =>
  text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) && lastBytes(text) === text.slice(-4)

/** Bits that stand for nothing are zero, else other bytes would come back than were sent. */
const lastBytes = (text: string): string => Buffer.from(text.slice(-4), 'base64').toString('base64')
