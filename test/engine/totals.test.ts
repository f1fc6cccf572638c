// Estimated totals: a count up to a bound, and from there on the planner's estimate of the same rows, under the same policy.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { COUNTED } from '../../src/db/plan/build-read.ts'
import type { ListInput, Total } from '../../src/engine/request.ts'
import { anonymous, type Caller } from '../../src/schema/declare/caller.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { eachDatabase } from '../support/databases.ts'
import { runFullPath, runCached, formOf } from './forms.ts'
import { openFixture, type PlainPage, related, select, signedIn, type Fixture } from './support.ts'

const shelves = pgTable('shelves', { id: integer().primaryKey() })
const items = pgTable('items', {
  id: integer().primaryKey(),
  shelfId: integer('shelf_id').notNull(),
  state: text().notNull(),
  lot: integer().notNull(),
})
const tables = { shelves, items }
const relations = defineRelations(tables, (r) => ({
  shelves: { items: r.many.items() },
  items: { shelf: r.one.shelves({ from: r.items.shelfId, to: r.shelves.id }) },
}))
const { resource, access } = declare({ relations })
const staff = signedIn({}, 'staff')

eachDatabase((_kind, open) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await openFixture(open, tables, {
      name: 'Shelves',
      relations,
      resources: {
        shelf: resource('shelves', { access: { read: access.everyone } }),
        item: resource('items', {
          access: { read: access.any({ state: { eq: 'open' } }, access.role('staff')) },
        }),
      },
    })
    await fixture.sql('insert into shelves select generate_series(1, 4)')
    await fixture.sql(
      `insert into items select i, case when i <= 12000 then 1 when i <= 24000 then 2 else 3 end, case when i % 30 = 0 then 'closed' else 'open' end, i % 11000 from generate_series(1, 30000) i`,
    )
    await fixture.sql('create index on items (shelf_id)')
    await fixture.sql('analyze')
  })
  beforeEach(() => {
    fixture.statements.length = 0
  })

  const totalOf = async (
    total: Total,
    list: ListInput = {},
    caller: Caller = anonymous,
  ): Promise<number> =>
    (
      await fixture.page('items', {
        total,
        list: { first: 2, ...list },
        caller,
        selection: select('id'),
      })
    ).total ?? -1
  const explained = (): number =>
    fixture.statements.filter(({ text: sql }) => sql.startsWith('explain')).length

  test('few rows are counted exactly', async () => {
    expect(await totalOf('estimated', { where: { id: { lte: COUNTED } } }, staff)).toBe(COUNTED)
    expect(await totalOf('estimated', { where: { OR: [] } })).toBe(0)
    expect(explained()).toBe(0)
  })

  test('many rows are estimated by two more statements, and never as fewer than were counted', async () => {
    const [estimated, exact] = [
      await totalOf('estimated', {}, staff),
      await totalOf(true, {}, staff),
    ]
    expect(exact).toBe(30_000)
    expect(Math.abs(estimated - exact)).toBeLessThan(exact / 10)
    expect([fixture.statements.length, explained()]).toEqual([4, 1]) // and whether row level security holds
    expect(
      await totalOf('estimated', { where: { id: { lte: COUNTED + 1 } } }, staff),
    ).toBeGreaterThan(COUNTED)
    expect(
      await totalOf('estimated', { orderBy: [{ lot: 'ASC' }], distinctOn: ['lot'] }, staff),
    ).toBeGreaterThan(COUNTED)
  })

  test('an exact total beside an estimated one is exact', async () => {
    const selection = select(
      'id',
      related('items', select('id'), { first: 1 }, { total: 'estimated' }),
    )
    await fixture.sql('insert into shelves select generate_series(5, 11000)')
    try {
      const page = await fixture.page('shelves', {
        total: true,
        list: { first: 2 },
        selection: selection,
      })
      expect(page.total).toBe(11_000)
      const [shelf] = page.rows
      expect((shelf?.['items'] as PlainPage | undefined)?.total).toBeGreaterThan(COUNTED - 1)
    } finally {
      await fixture.sql('delete from shelves where id > 4')
    }
  })

  test('a caller from whom a policy hides rows has them counted up to the bound', async () => {
    expect(await totalOf('estimated')).toBe(COUNTED + 1)
    expect(await totalOf('estimated', { where: { id: { lte: 9000 } } })).toBe(8700)
    expect(explained()).toBe(0)
  })

  test('an estimate uses the filter and the values of the list', async () => {
    const [all, some] = [
      await totalOf('estimated', {}, staff),
      await totalOf('estimated', { where: { id: { lte: 20_000 } } }, staff),
    ]
    expect(some).toBeLessThan(all * 0.8)
    expect(
      fixture.statements.every(
        ({ text: sql }) => !sql.includes('20000') && !sql.includes("'open'"),
      ),
    ).toBe(true)
  })

  test('a filter through a relation is part of the estimate', async () => {
    const inFirst = await totalOf('estimated', { where: { shelf: { id: { eq: 1 } } } }, staff)
    expect(inFirst).toBeGreaterThan(COUNTED)
    expect(inFirst).toBeLessThan(await totalOf('estimated', {}, staff))
    expect(explained()).toBe(2)
  })

  test('related lists are estimated for each parent with many rows', async () => {
    const selection = select(
      'id',
      related('items', select('id'), { first: 1 }, { total: 'estimated' }),
    )
    const { rows } = await fixture.page('shelves', { selection: selection, caller: staff })
    const totals = rows.map((row) => (row['items'] as PlainPage).total ?? -1)
    expect(totals.slice(2)).toEqual([6000, 0])
    for (const total of totals.slice(0, 2)) expect(total).toBeGreaterThan(COUNTED)
    expect(explained()).toBe(2)
  })

  test('a cached read answers the same, flat and nested', async () => {
    const one = related('items', select('id'), {}, { total: 'estimated' })
    const forms = [
      formOf(fixture, 'shelves', select('id', one)),
      formOf(fixture, 'shelves', select('id', one, { ...one, id: 'again' })),
      formOf(fixture, 'items', select('id')),
    ]
    for (const [i, form] of forms.entries()) {
      const lists = [
        [{ first: 3 }, { first: 2 }, { first: 1 }],
        [{ first: 2 }, { first: 1 }, { first: 2 }],
      ].map((all) => all.slice(0, [2, 3, 1][i]))
      for (const list of lists) {
        const ask = { lists: list, caller: staff, total: i === 2 ? ('estimated' as const) : false }
        expect(await runCached(fixture, form, ask)).toBe(await runFullPath(fixture, form, ask))
      }
    }
  })
})
