// Updates and deletes by filter: the rows that the caller may read, all or none of them, at most the expected number.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { declare } from '../../src/schema/declare/declare.ts'
import { anonymous } from '../../src/schema/declare/caller.ts'
import { eachDatabase, onDatabase } from '../support/databases.ts'
import { type TestRequest, openFixture, select, signedIn, type Fixture } from './support.ts'

const boxes = pgTable('boxes', { id: integer().primaryKey(), room: text() })
const things = pgTable('things', {
  id: integer().primaryKey(),
  name: text().notNull().unique(),
  size: integer().notNull(),
  owner: text(),
  hidden: text(),
  price: integer(),
  boxId: integer('box_id').references(() => boxes.id),
})
const places = pgTable(
  'places',
  { row: integer().notNull(), seat: text().notNull(), guest: text() },
  (table) => [primaryKey({ columns: [table.row, table.seat] })],
)
const tables = { boxes, things, places }
const relations = defineRelations(tables, (r) => ({
  things: { box: r.one.boxes({ from: r.things.boxId, to: r.boxes.id }) },
  boxes: { things: r.many.things() },
}))
const { resource, access } = declare({
  relations,
  caller: z.object({ user: z.string() }).partial(),
})
const staff = access.role('staff')
const own = access.owner('owner', 'user')
const everyone = access.everyone
const declaration = {
  name: 'Things',
  relations,
  resources: {
    thing: resource('things', {
      access: {
        read: access.any({ hidden: { isNull: true } }, staff),
        update: access.any(own, staff),
        delete: access.any(own, staff),
      },
      fields: {
        price: { read: staff, write: staff },
        size: { validate: (size) => size.min(0, 'Not below zero.') },
      },
      writes: ['updateMany', 'deleteMany'],
      page: { default: 2, max: 10 },
    }),
    box: resource('boxes', {
      access: { read: { room: { isNull: true } }, delete: everyone },
      writes: ['deleteMany'],
    }),
    place: resource('places', {
      access: { read: everyone, update: everyone, delete: everyone },
      writes: ['updateMany', 'deleteMany'],
    }),
  },
} as const

const ann = signedIn({ user: 'ann' })
const boss = signedIn({}, 'staff')

eachDatabase((_kind, open) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openFixture(open, tables, declaration)
  })
  beforeEach(async () => {
    for (const table of ['things', 'boxes', 'places']) await fixture.sql(`delete from ${table}`)
    await fixture.sql(`insert into boxes values (1, null), (2, 'locked')`)
    await fixture.sql(`insert into things (id, name, size, owner, hidden, price, box_id) values
      (1, 'a', 1, 'ann', null, 10, 1), (2, 'b', 2, 'ann', null, 20, null), (3, 'c', 3, 'ben', null, 30, null), (4, 'd', 4, 'ann', 'yes', 40, null), (5, 'e', 9, 'ann', null, 50, null)`)
    await fixture.sql(`insert into places values (1, 'b', null), (1, 'a', null), (2, 'a', 'Eve')`)
  })
  interface Asked extends TestRequest {
    readonly where?: unknown
    readonly atMost?: unknown
  }
  const asked = ({ where, ...ask }: Asked): TestRequest => ({
    caller: ann,
    selection: select('id', 'size'),
    ...(where === undefined ? {} : { list: { where } }),
    ...ask,
  })
  const write = (name: string, ask: Asked) => fixture.value(name, asked(ask))
  const refused = async (name: string, ask: Asked) => {
    const { code, issues, message } = await fixture.problem(name, asked(ask))
    return [
      code,
      ...(issues.length === 0
        ? [message]
        : issues.map(({ in: part, path, code: what }) => `${part} ${path.join('.')} ${what}`)),
    ]
  }
  const sizes = async () =>
    (await fixture.sql('select size from things order by id')).map(([size]) => Number(size))

  test('writes by filter change the matching rows that the caller may read, and answer them in the order of their keys', async () => {
    expect(
      await write('updateThings', {
        where: { size: { lte: 4 }, owner: { eq: 'ann' } },
        input: { size: 8 },
        atMost: 2,
      }),
    ).toEqual([
      { id: 1, size: 8 },
      { id: 2, size: 8 },
    ])
    expect(await sizes()).toEqual([8, 8, 3, 4, 9])
    expect(await write('deleteThings', { where: { size: { eq: 8 } }, atMost: 10 })).toEqual([
      { id: 1, size: 8 },
      { id: 2, size: 8 },
    ])
    expect(await sizes()).toEqual([3, 4, 9])
  })

  test('writes by filter work with composite keys', async () => {
    expect(
      await write('updatePlaces', {
        where: { row: { eq: 1 } },
        input: { guest: 'Ann' },
        atMost: 5,
        selection: select('row', 'seat', 'guest'),
      }),
    ).toEqual([
      { row: 1, seat: 'a', guest: 'Ann' },
      { row: 1, seat: 'b', guest: 'Ann' },
    ])
    expect(
      await write('deletePlaces', {
        where: { guest: { eq: 'Ann' } },
        atMost: 5,
        selection: select('seat'),
      }),
    ).toEqual([{ seat: 'a' }, { seat: 'b' }])
    expect(await fixture.sql('select * from places')).toEqual([['2', 'a', 'Eve']])
  })

  test('writes by filter take relations in the filter, and write no row where none matches', async () => {
    expect(
      await write('updateThings', {
        where: { box: { id: { eq: 1 } } },
        input: { size: 5 },
        atMost: 1,
      }),
    ).toEqual([{ id: 1, size: 5 }])
    expect(
      await write('updateThings', {
        where: { name: { eq: 'nothing' } },
        input: { size: 5 },
        atMost: 1,
      }),
    ).toEqual([])
    expect(await write('deleteThings', { where: { OR: [] }, atMost: 1 })).toEqual([])
  })

  test('writes by filter answer null for a row that its writer may no longer read', async () => {
    expect(
      await write('updateThings', {
        where: { id: { in: [1, 2] } },
        input: { hidden: 'yes' },
        atMost: 2,
      }),
    ).toEqual([null, null])
    expect(await fixture.sql('select count(*) from things where hidden is not null')).toEqual([
      ['3'],
    ])
  })

  test('writes by filter write no row when more match than atMost, and report the number', async () => {
    for (const name of ['updateThings', 'deleteThings']) {
      const problem = await fixture.problem(
        name,
        asked({
          where: { size: { gt: 0 } },
          atMost: 2,
          ...(name === 'updateThings' ? { input: { size: 0 } } : {}),
        }),
      )
      expect(problem).toMatchObject({
        code: 'CONFLICT',
        message: '4 things match, and at most 2 may be written; none was.',
        issues: [{ in: 'page', path: ['atMost'], code: 'too_many' }],
      })
    }
    expect(await sizes()).toEqual([1, 2, 3, 4, 9])
  })

  test('writes by filter write no row when the caller may not write one of them', async () => {
    const where = { size: { lte: 3 } }
    expect(await refused('updateThings', { where, input: { size: 0 }, atMost: 5 })).toEqual([
      'FORBIDDEN',
      'You may not write 1 of the 3 things that match; none was written.',
    ])
    expect(await refused('deleteThings', { where, atMost: 5 })).toEqual([
      'FORBIDDEN',
      'You may not write 1 of the 3 things that match; none was written.',
    ])
    expect(
      await refused('updateThings', {
        where: { id: { eq: 1 } },
        input: { owner: 'ben' },
        atMost: 5,
      }),
    ).toEqual(['FORBIDDEN', 'This Thing would become one that you may not write.'])
    expect(await refused('deleteThings', { where, atMost: 5, caller: anonymous })).toEqual([
      'UNAUTHENTICATED',
      'You may not delete things.',
    ])
    expect(await sizes()).toEqual([1, 2, 3, 4, 9])
    expect(
      await write('updateThings', { where, input: { size: 0 }, atMost: 5, caller: boss }),
    ).toHaveLength(3)
  })

  test.each<[string, Asked, readonly string[]]>([
    ['no filter', {}, ['where  required']],
    ['an empty filter', { where: {} }, ['where  wrong_type']],
    [
      'a filter of empty AND, OR and NOT',
      { where: { AND: [{}], NOT: { OR: [] } } },
      ['where  wrong_type'],
    ],
    [
      'an alternative that every row passes',
      { where: { OR: [{ id: { eq: 1 } }, {}] } },
      ['where  wrong_type'],
    ],
    ['an unknown name', { where: { colour: { eq: 1 } } }, ['where colour unknown_member']],
    ['no bound', { where: { id: { eq: 1 } }, atMost: undefined }, ['page atMost required']],
    ['an atMost of 0', { where: { id: { eq: 1 } }, atMost: 0 }, ['page atMost wrong_type']],
    [
      'an atMost that is not a number',
      { where: { id: { eq: 1 } }, atMost: '5' },
      ['page atMost wrong_type'],
    ],
    [
      'an atMost over the maximum',
      { where: { id: { eq: 1 } }, atMost: 11 },
      ['page atMost too_big'],
    ],
    ['both', { where: {}, atMost: null }, ['where  wrong_type', 'page atMost wrong_type']],
  ])('%s is refused', async (_, ask, issues) => {
    const given = { atMost: 5, ...ask }
    expect(await refused('deleteThings', given)).toEqual(['VALIDATION_FAILED', ...issues])
    expect(await refused('updateThings', { ...given, input: { size: 1 } })).toEqual([
      'VALIDATION_FAILED',
      ...issues,
    ])
    expect(await refused('updateThings', { ...given, input: {} })).toEqual([
      'VALIDATION_FAILED',
      ...issues,
      'input  wrong_type',
    ])
    expect(await sizes()).toHaveLength(5)
  })

  test.each([
    { every: {} },
    { none: { OR: [] } },
    { every: { NOT: { OR: [] } }, none: { NOT: {} } },
  ])('writes by filter refuse a filter that every row passes: %j', async (things_) => {
    expect(
      await refused('deleteBoxes', {
        where: { things: things_ },
        atMost: 5,
        selection: select('id'),
      }),
    ).toEqual(['VALIDATION_FAILED', 'where  wrong_type'])
  })

  test('writes by filter refuse hidden fields in the filter and closed fields in the input, and run validators', async () => {
    const where = { id: { eq: 1 } }
    expect(await refused('deleteThings', { where: { price: { gt: 1 } }, atMost: 5 })).toEqual([
      'FORBIDDEN',
      'where price forbidden',
    ])
    expect(await refused('updateThings', { where, input: { price: 1 }, atMost: 5 })).toEqual([
      'FORBIDDEN',
      'input price forbidden',
    ])
    expect(await refused('updateThings', { where, input: { size: -1 }, atMost: 5 })).toEqual([
      'VALIDATION_FAILED',
      'input size too_small',
    ])
    expect(await refused('updateThings', { where, input: { boxId: 2 }, atMost: 5 })).toEqual([
      'CONFLICT',
      'input boxId no_such_row',
    ])
    expect(
      await refused('updateThings', {
        where: { id: { in: [1, 2] } },
        input: { name: 'z' },
        atMost: 5,
      }),
    ).toEqual(['CONFLICT', 'input name not_unique'])
    expect(await refused('deleteBoxes', { where, atMost: 5, selection: select('id') })).toEqual([
      'CONFLICT',
      'Other rows still refer to this Box.',
    ])
    expect(await sizes()).toEqual([1, 2, 3, 4, 9])
  })

  test('writes by filter report a conflict with a hidden row only to callers who may write their own row that way', async () => {
    expect(
      await refused('updateThings', { where: { id: { eq: 1 } }, input: { name: 'd' }, atMost: 1 }),
    ).toEqual(['CONFLICT', 'input name not_unique'])
    expect(
      await refused('updateThings', {
        where: { id: { eq: 1 } },
        input: { name: 'd', owner: 'ben' },
        atMost: 1,
      }),
    ).toEqual(['FORBIDDEN', 'This Thing would become one that you may not write.'])
  })
})

onDatabase('postgres', (open) => {
  describe('at the same time', () => {
    test('writes of the same rows wait for each other, in any order of the rows', async () => {
      const fixture = await openFixture(open, tables, declaration, { poolMax: 8 })
      await fixture.sql(`insert into places select i, 'a', null from generate_series(1, 60) i`)
      const bounds = [
        { row: { gte: 1 } },
        { row: { lte: 60 } },
        { OR: [{ row: { gt: 30 } }, { row: { lte: 30 } }] },
      ]
      const waves = Array.from({ length: 24 }, (_, i) =>
        fixture.value('updatePlaces', {
          list: { where: bounds[i % 3] },
          input: { guest: `No. ${i}` },
          atMost: 100,
          selection: select('row'),
        }),
      )
      for (const rows of await Promise.all(waves)) expect(rows).toHaveLength(60)
      const before = fixture.sql(
        `select deadlocks from pg_stat_database where datname = current_database()`,
      )
      expect(await before).toEqual([['0']])
    })
  })
})
