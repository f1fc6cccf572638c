// Values of every kind at random, as a caller writes them, with what they are when they are read again.
import fc from 'fast-check'

/** A value as it is written, and as both faces give it then; the same unless said otherwise. */
export interface Sample {
  readonly written: unknown
  readonly read: unknown
}

const same = (value: unknown): Sample => ({ written: value, read: value })
const digits = (value: number | bigint, length: number): string =>
  String(value).padStart(length, '0')

/** Microseconds since 1970 as ISO 8601, without the zeros at its end, as PostgreSQL has it. */
function isoOf(micros: bigint): string {
  const seconds = micros >= 0n ? micros / 1_000_000n : -((-micros + 999_999n) / 1_000_000n)
  const rest = micros - seconds * 1_000_000n
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  return rest === 0n ? whole : `${whole}.${digits(rest, 6).replace(/0+$/, '')}`
}

/** Around the changes of clocks in the zones of the test: New York's in 2026, and Kathmandu's to +05:45 on 1986-01-01. */
const changes = [
  '2026-03-08T07:00:00Z',
  '2026-11-01T06:00:00Z',
  '1985-12-31T18:30:00Z',
  '1883-11-18T17:00:00Z',
  '1970-01-01T00:00:00Z',
].map((text) => BigInt(Date.parse(text)) * 1000n)
const micros = fc.oneof(
  fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }), // of the years 1 to 9999
  fc
    .tuple(fc.constantFrom(...changes), fc.bigInt({ min: -7_200_000_000n, max: 7_200_000_000n }))
    .map(([at, by]) => at + by),
  fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -150, max: 150 }))
    .map(([at, minutes]) => at + BigInt(minutes) * 60_000_000n),
)

const infinite = fc.constantFrom('infinity', '-infinity').map(same)
const local = fc.oneof(
  { weight: 9, arbitrary: micros.map((at) => same(isoOf(at))) },
  { weight: 1, arbitrary: infinite },
)
const moment = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(micros, fc.integer({ min: -15 * 60, max: 15 * 60 }))
      .map(([at, minutes]): Sample => {
        const offset = `${minutes < 0 ? '-' : '+'}${digits(Math.floor(Math.abs(minutes) / 60), 2)}:${digits(Math.abs(minutes) % 60, 2)}`
        const there = isoOf(at + BigInt(minutes) * 60_000_000n)
        // a year 0 or 10000 over there has another form
        return /^\d{4}-/.test(there) && !there.startsWith('0000')
          ? { written: there + offset, read: `${isoOf(at)}+00:00` }
          : { written: `${isoOf(at)}Z`, read: `${isoOf(at)}+00:00` }
      }),
  },
  { weight: 1, arbitrary: infinite },
)

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', 'null', 'NULL', '{a,b}', '"', '\\', "'", '\n\r\t', '%_', '\u2028', '🎉'),
  )
  .map((value) => value.toWellFormed().replaceAll('\0', ''))
  .map(same)
const int = (min: number, max: number) =>
  fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max, 0)).map(same)
const big = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 9_007_199_254_740_993n),
  )
  .map((value) => same(String(value)))
const decimal = fc.oneof(
  fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 60n }), fc.stringMatching(/^\d{0,40}$/), fc.boolean())
    .map(([whole, part, minus]) => {
      const value = `${whole}${part === '' ? '' : `.${part}`}`
      return same(minus && /[1-9]/.test(value) ? `-${value}` : value)
    }),
  fc.constantFrom('NaN', 'Infinity', '-Infinity').map(same),
)
const noMinusZero = (value: number): number => (value === 0 ? 0 : value)
const double = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((value) => same(noMinusZero(value)))
/** 32 bits: what is read is the shortest decimal for them, so that it is compared as 32 bits (see `asKept`). */
const single = fc
  .float({ noNaN: true, noDefaultInfinity: true })
  .map((value) => same(noMinusZero(value)))
const date = micros.map((at) => same(isoOf(at).slice(0, 10)))
const time = fc.bigInt({ min: 0n, max: 86_399_999_999n }).map((at) => same(isoOf(at).slice(11)))
const duration = fc
  .tuple(fc.nat(100), fc.nat(11), fc.nat(1000), fc.nat(1000), fc.nat(59), fc.nat(59_999_999))
  .map(([years, months, days, hours, minutes, small]) => {
    const seconds = `${Math.floor(small / 1_000_000)}.${digits(small % 1_000_000, 6)}`.replace(
      /\.?0+$/,
      '',
    )
    const part = (value: number | string, letter: string): string =>
      Number(value) === 0 ? '' : `${value}${letter}`
    const [day, clock] = [
      part(years, 'Y') + part(months, 'M') + part(days, 'D'),
      part(hours, 'H') + part(minutes, 'M') + part(seconds, 'S'),
    ]
    return same(day + clock === '' ? 'PT0S' : `P${day}${clock === '' ? '' : `T${clock}`}`)
  })
const json = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) =>
    same(JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '').replaceAll(/-0\b/g, '0'))),
  )
  .filter(({ read }) => read !== null)
const bytes = fc
  .uint8Array({ maxLength: 40 })
  .map((value) => same(Buffer.from(value).toString('base64')))
/** A value that was read, as its column keeps it. */
export const asKept = (column: string, value: unknown): unknown => {
  const rounded = (one: unknown): unknown => (typeof one === 'number' ? Math.fround(one) : one)
  return column === 'single'
    ? rounded(value)
    : column === 'singles' && Array.isArray(value)
      ? value.map(rounded)
      : value
}

export const moods = ['sad', 'so-so', 'it\'s "fine"', 'über'] as const

const list = (of: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> =>
  fc
    .array(
      fc.oneof({ weight: 5, arbitrary: of }, { weight: 1, arbitrary: fc.constant(same(null)) }),
      { maxLength: 4 },
    )
    .map((elements) => ({
      written: elements.map(({ written }) => written),
      read: elements.map(({ read }) => read),
    }))

const scalars = {
  small: int(-32_768, 32_767),
  whole: int(-(2 ** 31), 2 ** 31 - 1),
  big,
  number: decimal,
  single,
  double,
  yes: fc.boolean().map(same),
  words: text,
  code: fc.uuid().map(same),
  day: date,
  clock: time,
  local,
  moment,
  span: duration,
  feeling: fc.constantFrom(...moods).map(same),
  tree: json,
  loose: json,
  blob: bytes,
  address: fc.ipV4().map(same),
}

/** By the columns of the table; each kind of value, and lists of it. */
export const columns: Readonly<Record<string, fc.Arbitrary<Sample>>> = {
  ...scalars,
  ...Object.fromEntries(
    Object.entries(scalars)
      .filter(([name]) => name !== 'loose')
      .map(([name, of]) => [`${name}s`, list(of)]),
  ),
}

/** A row with a value in every column, null in some. */
export const rows: fc.Arbitrary<Readonly<Record<string, Sample>>> = fc.record(
  Object.fromEntries(
    Object.entries(columns).map(([name, of]) => [
      name,
      fc.oneof({ weight: 12, arbitrary: of }, { weight: 1, arbitrary: fc.constant(same(null)) }),
    ]),
  ),
)
