// Relations and tables of every shape, read in one statement each: views, other schemas, awkward names, composite and partial keys.
import { defineRelations, sql } from 'drizzle-orm'
import { boolean, integer, pgSchema, pgTable, pgView, primaryKey, text } from 'drizzle-orm/pg-core'
import { beforeAll, expect, test } from 'vitest'
import { declare } from '../../src/schema/declare/declare.ts'
import { eachDatabase } from '../support/databases.ts'
import { openWorld, related, see, type World } from './support.ts'

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
  let world: World
  beforeAll(async () => {
    world = await openWorld(openFresh, { other, ...tables }, declaration)
    await world.sql(
      'create view stats as select user_id, count(*)::int as visits from visits group by user_id',
    )
    for (const [id, name, city] of [
      [1, 'Ann', 'x'],
      [2, 'Ben', 'x'],
      [3, 'Cid', null],
    ] as const)
      await world.row('createUser', { input: { id, name, city } })
    for (const [userId, color] of [
      [1, 'red'],
      [3, 'blue'],
    ] as const)
      await world.row('createCard', { input: { userId, color } })
    for (const code of ['a', 'b'])
      await world.row('createCity', {
        input: { country: 'no', code, mayorId: code === 'a' ? 2 : null },
      })
    for (const [id, userId, code, stars] of [
      [1, 1, 'a', 5],
      [2, 1, 'b', 3],
      [3, 1, null, 4],
      [4, 2, 'a', 1],
    ] as const) {
      await world.row('createVisit', { input: { id, userId, country: 'no', code, stars } })
    }
    await world.sql('insert into friends values (1, 2), (1, 2), (1, 3), (2, 1)')
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
        await world.page('users', {
          list,
          see: see('name', 'initials', related('card', see('color', related('user', see('name'))))),
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
      await world.row('updateUser', { key: { id: 3 }, input: { name: 'Cyd' }, see: see('name') }),
    ).toEqual({ name: 'Cyd' })
    expect(
      await world.row('updateUser', { key: { id: 3 }, input: { name: 'Cid' }, see: see('name') }),
    ).toEqual({ name: 'Cid' })
  })

  test('a one-to-one relation is its row or null', async () => {
    expect(
      (await world.page('users', { see: see('name', related('card', see('color'))) })).rows,
    ).toEqual([
      { name: 'Ann', card: { color: 'red' } },
      { name: 'Ben', card: null },
      { name: 'Cid', card: { color: 'blue' } },
    ])
  })

  test('a relation by a composite key works with nulls in the key', async () => {
    expect(
      (
        await world.page('visits', {
          see: see('id', related('city', see('code', related('mayor', see('name'))))),
        })
      ).rows,
    ).toEqual([
      { id: 1, city: { code: 'a', mayor: { name: 'Ben' } } },
      { id: 2, city: { code: 'b', mayor: null } },
      { id: 3, city: null },
      { id: 4, city: { code: 'a', mayor: { name: 'Ben' } } },
    ])
    expect(
      (await world.page('cities', { see: see('code', related('visits', see('id'))) })).rows,
    ).toMatchObject([
      { code: 'a', visits: { rows: [{ id: 1 }, { id: 4 }] } },
      { code: 'b', visits: { rows: [{ id: 2 }] } },
    ])
    expect(
      (
        await world.page('visits', {
          list: { where: { NOT: { city: { code: { isNull: false } } } } },
          see: see('id'),
        })
      ).rows,
    ).toEqual([{ id: 3 }])
  })

  test("Drizzle's where on a relation applies to reads, counts, filters and nested relations", async () => {
    expect(
      (
        await world.page('users', {
          see: see(
            'name',
            related('goodVisits', see('stars'), { orderBy: [{ id: 'DESC' }] }, { total: true }),
            related('activeCard', see('color')),
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
      (await world.page('users', { list: { where }, see: see('name') })).rows.map(
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
        await world.page('users', {
          list: { orderBy: [{ activeCard: { color: 'ASC_NULLS_FIRST' } }] },
          see: see('name'),
        })
      ).rows.map((row) => row['name']),
    ).toEqual(['Ann', 'Ben', 'Cid'])
  })

  test('a relation through a junction with a duplicate pair has each row once, in pages too', async () => {
    const [ann] = (
      await world.page('users', {
        see: see('name', related('friends', see('name'), { first: 1 }, { total: true })),
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
        await world.page('users', {
          list: { where: { friends: { some: { friends: { some: { id: { eq: 1 } } } } } } },
          see: see('name'),
        })
      ).rows,
    ).toEqual([{ name: 'Ann' }])
  })

  test('a to-one relation by columns that are not unique is the first row by its key, in every place', async () => {
    expect(
      (await world.page('users', { see: see('name', related('townsfolk', see('name'))) })).rows,
    ).toEqual([
      { name: 'Ann', townsfolk: { name: 'Ann' } },
      { name: 'Ben', townsfolk: { name: 'Ann' } },
      { name: 'Cid', townsfolk: null },
    ])
    expect(
      (
        await world.page('users', {
          list: { where: { townsfolk: { name: { eq: 'Ben' } } } },
          see: see('name'),
        })
      ).rows,
    ).toEqual([])
    expect(
      (
        await world.page('users', {
          list: { orderBy: [{ townsfolk: { name: 'DESC' } }, { id: 'DESC' }] },
          see: see('name'),
        })
      ).rows,
    ).toEqual([{ name: 'Cid' }, { name: 'Ben' }, { name: 'Ann' }])
  })

  test('a view with a declared key can be read by key, listed, related, and read in pages', async () => {
    expect(
      await world.row('stat', {
        key: { userId: 1 },
        see: see('visits', related('user', see('name'))),
      }),
    ).toEqual({ visits: 3, user: { name: 'Ann' } })
    expect(
      (await world.page('users', { see: see('name', related('stat', see('visits'))) })).rows[2],
    ).toEqual({ name: 'Cid', stat: null })
    const { cursors } = await world.page('stats', {
      list: { orderBy: [{ visits: 'DESC' }], first: 1 },
      see: see('userId'),
    })
    expect(
      (
        await world.page('stats', {
          list: { orderBy: [{ visits: 'DESC' }], after: cursors[0] },
          see: see('userId'),
        })
      ).rows,
    ).toEqual([{ userId: 2 }])
  })
})
