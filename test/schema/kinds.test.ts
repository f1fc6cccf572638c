// Kinds of values: the wire format accepts exactly the values that PostgreSQL stores unchanged.
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { type KindName, kinds } from '../../src/schema/values/kinds.ts'
import { onDatabase } from '../support/databases.ts'

const takes = (kind: KindName, value: unknown): boolean => kinds[kind].wire.safeParse(value).success

const examples: readonly [KindName, readonly unknown[], readonly unknown[]][] = [
  [
    'integer',
    [0, -1, 2_147_483_647, -2_147_483_648],
    [2_147_483_648, 1.5, '1', true, null, Number.NaN, Number.POSITIVE_INFINITY],
  ],
  [
    'bigint',
    ['0', '-9223372036854775808', '9223372036854775807'],
    ['9223372036854775808', '-9223372036854775809', '1.0', '1e3', '0x10', ' 1', '1 ', '', '+1', 1],
  ],
  [
    'decimal',
    ['0', '-0.10', '12345678901234567890.123456789', 'NaN', 'Infinity', '-Infinity'],
    ['1e3', '.5', '5.', '1,5', '', ' 1', 'nan', '+1', '0x1', '1_000', 1, 1.5],
  ],
  ['float', [0, -1.5, 1e300, 5e-324], ['1', Number.NaN, Number.POSITIVE_INFINITY, null]],
  ['boolean', [true, false], ['true', 1, 0, null]],
  ['text', ['', 'é🎉', '\u0001', '%_\\'], ['\0', 'a\0b', '\uD800', 'x\uDC00', 1, null]],
  [
    'uuid',
    [
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
      '00000000-0000-0000-0000-000000000000',
    ],
    [
      '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}',
      'a0eebc999c0b4ef8bb6d6bb9bd380a11',
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1',
      '',
    ],
  ],
  [
    'date',
    [
      '2026-11-23',
      '2024-02-29',
      '2000-02-29',
      '0001-01-01',
      '9999-12-31',
      '10000-01-01',
      '5874897-12-31',
      '0044-03-15 BC',
      '0001-02-29 BC',
      '4714-11-24 BC',
      'infinity',
      '-infinity',
    ],
    [
      '2026-02-31',
      '2026-02-29',
      '1900-02-29',
      '2026-13-01',
      '2026-00-10',
      '2026-01-00',
      '0000-01-01',
      '0002-02-29 BC',
      '4714-11-23 BC',
      '5874898-01-01',
      '2026-1-1',
      '20261123',
      '2026-11-23T00:00:00',
      'today',
      'now',
      'epoch',
      'Infinity',
      '11/23/2026',
      '',
      20_261_123,
    ],
  ],
  [
    'time',
    ['00:00:00', '13:45:00', '23:59:59.999999', '24:00:00', '24:00:00.000'],
    [
      '13:45',
      '24:00:01',
      '24:00:00.1',
      '25:00:00',
      '13:60:00',
      '13:45:60',
      '13:45:00.1234567',
      '1:00:00',
      '13:45:00Z',
      'noon',
      '',
    ],
  ],
  [
    'localDateTime',
    [
      '2026-11-23T13:45:00',
      '2026-11-23 13:45:00.123456',
      '0044-03-15 12:00:00 BC',
      '294276-12-31T23:59:59',
      'infinity',
      '2026-03-08T02:30:00',
    ],
    [
      '2026-11-23',
      '2026-11-23T13:45',
      '2026-11-23T13:45:00Z',
      '2026-11-23T13:45:00+00:00',
      '2026-02-31T00:00:00',
      '294277-01-01T00:00:00',
      '2026-11-23t13:45:00',
      'now',
    ],
  ],
  [
    'dateTime',
    [
      '2026-11-23T13:45:00Z',
      '2026-11-23T13:45:00.123456+05:30',
      '2026-11-23 13:45:00-12:00',
      '0044-03-15 12:00:00+00:00 BC',
      '-infinity',
    ],
    [
      '2026-11-23T13:45:00',
      '2026-11-23T13:45:00+24:00',
      '2026-11-23T13:45:00+05',
      '2026-11-23T13:45:00 Europe/Oslo',
      '2026-02-31T00:00:00Z',
      '2026-11-23T13:45:60Z',
      'now',
      '',
    ],
  ],
  [
    'duration',
    [
      'P1Y2M3DT4H5M6.789S',
      'PT0S',
      'P-1M3DT-0.5S',
      'P1W',
      'PT36H',
      'P178956970Y7M',
      'PT2562047788H',
    ],
    [
      'P',
      'PT',
      'P1',
      '1D',
      'P1.5D',
      'PT1.5H',
      'PT0.1234567S',
      'P1DT',
      '1 day',
      '01:00:00',
      'P178956970Y8M',
      'P2147483648D',
      'PT9999999999H',
      '-P1D',
      'p1d',
      '',
    ],
  ],
  [
    'bytes',
    ['', 'AP8Q', 'YQ==', 'YWI='],
    ['YQ', 'YQ=', 'YR==', 'YWJ=', '_w==', 'Y Q==', '\n', '===='.slice(1), 1],
  ],
  ['json', [{}, [], null, 0, 'x', { a: [{ b: null }] }], [{ a: '\0' }, ['\uD800'], { '\0': 1 }]],
]

describe.each(examples)('%s', (kind, taken, refused) => {
  test.each(taken.map((value) => [value]))('takes %j', (value) => {
    expect(takes(kind, value)).toBe(true)
  })
  test.each(refused.map((value) => [value]))('refuses %j', (value) => {
    expect(takes(kind, value)).toBe(false)
  })
})

const digits = (max: number, width: number) =>
  fc.integer({ min: 0, max }).map((n) => String(n).padStart(width, '0'))
const era = fc.constantFrom('', '', '', ' BC')
const date = fc
  .tuple(fc.oneof(digits(5000, 4), digits(6_000_000, 4)), digits(13, 2), digits(32, 2))
  .map((parts) => parts.join('-'))
const fraction = fc
  .option(fc.integer({ min: 0, max: 9_999_999 }), { nil: null })
  .map((n) => (n === null ? '' : `.${n}`))
const time = fc
  .tuple(digits(25, 2), digits(60, 2), digits(60, 2))
  .map((parts) => parts.join(':'))
  .chain((text) => fraction.map((more) => text + more))
const offset = fc.oneof(
  fc.constant('Z'),
  fc
    .tuple(fc.constantFrom('+', '-'), digits(16, 2), digits(60, 2))
    .map(([sign, hours, minutes]) => `${sign}${hours}:${minutes}`),
)
const part = (unit: string, decimals = false) =>
  fc
    .option(fc.oneof(fc.integer({ min: -50, max: 50 }), fc.integer()), { nil: null, freq: 2 })
    .chain((n) =>
      n === null
        ? fc.constant('')
        : (decimals ? fraction : fc.constant('')).map((more) => `${n}${more}${unit}`),
    )
const span = fc
  .tuple(part('Y'), part('M'), part('W'), part('D'), part('H'), part('M'), part('S', true))
  .map(
    ([y, mo, w, d, h, mi, s]) => `P${y}${mo}${w}${d}${h + mi + s === '' ? '' : `T${h}${mi}${s}`}`,
  )

/** Texts near valid ones, by the PostgreSQL type that has to accept every value of the wire format. */
const near: readonly [KindName, string, fc.Arbitrary<string>][] = [
  [
    'bigint',
    'bigint',
    fc.oneof(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String), fc.string()),
  ],
  [
    'decimal',
    'numeric',
    fc.oneof(
      fc.tuple(fc.bigInt(), fc.nat()).map(([a, b]) => `${a}.${b}`),
      fc.double().map(String),
      fc.string(),
    ),
  ],
  [
    'uuid',
    'uuid',
    fc.oneof(
      fc.uuid(),
      fc.uuid().map((text) => text.toUpperCase()),
      fc.uuid().map((text) => text.slice(1)),
    ),
  ],
  ['date', 'date', fc.tuple(date, era).map((parts) => parts.join(''))],
  ['time', 'time', time],
  [
    'localDateTime',
    'timestamp',
    fc.tuple(date, fc.constantFrom('T', ' '), time, era).map((parts) => parts.join('')),
  ],
  [
    'dateTime',
    'timestamptz',
    fc.tuple(date, fc.constantFrom('T', ' '), time, offset, era).map((parts) => parts.join('')),
  ],
  ['duration', 'interval', span],
]

onDatabase('postgres', (open) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
  })

  test.each(near)(
    '%s: PostgreSQL accepts as %s every value of the wire format',
    async (kind, type, arbitrary) => {
      const texts = fc
        .sample(arbitrary, { numRuns: 3000, seed: 5 })
        .filter((text) => takes(kind, text))
      expect(texts.length).toBeGreaterThan(100)
      const { rows } = await database.query({
        text: `select t from unnest($1::text[]) as t where not pg_input_is_valid(t, '${type}')`,
        values: [texts],
      })
      expect(rows.flat().filter((text) => !isAtTheEdge(String(text)))).toEqual([])
    },
  )
})

/** An offset may push a timestamp of the last day over the end, which only PostgreSQL's arithmetic knows. */
const isAtTheEdge = (text: string): boolean => /^(294276-12-31|4714-11-24.* BC$)/.test(text)
