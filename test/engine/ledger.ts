// A ledger with a column of every kind that can be summed, compared or grouped by, some with read policies.
import { defineRelations, sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  customType,
  date,
  doublePrecision,
  integer,
  interval,
  json,
  numeric,
  pgEnum,
  pgTable,
  real,
  smallint,
  text,
  time,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import fc from 'fast-check'
import { declare } from '../../src/schema/declare/declare.ts'
import type { OpenFresh } from '../support/databases.ts'
import { openFixture, type Fixture } from './support.ts'

const bytea = customType<{ data: string }>({ dataType: () => 'bytea' })
const side = pgEnum('side', ['zulu', 'mike', 'alpha'])
const books = pgTable('books', {
  id: integer().primaryKey(),
  name: text().notNull(),
  secret: boolean().notNull(),
})
const entries = pgTable('entries', {
  id: integer().primaryKey(),
  bookId: integer('book_id').references(() => books.id),
  owner: text().notNull(),
  small: smallint(),
  whole: integer(),
  large: bigint({ mode: 'bigint' }),
  price: numeric(),
  single: real(),
  double: doublePrecision(),
  word: text(),
  mark: uuid(),
  raw: bytea(),
  day: date({ mode: 'string' }),
  clock: time(),
  local: timestamp({ mode: 'string' }),
  moment: timestamp({ withTimezone: true, mode: 'string' }),
  took: interval(),
  side: side(),
  open: boolean(),
  tags: text().array(),
  more: json(),
  salary: integer(),
  bonus: integer(),
})
const tables = { books, entries }
const relations = defineRelations(tables, (r) => ({
  books: { entries: r.many.entries() },
  entries: { book: r.one.books({ from: r.entries.bookId, to: r.books.id }) },
}))
const { resource, access } = declare({ relations })
const staff = access.role('staff')

const declaration = {
  name: 'Ledger',
  relations,
  resources: {
    book: resource('books', { access: { read: access.any({ secret: { eq: false } }, staff) } }),
    entry: resource('entries', {
      access: { read: access.any({ book: { secret: { eq: false } } }, staff) },
      fields: {
        salary: { read: staff },
        bonus: { read: { owner: { eq: 'ann' } } },
        owner: { description: 'Whose it is.' },
      },
      computed: {
        twice: {
          type: 'integer' as const,
          sql: (entry: { whole: unknown }) => sql`${entry.whole} % 1000 * 2`,
        },
      },
      page: { groups: 60 },
    }),
  },
}

const some = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { freq: 6 })
const digits = (n: number, length: number): string => String(n).padStart(length, '0')
const moment = fc
  .date({ min: new Date('1996-01-01'), max: new Date('2031-12-31'), noInvalidDate: true })
  .map((at) =>
    at
      .toISOString()
      .replace('T', ' ')
      .replace('Z', '')
      .replace(/\.000$/, ''),
  )

const entry = fc.record({
  book_id: some(1, 2, 3),
  owner: fc.constantFrom('ann', 'bob'),
  small: some(-3, 0, 7, 32_767),
  whole: some(-2_147_483_648, -1, 0, 5, 2_147_483_647),
  large: some('9223372036854775807', '-9223372036854775808', '9007199254740993', '1'),
  price: fc.option(
    fc.oneof(
      {
        weight: 30,
        arbitrary: fc
          .tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.nat(3))
          .map(
            ([n, scale]) =>
              `${n < 0 ? '-' : ''}${Math.abs(n)}${scale === 0 ? '' : `.${digits(Math.abs(n) % 10 ** scale, scale)}`}`,
          ),
      },
      { weight: 4, arbitrary: fc.constantFrom('1.5', '1.50', '12345678901234567890123.456789') },
      { weight: 1, arbitrary: fc.constantFrom('NaN', 'Infinity', '-Infinity') },
    ),
    { freq: 8 },
  ),
  single: some(0.5, -2.25, 1024),
  double: some(0.1, -1.5, 3, 1e100),
  word: some('', 'a', 'A', 'ab', 'é', '%', 'z'),
  mark: some(
    '00000000-0000-4000-8000-000000000001',
    'ffffffff-ffff-4fff-bfff-ffffffffffff',
    'a0000000-0000-4000-8000-000000000000',
  ),
  raw: some('\\x', '\\x00', '\\x00ff', '\\xff'),
  day: fc.option(
    moment.map((at) => at.slice(0, 10)),
    { freq: 6 },
  ),
  clock: some('00:00:00', '12:30:00.5', '12:30:00', '23:59:59.999999'),
  local: fc.option(moment, { freq: 6 }),
  moment: fc.option(
    moment.map((at) => `${at}+00`),
    { freq: 6 },
  ),
  took: some('PT90M', 'P1D', 'P1M', 'P1Y2M3DT4H5M6.5S', 'PT-3S'),
  side: some('zulu', 'mike', 'alpha'),
  open: some(true, false),
  tags: fc.constant(['x']),
  more: fc.constant({ a: 1 }),
  salary: fc.constantFrom(100, 200),
  bonus: fc.constantFrom(1, 2),
})

/** As many rows as a page of a list shows. */
export const ROWS = 90

export async function openLedger(open: OpenFresh): Promise<Fixture> {
  const fixture = await openFixture(open, { ...tables, side }, declaration)
  await fixture.sql(
    `insert into books values (1, 'day', false), (2, 'night', false), (3, 'black', true)`,
  )
  const rows = fc.sample(entry, { numRuns: ROWS, seed: 4 }).map((row, i) => ({ ...row, id: i + 1 }))
  await fixture.sql(
    'insert into entries select * from json_populate_recordset(null::entries, $1)',
    JSON.stringify(rows),
  )
  return fixture
}
