// Every operator on every kind of column, on lists and on computed fields, against a reference implementation without SQL.
import { defineRelations, sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  bytea,
  char,
  date,
  doublePrecision,
  inet,
  integer,
  interval,
  numeric,
  pgEnum,
  pgTable,
  real,
  smallint,
  text,
  time,
  timestamp,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { beforeAll, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { kinds } from '../../src/schema/values/kinds.ts'
import type { Field } from '../../src/schema/model/model.ts'
import { toZod } from '../../src/schema/inputs/to-zod.ts'
import { operatorsOf } from '../../src/schema/model/operators.ts'
import { eachDatabase } from '../support/databases.ts'
import { openFixture, select, type Fixture } from './support.ts'

const mood = pgEnum('mood', ['low', 'high', 'a b'])
const columns = {
  small: smallint(),
  whole: integer(),
  big: bigint({ mode: 'bigint' }),
  exact: numeric(),
  single: real(),
  double: doublePrecision(),
  yes: boolean(),
  words: text(),
  short: varchar({ length: 8 }),
  fixed: char({ length: 3 }),
  code: uuid(),
  day: date(),
  clock: time(),
  local: timestamp({ mode: 'string' }),
  moment: timestamp({ withTimezone: true, mode: 'string' }),
  span: interval(),
  mood: mood(),
  blob: bytea(),
  address: inet(),
}
type Name = keyof typeof columns
const lists = {
  smalls: smallint().array(),
  singles: real().array(),
  exacts: numeric().array(),
  texts: text().array(),
  moods: mood().array(),
  moments: timestamp({ withTimezone: true, mode: 'string' }).array(),
  spans: interval().array(),
  blobs: bytea().array(),
}
const rows = pgTable('rows', { id: integer().primaryKey(), ...columns, ...lists })
const relations = defineRelations({ rows })
const { resource, access } = declare({ relations })

/** The values of four rows; a fifth has null. */
const values: Readonly<Record<Name, readonly unknown[]>> = {
  small: [-32_768, 0, 7, 32_767],
  whole: [-2_147_483_648, 0, 7, 2_147_483_647],
  big: ['-9223372036854775808', '0', '9007199254740993', '9223372036854775807'],
  exact: ['-1.50', '0', '12345678901234567890.1', 'NaN'],
  single: [-1.5, 0, 0.1, 16_777_216],
  double: [-1.5, 0, 0.1, 1e300],
  yes: [true, false, true, false],
  words: ['', 'a%b', 'Ab_\\', 'é'],
  short: ['', 'a%b', 'Ab', 'zz'],
  fixed: ['a  ', 'b  ', 'abc', '_% '],
  code: [
    '00000000-0000-0000-0000-000000000000',
    '0f000000-0000-4000-8000-000000000001',
    'f0000000-0000-4000-8000-000000000001',
    'ffffffff-ffff-4fff-bfff-ffffffffffff',
  ],
  day: ['0044-03-15 BC', '2024-02-29', '9999-12-31', 'infinity'],
  clock: ['00:00:00', '12:30:00.000001', '23:59:59.999999', '24:00:00'],
  local: [
    '-infinity',
    '1999-12-31T23:59:59.999999',
    '2024-02-29T12:00:00',
    '2024-02-29T12:00:00.000001',
  ],
  moment: [
    '1970-01-01T00:00:00+00:00',
    '2024-02-29T12:00:00+00:00',
    '2024-02-29T12:00:00.000001+00:00',
    'infinity',
  ],
  span: ['P-1D', 'PT0S', 'P1M', 'P1Y2M3DT4H5M6.789S'],
  mood: ['low', 'high', 'a b', 'low'],
  blob: ['', 'AA==', '/+8=', 'AAE='],
  address: ['10.0.0.1', '10.0.0.0/8', '::1', '10.0.0.1'],
}

/** Further operands: equal values in another form, values between, and values that the column cannot hold. */
const others: Readonly<Partial<Record<Name, readonly unknown[]>>> = {
  small: [100_000, -100_000, 1],
  whole: [1],
  big: ['1'],
  exact: ['-1.5', '1', 'Infinity', '0.000'],
  single: [1e300, -1e300, 5e-324, 0.100_000_001],
  double: [5e-324, 1],
  words: ['a', 'AB', '%', 'B_', '\\'],
  short: ['a', 'A long text, longer than the column'],
  fixed: ['a', 'ab'],
  code: ['FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF'],
  day: ['2024-03-01', '-infinity'],
  clock: ['12:30:00'],
  local: ['2000-01-01T00:00:00', 'infinity'],
  moment: ['2024-02-29T14:00:00+02:00', '2024-02-29T12:00:00Z', '-infinity'],
  span: ['P30D', 'PT24H', 'P4W2D', 'PT-24H'],
  blob: ['AQ=='],
  address: ['10.0.0.2'],
}

/** The number of an ISO 8601 duration's microseconds: PostgreSQL compares months as 30 days, days as 24 hours. */
function spanOf(value: string): number {
  const parts =
    /^P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?[\d.]+)S)?)?$/
      .exec(value)
      ?.slice(1)
      .map((part: string | undefined) => Number(part ?? 0)) ?? []
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
  return (
    ((((years * 12 + months) * 30 + weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds
  )
}

function timeOf(value: string): number {
  if (value.endsWith('infinity')) return value.startsWith('-') ? -Infinity : Infinity
  const [whole, micros] = [value.replace(/\.\d+/, ''), /\.(\d+)/.exec(value)?.[1] ?? ''] as const
  const parsed = whole.endsWith('BC')
    ? -1e15
    : Date.parse(/Z|\+/.test(whole) || !whole.includes('T') ? whole : `${whole}Z`)
  return parsed * 1000 + Number(micros.padEnd(6, '0'))
}

/** A value as one that `<` and `===` order as PostgreSQL does. */
// oxlint-disable-next-line complexity -- one arm for each kind
function rank(name: string, value: unknown): number | string | bigint {
  const known = String(value)
  switch (name) {
    case 'whole':
      return Number(value)
    case 'big':
      return BigInt(known)
    case 'exact':
      return known === 'NaN' ? Number.MAX_VALUE : known === 'Infinity' ? 1e300 : Number(value)
    case 'single':
      return Math.fround(Number(value)) === 0 || !Number.isFinite(Math.fround(Number(value)))
        ? Number(value)
        : Math.fround(Number(value))
    case 'fixed':
      return known.padEnd(3)
    case 'code':
      return known.toLowerCase()
    case 'mood':
      return mood.enumValues.indexOf(known as 'low')
    case 'span':
      return spanOf(known)
    case 'blob':
      return Buffer.from(known, 'base64').toString('latin1')
    case 'day':
    case 'local':
    case 'moment':
      return timeOf(known)
    default:
      return typeof value === 'string' ? Buffer.from(value).toString('latin1') : Number(value)
  }
}

type Truth = boolean | null

const patterns: Readonly<Record<string, (whole: string, part: string) => boolean>> = {
  contains: (whole, part) => whole.includes(part),
  startsWith: (whole, part) => whole.startsWith(part),
  endsWith: (whole, part) => whole.endsWith(part),
  like: (whole, part) =>
    new RegExp(
      `^${part.replaceAll(/\\(.)|%|_/gs, (sign, escaped: string | undefined) => escaped ?? (sign === '%' ? '.*' : '.'))}$`,
      'su',
    ).test(whole),
}

// oxlint-disable-next-line complexity -- one arm for each operator
function holds(name: string, value: unknown, operator: string, operand: unknown): Truth {
  if (operator === 'isNull') return (value === null) === operand
  if (operator === 'in' || operator === 'notIn') {
    const list = operand as readonly unknown[]
    if (list.length === 0) return operator === 'notIn'
    return value === null
      ? null
      : list.some((one) => rank(name, one) === rank(name, value)) === (operator === 'in')
  }
  if (value === null) return null
  const plain = operator
    .replace(/^i(?=[A-Z])/, '')
    .replace(/^[A-Z]/, (letter) => letter.toLowerCase())
    .replace('ilike', 'like')
  const pattern = patterns[plain]
  if (pattern !== undefined) {
    const [whole, part] = [value as string, operand as string] // of kinds of text
    return plain === operator
      ? pattern(whole, part)
      : pattern(whole.toLowerCase(), part.toLowerCase())
  }
  const [left, right] = [rank(name, value), rank(name, operand)]
  switch (operator) {
    case 'eq':
      return left === right
    case 'ne':
      return left !== right
    case 'gt':
      return left > right
    case 'gte':
      return left >= right
    case 'lt':
      return left < right
    case 'lte':
      return left <= right
    default:
      throw new Error(`The reference implementation lacks the operator ${operator}.`)
  }
}

const listKinds: Readonly<Record<keyof typeof lists, Name>> = {
  smalls: 'small',
  singles: 'single',
  exacts: 'exact',
  texts: 'words',
  moods: 'mood',
  moments: 'moment',
  spans: 'span',
  blobs: 'blob',
}
const isListName = (name: string): name is keyof typeof lists => name in lists

/** The lists of four rows, of the values of their kind. */
const listsOf = (name: Name): readonly (readonly unknown[])[] => [
  [],
  [values[name][0], null],
  [values[name][1], values[name][2]],
  [values[name][2]],
]

function listHolds(
  name: Name,
  list: readonly unknown[] | null,
  operator: string,
  operand: unknown,
): Truth {
  if (operator === 'isNull') return (list === null) === operand
  if (list === null) return null
  const same = (a: unknown, b: unknown): boolean =>
    a === null || b === null ? a === b : rank(name, a) === rank(name, b)
  const has = (one: unknown): boolean =>
    list.some((other) => other !== null && one !== null && same(one, other))
  const all = operand as readonly unknown[]
  switch (operator) {
    case 'isEmpty':
      return (list.length === 0) === operand
    case 'has':
      return has(operand) || (list.includes(null) ? null : false)
    case 'hasEvery':
      return all.every(has)
    case 'hasSome':
      return all.some(has)
    default:
      return (
        (list.length === all.length && list.every((one, i) => same(one, all[i]))) ===
        (operator === 'eq')
      )
  }
}

function operandsFor(name: Name, field: Field, takes: string): readonly unknown[] {
  const own = [...values[name].slice(0, 3), ...(others[name] ?? [])]
  const scalars = field.kind.name === 'decimal' ? own.map(String) : own // of whole numbers too
  if (takes === 'boolean') return [true, false]
  if (takes === 'element') return scalars
  if (takes === 'elements') return [[], scalars.slice(0, 1), scalars.slice(1, 3), scalars.slice(-2)]
  if (takes === 'values') return [[], scalars, scalars.slice(-2)]
  return field.list ? [...listsOf(name), scalars.slice(-1)] : scalars
}

eachDatabase((_kind, open) => {
  let fixture: Fixture
  beforeAll(async () => {
    const same = (name: Name) => ({ sql: (own: typeof rows) => sql`${own[name]}` })
    fixture = await openFixture(
      open,
      { rows, mood },
      {
        name: 'Rows',
        relations,
        resources: {
          row: resource('rows', {
            access: { read: access.everyone, create: access.everyone },
            computed: {
              smallToo: { type: 'integer', ...(same('small') as object) },
              wholeToo: { type: 'decimal', ...(same('whole') as object) },
              bigToo: { type: 'bigint', ...(same('big') as object) },
              exactToo: { type: 'decimal', ...(same('exact') as object) },
              doubleToo: { type: 'float', ...(same('double') as object) },
              yesToo: { type: 'boolean', ...(same('yes') as object) },
              wordsToo: { type: 'text', ...(same('words') as object) },
              codeToo: { type: 'uuid', ...(same('code') as object) },
              dayToo: { type: 'date', ...(same('day') as object) },
              clockToo: { type: 'time', ...(same('clock') as object) },
              localToo: { type: 'localDateTime', ...(same('local') as object) },
              momentToo: { type: 'dateTime', ...(same('moment') as object) },
              spanToo: { type: 'duration', ...(same('span') as object) },
              blobToo: { type: 'bytes', ...(same('blob') as object) },
            } as never,
          }),
        },
      },
    )
    for (let i = 0; i < 4; i += 1) {
      const own = Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list[i]]))
      const many = Object.fromEntries(
        Object.entries(listKinds).map(([name, of]) => [name, listsOf(of)[i]]),
      )
      await fixture.row('createRow', {
        input: { id: i + 1, ...own, ...many },
        selection: select('id'),
      })
    }
    await fixture.row('createRow', { input: { id: 5 }, selection: select('id') })
  })

  const names = [
    ...Object.keys(columns),
    ...Object.keys(lists),
    ...[
      'small',
      'whole',
      'big',
      'exact',
      'double',
      'yes',
      'words',
      'code',
      'day',
      'clock',
      'local',
      'moment',
      'span',
      'blob',
    ].map((name) => `${name}Too`),
  ]

  test.each(names)('%s', async (name) => {
    const field = fixture.model.resources.get('row')?.fields.get(name)
    const of = (isListName(name) ? listKinds[name] : name.replace(/Too$/, '')) as Name
    if (field === undefined) throw new Error(`There is no field ${name}.`)
    const stored = Array.from({ length: 5 }, (_, i) =>
      i === 4 ? null : field.list ? (listsOf(of)[i] ?? null) : (values[of][i] ?? null),
    )
    const silent: string[] = []
    for (const operator of operatorsOf(field)) {
      let asked = 0
      for (const operand of operandsFor(of, field, operator.takes)) {
        if (!toZod(operator.operand(field)).safeParse(operand).success) continue // a lone backslash is not a pattern, 1.5 not a whole number
        asked += 1
        const where = { [name]: { [operator.name]: operand } }
        const found = (
          await fixture.page('rows', { list: { where }, selection: select('id') })
        ).rows.map((row) => row['id'])
        const expected = stored.flatMap((value, i) =>
          (field.list
            ? listHolds(of, value as readonly unknown[] | null, operator.name, operand)
            : holds(of, value, operator.name, operand)) === true
            ? [i + 1]
            : [],
        )
        expect(found, JSON.stringify(where)).toEqual(expected)
      }
      if (asked === 0) silent.push(operator.name)
    }
    expect(silent, 'operators that were never asked').toEqual([])
  })

  test('the tested kinds are all kinds but those with operators of their own', () => {
    const elsewhere = ['json', 'vector', 'geometry'] // json.test.ts, vectors.test.ts, places.test.ts
    const walked = new Set(
      [...(fixture.model.resources.get('row')?.fields.values() ?? [])].map(({ kind }) => kind.name),
    )
    expect([...walked, ...elsewhere].toSorted()).toEqual(Object.keys(kinds).toSorted())
  })
})
