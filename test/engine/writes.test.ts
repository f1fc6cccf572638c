// Writes: broken rules of the table named by fields, defaults, keys of every kind, and repeated attempts.
import { defineRelations, sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bytea,
  check,
  foreignKey,
  integer,
  interval,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { declare, list } from '../../src/schema/declare/declare.ts'
import { eachDatabase, onDatabase } from '../support/databases.ts'
import { openFixture, related, select, signedIn, type Fixture } from './support.ts'

const regions = pgTable(
  'regions',
  { country: text().notNull(), code: text().notNull(), name: text() },
  (table) => [primaryKey({ columns: [table.country, table.code] })],
)
const places = pgTable(
  'places',
  {
    id: integer().primaryKey(),
    name: text().notNull(),
    nick: text().unique(),
    country: text(),
    regionCode: text('region_code'),
    row: integer().notNull().default(0),
    seat: integer().notNull().default(0),
    low: numeric('low_value').notNull().default('0'),
    high: numeric('high_value').notNull().default('10'),
    parentId: integer('parent_id').references((): AnyPgColumn => places.id),
    calls: integer().notNull().default(0),
  },
  (table) => [
    unique('one_seat').on(table.row, table.seat),
    uniqueIndex().on(table.name, table.country),
    foreignKey({
      columns: [table.country, table.regionCode],
      foreignColumns: [regions.country, regions.code],
    }),
    check('low_below_high', sql`${table.low} < ${table.high}`),
    check('name_is_not_x', sql`${table.name} <> 'x'`),
  ],
)
let made = 0
const stamps = pgTable('stamps', {
  id: text()
    .primaryKey()
    .$defaultFn(() => `stamp-${(made += 1)}`),
  at: timestamp({ withTimezone: true }).$defaultFn(() => new Date('2026-11-23T10:00:00.123Z')),
  upper: text().$defaultFn(() => sql`upper('abc')` as never),
  data: bytea().$defaultFn(() => Buffer.from([0, 255])),
  touched: integer()
    .notNull()
    .default(0)
    .$onUpdateFn(() => 7),
})
/** Keys of kinds whose text is not the wire's. */
const moments = pgTable(
  'moments',
  {
    at: timestamp({ withTimezone: true, mode: 'string' }).notNull(),
    data: bytea().notNull(),
    span: interval().notNull(),
    small: smallint().notNull(),
    name: text(),
  },
  (table) => [primaryKey({ columns: [table.at, table.data, table.span, table.small] })],
)

const tables = { regions, places, stamps, moments }
const relations = defineRelations(tables, (r) => ({
  places: {
    region: r.one.regions({
      from: [r.places.country, r.places.regionCode],
      to: [r.regions.country, r.regions.code],
    }),
    children: r.many.places({ from: r.places.id, to: r.places.parentId }),
  },
}))
const { resource, access, operation } = declare({ relations })
const everyone = access.everyone
const all = { access: { read: everyone, create: everyone, update: everyone, delete: everyone } }
const place = resource('places', all)
const moment = resource('moments', all)
/** How often the handler below ran, and how often it is to fail before it works. */
const attempts = { run: 0, fail: 0, state: '40001' }
const declaration = {
  name: 'Writes',
  relations,
  resources: {
    place,
    moment,
    stamp: resource('stamps', all),
    region: resource('regions', {
      access: {
        read: access.any({ country: { ne: 'secret' } }, access.role('staff')),
        create: everyone,
        delete: everyone,
      },
    }),
  },
  operations: {
    raise: operation({
      kind: 'mutation',
      rest: 'POST /raise',
      access: everyone,
      input: z.object({ id: z.int32() }),
      output: place,
      async handle({ input, tx }) {
        attempts.run += 1
        await tx
          .update(places)
          .set({ calls: sql`${places.calls} + 1` })
          .where(sql`${places.id} = ${input.id}`)
        if (attempts.run <= attempts.fail)
          await tx.execute(
            sql.raw(
              `do $$ begin raise exception 'again' using errcode = '${attempts.state}'; end $$`,
            ),
          )
        return { id: input.id }
      },
    }),
    latest: operation({
      kind: 'query',
      rest: 'GET /latest',
      access: everyone,
      output: list(moment),
      handle: async ({ tx }) => {
        const rows = await tx
          .select()
          .from(moments)
          .orderBy(sql`${moments.at} desc`)
        return rows.map(({ at, data, small }) => ({
          at,
          data: Buffer.from(data).toString('base64'),
          span: 'P1M1DT1S',
          small,
        }))
      },
    }),
  },
}

const first = { id: 1, name: 'a' }

eachDatabase((_kind, open) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openFixture(open, tables, declaration)
  })
  beforeEach(async () => {
    for (const table of ['places', 'regions', 'stamps', 'moments'])
      await fixture.sql(`delete from ${table}`)
  })

  describe('a broken rule names its fields', () => {
    beforeEach(async () => {
      await fixture.row('createRegion', { input: { country: 'no', code: '1' } })
      await fixture.row('createRegion', { input: { country: 'secret', code: '1' } })
      await fixture.row('createPlace', {
        input: { ...first, nick: 'n', row: 1, seat: 1, country: 'no', regionCode: '1' },
      })
    })
    const notUnique = (...fields: string[]) => ({
      code: 'CONFLICT',
      issues: fields.map((field) => ({
        in: 'input',
        path: [field],
        code: 'not_unique',
        message: 'Another row has this value.',
      })),
    })
    const noSuchRow = (...fields: string[]) => ({
      code: 'CONFLICT',
      message: 'A row that this one refers to does not exist.',
      issues: fields.map((field) => ({ in: 'input', path: [field], code: 'no_such_row' })),
    })
    const broken = (...fields: string[]) => ({
      code: 'VALIDATION_FAILED',
      issues: fields.map((field) => ({
        in: 'input',
        path: [field],
        code: 'check',
        message: 'This breaks a rule of the table.',
      })),
    })

    test.each([
      ['the primary key', { id: 1, name: 'b' }, notUnique('id')],
      ['a unique column', { id: 2, name: 'b', nick: 'n' }, notUnique('nick')],
      [
        'a composite unique constraint',
        { id: 2, name: 'b', row: 1, seat: 1 },
        notUnique('row', 'seat'),
      ],
      [
        'a composite unique index',
        { id: 2, name: 'a', country: 'no', regionCode: '1' },
        notUnique('name', 'country'),
      ],
      ['a foreign key', { id: 2, name: 'b', parentId: 99 }, noSuchRow('parentId')],
      [
        'a composite foreign key',
        { id: 2, name: 'b', country: 'no', regionCode: '9' },
        noSuchRow('country', 'regionCode'),
      ],
      [
        'a composite foreign key to a hidden row',
        { id: 2, name: 'b', country: 'secret', regionCode: '1' },
        noSuchRow('country', 'regionCode'),
      ],
      ['a check of one column', { id: 2, name: 'x' }, broken('name')],
      ['a check of two columns', { id: 2, name: 'b', low: '5', high: '4' }, broken('low', 'high')],
    ])('%s', async (_, input, problem) => {
      expect(await fixture.problem('createPlace', { input })).toMatchObject(problem)
      expect(await fixture.sql('select count(*) from places')).toEqual([['1']])
    })

    test('in an update too', async () => {
      await fixture.row('createPlace', { input: { id: 2, name: 'b', parentId: 1 } })
      expect(
        await fixture.problem('updatePlace', { key: { id: 2 }, input: { nick: 'n' } }),
      ).toMatchObject(notUnique('nick'))
      expect(
        await fixture.problem('updatePlace', { key: { id: 2 }, input: { parentId: 99 } }),
      ).toMatchObject(noSuchRow('parentId'))
      expect(
        await fixture.problem('updatePlace', { key: { id: 2 }, input: { low: '99' } }),
      ).toMatchObject(broken('low', 'high'))
      expect(
        await fixture.problem('updatePlace', { key: { id: 2 }, input: { name: null } }),
      ).toMatchObject({
        code: 'VALIDATION_FAILED',
        issues: [{ path: ['name'], code: 'wrong_type' }],
      })
    })

    test('a composite foreign key with a null refers to no row', async () => {
      expect(
        await fixture.row('createPlace', {
          input: { id: 2, name: 'b', country: 'secret' },
          selection: select('country', related('region', select('name'))),
        }),
      ).toEqual({ country: 'secret', region: null })
      expect(
        await fixture.problem('updatePlace', { key: { id: 2 }, input: { regionCode: '1' } }),
      ).toMatchObject(noSuchRow('country', 'regionCode'))
      expect(
        await fixture.row('updatePlace', {
          key: { id: 2 },
          input: { regionCode: '1' },
          caller: signedIn({}, 'staff'),
          selection: select('regionCode'),
        }),
      ).toEqual({ regionCode: '1' })
      expect(
        await fixture.row('updatePlace', {
          key: { id: 2 },
          input: { country: null },
          selection: select('country'),
        }),
      ).toEqual({ country: null })
    })

    test('a row that other rows refer to is not deleted, in the same table too', async () => {
      await fixture.row('createPlace', { input: { id: 2, name: 'b', parentId: 1 } })
      expect(await fixture.problem('deletePlace', { key: { id: 1 } })).toMatchObject({
        code: 'CONFLICT',
        message: 'Other rows still refer to this Place.',
        issues: [],
      })
      expect(
        await fixture.problem('deleteRegion', { key: { country: 'no', code: '1' } }),
      ).toMatchObject({
        code: 'CONFLICT',
        message: 'Other rows still refer to this Region.',
        issues: [],
      })
      expect(
        await fixture.row('deletePlace', { key: { id: 2 }, selection: select('name') }),
      ).toEqual({
        name: 'b',
      })
    })
  })

  test('an absent member keeps its default, null sets null, and only given columns change', async () => {
    expect(
      await fixture.row('createPlace', {
        input: first,
        selection: select('id', 'name', 'nick', 'row', 'high'),
      }),
    ).toEqual({ id: 1, name: 'a', nick: null, row: 0, high: '10' })
    expect(
      await fixture.row('updatePlace', {
        key: { id: 1 },
        input: { nick: 'n', row: 5 },
        selection: select('name', 'nick', 'row'),
      }),
    ).toEqual({ name: 'a', nick: 'n', row: 5 })
    expect(
      await fixture.row('updatePlace', {
        key: { id: 1 },
        input: { nick: null },
        selection: select('name', 'nick', 'row'),
      }),
    ).toEqual({ name: 'a', nick: null, row: 5 })
  })

  test('a write is read back with its selection, relations and their pages included', async () => {
    await fixture.row('createPlace', { input: first })
    for (const id of [2, 3, 4])
      await fixture.row('createPlace', { input: { id, name: `c${id}`, row: id, parentId: 1 } })
    const seen = select(
      'name',
      related('children', select('id'), { first: 2, orderBy: [{ id: 'DESC' }] }, { total: true }),
    )
    expect(
      await fixture.row('updatePlace', { key: { id: 1 }, input: { name: 'b' }, selection: seen }),
    ).toMatchObject({
      name: 'b',
      children: { rows: [{ id: 4 }, { id: 3 }], total: 3, hasNext: true },
    })
    expect(
      await fixture.row('updatePlace', { key: { id: 1 }, input: { name: 'd' }, selection: null }),
    ).toBeNull()
  })

  test("Drizzle's runtime defaults are applied, values and SQL alike", async () => {
    made = 0
    expect(await fixture.row('createStamp', { input: {} })).toEqual({
      id: 'stamp-1',
      at: '2026-11-23T10:00:00.123+00:00',
      upper: 'ABC',
      data: 'AP8=',
      touched: 0,
    })
    expect(await fixture.row('createStamp', { input: { id: 'mine', upper: 'own' } })).toMatchObject(
      {
        id: 'mine',
        upper: 'own',
      },
    )
    for (const id of ['stamp-2', 'stamp-3', 'stamp-4'])
      expect(await fixture.row('createStamp', { input: { upper: 'own' } })).toMatchObject({
        id,
        upper: 'own',
      })
    expect(
      await fixture.row('updateStamp', { key: { id: 'mine' }, input: { upper: null } }),
    ).toMatchObject({ upper: null, touched: 7 })
  })

  test("keys of any kind find their row, and an operation's rows keep their order", async () => {
    const key = { at: '2026-11-23T13:45:00.123456+02:00', data: 'AP8=', span: 'P1M1DT1S', small: 3 }
    const read = { ...key, at: '2026-11-23T11:45:00.123456+00:00', name: 'n' }
    expect(await fixture.row('createMoment', { input: { ...key, name: 'n' } })).toEqual(read)
    expect(await fixture.row('moment', { key })).toEqual(read)
    expect(await fixture.row('updateMoment', { key, input: { name: 'm' } })).toEqual({
      ...read,
      name: 'm',
    })
    expect(await fixture.row('moment', { key: { ...key, small: 40_000 } })).toBeNull()
    expect(await fixture.problem('deleteMoment', { key: { ...key, span: 'P2M' } })).toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no Moment with this key.',
    })
    await fixture.row('createMoment', { input: { ...key, at: '2027-01-01T00:00:00Z' } })
    const latest = await fixture.value('latest', { selection: select('name') })
    expect(latest).toEqual([{ name: null }, { name: 'm' }])
    expect(await fixture.row('deleteMoment', { key, selection: select('name') })).toEqual({
      name: 'm',
    })
  })

  describe('an operation that meets a serialization failure', () => {
    beforeEach(async () => {
      await fixture.row('createPlace', { input: first })
      attempts.run = 0
    })

    test.each(['40001', '40P01'])(
      '%s runs again, and its first attempt is rolled back',
      async (state) => {
        Object.assign(attempts, { fail: 2, state })
        expect(
          await fixture.row('raise', { input: { id: 1 }, selection: select('id', 'calls') }),
        ).toEqual({
          id: 1,
          calls: 1,
        })
        expect(attempts.run).toBe(3)
      },
    )

    test('in every attempt is UNAVAILABLE', async () => {
      Object.assign(attempts, { fail: 9, state: '40001' })
      expect(await fixture.problem('raise', { input: { id: 1 } })).toMatchObject({
        code: 'UNAVAILABLE',
        headers: { 'retry-after': '1' },
      })
      expect(await fixture.sql('select calls from places')).toEqual([['0']])
    })
  })
})

onDatabase('postgres', (open) => {
  test('concurrent serializable writers of one row wait or run again, and no write is lost', async () => {
    const fixture = await openFixture(open, tables, declaration, { poolMax: 6 })
    await fixture.sql(
      "do $$ begin execute format('alter database %I set default_transaction_isolation to serializable', current_database()); end $$",
    )
    await fixture.row('createPlace', { input: { id: 1, name: 'a', row: 1 } })
    await fixture.row('createPlace', { input: { id: 2, name: 'b', row: 2 } })
    attempts.fail = 0
    const parallel = Array.from({ length: 6 }, (_, i) =>
      i % 2 === 0
        ? fixture.row('updatePlace', {
            key: { id: 1 },
            input: { seat: i, nick: null },
            selection: select('id', 'name', 'nick', 'seat'),
          })
        : fixture.row('raise', { input: { id: 1 }, selection: select('id', 'calls') }),
    )
    const settled = await Promise.allSettled(parallel)
    const raised = settled.filter((one, i) => i % 2 === 1 && one.status === 'fulfilled').length
    for (const [i, one] of settled.entries()) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'UNAVAILABLE' })
      else if (i % 2 === 0) expect(one.value).toEqual({ id: 1, name: 'a', nick: null, seat: i })
    }
    expect(raised).toBeGreaterThan(0)
    expect(await fixture.sql('select calls, name from places where id = 1')).toEqual([
      [String(raised), 'a'],
    ])
    expect(await fixture.sql('select calls, seat, name from places where id = 2')).toEqual([
      ['0', '0', 'b'],
    ])
  })
})
