// The reference store's migrations and seed: they apply, they give the same rows every time, and the rows are consistent.
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { HandlerTransaction } from 'bifrons'
import { beforeAll, expect, test } from 'vitest'
import { relations } from '../../app/relations.ts'
import { seed } from '../../app/seed.ts'
import type { Database } from '../../src/db/database.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import { eachDatabase, type OpenFresh } from '../support/databases.ts'

const folder = fileURLToPath(new URL('../../app/drizzle', import.meta.url))
const tables = [
  'categories',
  'products',
  'collections',
  'collection_products',
  'customers',
  'customer_profiles',
  'orders',
  'order_items',
  'reviews',
  'stock_movements',
]

async function openStore(open: OpenFresh): Promise<Database> {
  const database = await open({ relations })
  await migrateDatabase(database, { folder })
  return database
}

async function seedStore(database: Database, scale = 1): Promise<readonly string[]> {
  const lines: string[] = []
  await database.transaction(
    (tx) => seed(tx.drizzle as HandlerTransaction, { scale, progress: (line) => lines.push(line) }), // unknown to db/, which knows no team's tables
    { statementTimeout: 60_000 },
  )
  return lines
}

async function cell(database: Database, text: string): Promise<string | null | undefined> {
  const { rows } = await database.query({ text, values: [] })
  return rows[0]?.[0]
}

/** Every row of every table, as PostgreSQL writes it. */
const fingerprint = (database: Database): Promise<Record<string, string | null | undefined>> =>
  database.transaction(async (tx) => {
    const hashes: Record<string, string | null | undefined> = {}
    await tx.query({ text: "set local time zone 'UTC'", values: [] }) // or the text would be the machine's
    for (const table of tables) {
      const { rows } = await tx.query({
        text: `select md5(string_agg(row::text, '|' order by row::text collate "C")) from ${table} row`,
        values: [],
      })
      hashes[table] = rows[0]?.[0]
    }
    return hashes
  })

eachDatabase((_kind, open) => {
  let store: Database
  beforeAll(async () => {
    store = await openStore(open)
    await seedStore(store)
  })

  test('the seed has a few hundred products with their related rows', async () => {
    const counts: Record<string, number> = {}
    for (const table of tables)
      counts[table] = Number(await cell(store, `select count(*) from ${table}`))
    expect(counts).toMatchObject({
      categories: 12,
      products: 300,
      collections: 6,
      customers: 60,
      customer_profiles: 40,
      orders: 200,
      reviews: 400,
    })
    expect(counts['order_items']).toBeGreaterThan(600)
    expect(counts['stock_movements']).toBeGreaterThan(900)
    expect(counts['collection_products']).toBeGreaterThan(70)
  })

  test('the rows that the documentation names exist', async () => {
    expect(
      await cell(store, "select string_agg(status::text, ' ') from products where id <= 5"),
    ).toBe('active active active active active')
    const statuses =
      "select string_agg(distinct status::text, ' ') from orders where customer_id = 'c0000000-0000-4000-8000-000000000001'"
    expect(await cell(store, statuses)).toBe('cancelled placed shipped')
  })

  test('the rows are the same every time, on both databases', async () => {
    const again = await openStore(open)
    await seedStore(again)
    const hashes = await fingerprint(again)
    expect(hashes).toEqual(await fingerprint(store))
    // Written down, so that the two databases are held to each other too. It changes with the seed, and only with it.
    const all = createHash('md5').update(JSON.stringify(hashes)).digest('hex')
    expect(all).toBe('01f75e58c8220894f68ce249902a6d0e')
  })

  test('a store with products is left unchanged', async () => {
    const before = await fingerprint(store)
    expect(await seedStore(store)).toEqual([])
    expect(await fingerprint(store)).toEqual(before)
  })

  test.each([
    [
      'stock is never negative, and is the sum of its movements',
      'select count(*) from products p where stock < 0 or stock <> (select coalesce(sum(delta), 0) from stock_movements where product_id = p.id)',
    ],
    [
      'stock was never negative after any movement',
      'select count(*) from (select sum(delta) over (partition by product_id order by id) as stock from stock_movements) s where stock < 0',
    ],
    [
      "an order's total is the sum of its lines",
      'select count(*) from orders o where total is distinct from (select sum(price * quantity) from order_items where order_id = o.id)',
    ],
    [
      'only shipped orders have a time of shipping, after that of the order',
      "select count(*) from orders where (status = 'shipped') <> (shipped_at is not null) or shipped_at < placed_at",
    ],
    [
      'no order has a draft',
      "select count(*) from order_items i join products p on p.id = product_id where status = 'draft'",
    ],
    ['a product costs less than its price', 'select count(*) from products where cost >= price'],
  ])('%s', async (_name, faults) => {
    expect(await cell(store, faults)).toBe('0')
  })

  test('rows inserted after the seed get ids after those of the seed', async () => {
    const id = await cell(
      store,
      "insert into products (sku, name, price, cost, category_id) values ('NEW-0001', 'New', 1, 1, 4) returning id",
    )
    expect(Number(id)).toBe(301)
    await store.query({ text: 'delete from products where id = 301', values: [] })
  })

  test.each([
    ['stock below zero', 'update products set stock = -1 where id = 1'],
    ['a price of zero', 'update products set price = 0 where id = 1'],
    ['a rating of six', 'update reviews set rating = 6 where id = 1'],
    ['an empty line of an order', 'update order_items set quantity = 0'],
    [
      'a SKU twice',
      'update products set sku = (select sku from products where id = 2) where id = 1',
    ],
    [
      'a second review by the same customer of the same product',
      'insert into reviews (customer_id, product_id, rating) select customer_id, product_id, 1 from reviews where id = 1',
    ],
    ['a product in no category', 'update products set category_id = 999 where id = 1'],
  ])('the database refuses %s', async (_name, text) => {
    await expect(store.query({ text, values: [] })).rejects.toMatchObject({
      code: expect.stringMatching(/^(CONFLICT|VALIDATION_FAILED)$/),
    })
  })

  test('a larger store has the same properties', async () => {
    const large = await openStore(open)
    const progress = await seedStore(large, 5)
    expect(progress).toContain('1500 products')
    expect(await cell(large, 'select count(*) from orders')).toBe('1000')
    expect(
      await cell(
        large,
        'select count(*) from products p where stock <> (select sum(delta) from stock_movements where product_id = p.id)',
      ),
    ).toBe('0')
  })
})
