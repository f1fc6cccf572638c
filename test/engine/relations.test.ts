// Relations and tables of every form, each read in one statement: views, other schemas, awkward names, composite and partial keys.
import { defineRelations, sql } from 'drizzle-orm'
import { boolean, integer, pgSchema, pgTable, pgView, primaryKey, text } from 'drizzle-orm/pg-core'
import { beforeAll, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { eachDatabase } from '../support/databases.ts'
import { openFixture, related, select, type Fixture } from './support.ts'

const other = pgSchema('Other schema')
const users = other.table('user', {
  id: integer('ID').primaryKey(),
  name: text('full Name').notNull(),
  active: boolean().notNull().default(true),
  city: text(),
})
const cards = pgTable('order', {
  userId: integer('group')
    .primaryKey()
    .references(() => users.id),
  color: text('select').notNull(),
})
const cities = pgTable(
  'cities',
  { country: text().notNull(), code: text().notNull(), mayorId: integer('mayor_id') },
  (table) => [primaryKey({ columns: [table.country, table.code] })],
)
const visits = pgTable('visits', {
  id: integer().primaryKey(),
  userId: integer('user_id').notNull(),
  country: text().notNull(),
  code: text(),
  stars: integer().notNull(),
})
/** A junction without a key: it may name a pair twice. */
const friends = pgTable('friends', { a: integer().notNull(), b: integer().notNull() })
const stats = pgView('stats', {
  userId: integer('user_id').notNull(),
  visits: integer().notNull(),
}).as(sql`select user_id, count(*)::int as visits from visits group by user_id`)
const tables = { users, cards, cities, visits, friends }
const relations = defineRelations({ ...tables, stats }, (r) => ({
  users: {
    card: r.one.cards({ from: r.users.id, to: r.cards.userId }),
    visits: r.many.visits({ from: r.users.id, to: r.visits.userId }),
    goodVisits: r.many.visits({
      from: r.users.id,
      to: r.visits.userId,
      where: { stars: { gte: 4 } },
    }),
    friends: r.many.users({
      from: r.users.id.through(r.friends.a),
      to: r.users.id.through(r.friends.b),
      alias: 'friends',
    }),
    townsfolk: r.one.users({ from: r.users.city, to: r.users.city, alias: 'town' }),
    stat: r.one.stats({ from: r.users.id, to: r.stats.userId }),
    activeCard: r.one.cards({
      from: r.users.id,
      to: r.cards.userId,
      where: { color: { ne: 'red' } },
      alias: 'active',
    }),
  },
  cards: { user: r.one.users({ from: r.cards.userId, to: r.users.id, optional: false }) },
  cities: {
    visits: r.many.visits({
      from: [r.cities.country, r.cities.code],
      to: [r.visits.country, r.visits.code],
    }),
    mayor: r.one.users({ from: r.cities.mayorId, to: r.users.id }),
  },
  visits: {
    city: r.one.cities({
      from: [r.visits.country, r.visits.code],
      to: [r.cities.country, r.cities.code],
    }),
  },
  stats: { user: r.one.users({ from: r.stats.userId, to: r.users.id }) },
}))
const { resource, access } = declare({ relations })
const open = {
  access: {
    read: access.everyone,
    create: access.everyone,
    update: access.everyone,
    delete: access.everyone,
  },
}
const declaration = {
  name: 'Relations',
  relations,
  resources: {
    user: resource('users', {
      ...open,
      computed: { initials: { type: 'text', sql: (user) => sql`left(${user.name}, 1)` } },
    }),
    card: resource('cards', open),
    city: resource('cities', open),
    visit: resource('visits', open),
    stat: resource('stats', { access: { read: access.everyone }, key: ['userId'] }),
  },
}

eachDatabase((_kind, openFresh) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openFixture(openFresh, { other, ...tables }, declaration)
    await fixture.sql(
      'create view stats as select user_id, count(*)::int as visits from visits group by user_id',
    )
    for (const [id, name, city] of [
      [1, 'Ann', 'x'],
      [2, 'Ben', 'x'],
      [3, 'Cid', null],
    ] as const)
      await fixture.row('createUser', { input: { id, name, city } })
    for (const [userId, color] of [
      [1, 'red'],
      [3, 'blue'],
    ] as const)
      await fixture.row('createCard', { input: { userId, color } })
    for (const code of ['a', 'b'])
      await fixture.row('createCity', {
        input: { country: 'no', code, mayorId: code === 'a' ? 2 : null },
      })
    for (const [id, userId, code, stars] of [
      [1, 1, 'a', 5],
      [2, 1, 'b', 3],
      [3, 1, null, 4],
      [4, 2, 'a', 1],
    ] as const) {
      await fixture.row('createVisit', { input: { id, userId, country: 'no', code, stars } })
    }
    await fixture.sql('insert into friends values (1, 2), (1, 2), (1, 3), (2, 1)')
  })

  const names = (value: unknown) =>
    JSON.parse(
      JSON.stringify(value, (key, member: unknown) =>
        key === 'cursors' || key === 'denied' ? undefined : member,
      ),
    ) as unknown

  test('awkward names are quoted in every clause', async () => {
    const list = {
      where: { name: { startsWith: 'A' }, card: { color: { eq: 'red' } } },
      orderBy: [{ card: { color: 'DESC' } }, { initials: 'ASC' }],
    }
    expect(
      names(
        await fixture.page('users', {
          list,
          selection: select(
            'name',
            'initials',
            related('card', select('color', related('user', select('name')))),
          ),
          total: true,
        }),
      ),
    ).toEqual({
      rows: [{ name: 'Ann', initials: 'A', card: { color: 'red', user: { name: 'Ann' } } }],
      total: 1,
      hasNext: false,
      hasPrevious: false,
    })
    expect(
      await fixture.row('updateUser', {
        key: { id: 3 },
        input: { name: 'Cyd' },
        selection: select('name'),
      }),
    ).toEqual({ name: 'Cyd' })
    expect(
      await fixture.row('updateUser', {
        key: { id: 3 },
        input: { name: 'Cid' },
        selection: select('name'),
      }),
    ).toEqual({ name: 'Cid' })
  })

  test('a one-to-one relation is its row or null', async () => {
    expect(
      (await fixture.page('users', { selection: select('name', related('card', select('color'))) }))
        .rows,
    ).toEqual([
      { name: 'Ann', card: { color: 'red' } },
      { name: 'Ben', card: null },
      { name: 'Cid', card: { color: 'blue' } },
    ])
  })

  test('a relation by a composite key works with nulls in the key', async () => {
    expect(
      (
        await fixture.page('visits', {
          selection: select(
            'id',
            related('city', select('code', related('mayor', select('name')))),
          ),
        })
      ).rows,
    ).toEqual([
      { id: 1, city: { code: 'a', mayor: { name: 'Ben' } } },
      { id: 2, city: { code: 'b', mayor: null } },
      { id: 3, city: null },
      { id: 4, city: { code: 'a', mayor: { name: 'Ben' } } },
    ])
    expect(
      (await fixture.page('cities', { selection: select('code', related('visits', select('id'))) }))
        .rows,
    ).toMatchObject([
      { code: 'a', visits: { rows: [{ id: 1 }, { id: 4 }] } },
      { code: 'b', visits: { rows: [{ id: 2 }] } },
    ])
    expect(
      (
        await fixture.page('visits', {
          list: { where: { NOT: { city: { code: { isNull: false } } } } },
          selection: select('id'),
        })
      ).rows,
    ).toEqual([{ id: 3 }])
  })

  test("Drizzle's where on a relation applies to reads, counts, filters and nested relations", async () => {
    expect(
      (
        await fixture.page('users', {
          selection: select(
            'name',
            related('goodVisits', select('stars'), { orderBy: [{ id: 'DESC' }] }, { total: true }),
            related('activeCard', select('color')),
          ),
        })
      ).rows,
    ).toMatchObject([
      {
        name: 'Ann',
        goodVisits: { rows: [{ stars: 4 }, { stars: 5 }], total: 2 },
        activeCard: null,
      },
      { name: 'Ben', goodVisits: { rows: [], total: 0 }, activeCard: null },
      { name: 'Cid', goodVisits: { rows: [], total: 0 }, activeCard: { color: 'blue' } },
    ])
    const found = async (where: object) =>
      (await fixture.page('users', { list: { where }, selection: select('name') })).rows.map(
        (row) => row['name'],
      )
    expect(await found({ goodVisits: { some: {} } })).toEqual(['Ann'])
    expect(
      await found({
        goodVisits: { every: { stars: { gt: 3 } } },
        visits: { some: { stars: { lt: 4 } } },
      }),
    ).toEqual(['Ann', 'Ben'])
    expect(await found({ activeCard: { color: { isNull: false } } })).toEqual(['Cid'])
    expect(
      (
        await fixture.page('users', {
          list: { orderBy: [{ activeCard: { color: 'ASC_NULLS_FIRST' } }] },
          selection: select('name'),
        })
      ).rows.map((row) => row['name']),
    ).toEqual(['Ann', 'Ben', 'Cid'])
  })

  test('a relation through a junction with a duplicate pair has each row once, in pages too', async () => {
    const [ann] = (
      await fixture.page('users', {
        selection: select(
          'name',
          related('friends', select('name'), { first: 1 }, { total: true }),
        ),
      })
    ).rows
    expect(names(ann?.['friends'])).toEqual({
      rows: [{ name: 'Ben' }],
      total: 2,
      hasNext: true,
      hasPrevious: false,
    })
    expect(
      (
        await fixture.page('users', {
          list: { where: { friends: { some: { friends: { some: { id: { eq: 1 } } } } } } },
          selection: select('name'),
        })
      ).rows,
    ).toEqual([{ name: 'Ann' }])
  })

  test('a to-one relation by columns that are not unique is the first row by its key, in every place', async () => {
    expect(
      (
        await fixture.page('users', {
          selection: select('name', related('townsfolk', select('name'))),
        })
      ).rows,
    ).toEqual([
      { name: 'Ann', townsfolk: { name: 'Ann' } },
      { name: 'Ben', townsfolk: { name: 'Ann' } },
      { name: 'Cid', townsfolk: null },
    ])
    expect(
      (
        await fixture.page('users', {
          list: { where: { townsfolk: { name: { eq: 'Ben' } } } },
          selection: select('name'),
        })
      ).rows,
    ).toEqual([])
    expect(
      (
        await fixture.page('users', {
          list: { orderBy: [{ townsfolk: { name: 'DESC' } }, { id: 'DESC' }] },
          selection: select('name'),
        })
      ).rows,
    ).toEqual([{ name: 'Cid' }, { name: 'Ben' }, { name: 'Ann' }])
  })

  test('a view with a declared key can be read by key, listed, related, and read in pages', async () => {
    expect(
      await fixture.row('stat', {
        key: { userId: 1 },
        selection: select('visits', related('user', select('name'))),
      }),
    ).toEqual({ visits: 3, user: { name: 'Ann' } })
    expect(
      (
        await fixture.page('users', {
          selection: select('name', related('stat', select('visits'))),
        })
      ).rows[2],
    ).toEqual({ name: 'Cid', stat: null })
    const { cursors } = await fixture.page('stats', {
      list: { orderBy: [{ visits: 'DESC' }], first: 1 },
      selection: select('userId'),
    })
    expect(
      (
        await fixture.page('stats', {
          list: { orderBy: [{ visits: 'DESC' }], after: cursors[0] },
          selection: select('userId'),
        })
      ).rows,
    ).toEqual([{ userId: 2 }])
  })
})
