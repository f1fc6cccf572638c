// The reference store's operations on real databases: the stock changes in the order's own transaction, or not at all.
import { fileURLToPath } from 'node:url'
import type { Caller, HandlerTransaction } from 'bifrons'
import { beforeAll, expect, test } from 'vitest'
import { cancelOrder } from '../../app/operations/cancel-order.ts'
import { placeOrder } from '../../app/operations/place-order.ts'
import { salesSummary } from '../../app/operations/sales-summary.ts'
import { shipOrder } from '../../app/operations/ship-order.ts'
import { relations } from '../../app/relations.ts'
import { seed } from '../../app/seed.ts'
import type { Database } from '../../src/db/database.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import { buildErrors, toFail } from '../../src/schema/declare/declared-errors.ts'
import { eachDatabase } from '../support/databases.ts'

const customerId = (number: number) => `c0000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const caller = (number: number): Caller => ({
  via: 'jwt',
  id: `customer-${number}`,
  roles: [],
  claims: { customerId: customerId(number) },
})
const staff: Caller = { via: 'jwt', id: 'staff-1', roles: ['staff'], claims: {} }

eachDatabase((kind, open) => {
  let store: Database
  beforeAll(async () => {
    store = await open({ relations })
    await migrateDatabase(store, {
      folder: fileURLToPath(new URL('../../app/drizzle', import.meta.url)),
    })
    await store.transaction((tx) =>
      seed(tx.drizzle as HandlerTransaction, { scale: 1, progress: () => {} }),
    ) // db/ knows no team's tables
  })

  /** Runs a handler as the engine does after it has authorized the caller and parsed the input. */
  const run = (operation: typeof placeOrder, by: Caller, input: object): Promise<unknown> =>
    store.transaction((tx) => {
      const fail = toFail(
        'operation',
        buildErrors('operation', operation.rules.errors, (where, what) =>
          expect.fail(`${where} ${what}`),
        ),
      )
      return operation.handle({
        input,
        caller: by,
        tx: tx.drizzle,
        signal: AbortSignal.timeout(10_000),
        fail,
      } as never) // an operation's types are erased
    })
  const rows = async (text: string, ...values: string[]) =>
    (await store.query({ text, values })).rows
  const stockOf = async (productId: number) =>
    Number((await rows('select stock from products where id = $1', String(productId)))[0]?.[0])
  const place = async (by: Caller, ...lines: { productId: number; quantity: number }[]) =>
    ((await run(placeOrder, by, { lines })) as { id: string }).id

  /** A product of its own for each test. */
  async function newProduct(stock: number, status = 'active'): Promise<number> {
    const [row] = await rows(
      `insert into products (sku, name, status, price, cost, stock, category_id)
      values ('TST-' || (select 1000 + max(id) from products), 'Test', $1::product_status, 19.99, 5, $2, 4) returning id`,
      status,
      String(stock),
    )
    return Number(row?.[0])
  }

  test("placing an order reduces the stock, records the movement, and keeps the day's prices", async () => {
    const [first, second] = [await newProduct(10), await newProduct(3)]
    const id = await place(
      caller(1),
      { productId: second, quantity: 3 },
      { productId: first, quantity: 4 },
    )
    expect([await stockOf(first), await stockOf(second)]).toEqual([6, 0])
    expect(await rows('select customer_id, status, total from orders where id = $1', id)).toEqual([
      [customerId(1), 'placed', '139.93'],
    ])
    expect(
      await rows(
        'select line, product_id, quantity, price from order_items where order_id = $1 order by line',
        id,
      ),
    ).toEqual([
      ['1', String(second), '3', '19.99'],
      ['2', String(first), '4', '19.99'],
    ])
    expect(
      await rows(
        'select delta, reason from stock_movements where product_id in ($1, $2) order by delta',
        String(first),
        String(second),
      ),
    ).toEqual([
      ['-4', 'sold'],
      ['-3', 'sold'],
    ])
  })

  test('products that are not on sale are named by their line, before the stock is checked', async () => {
    const [enough, few, draft] = [
      await newProduct(10),
      await newProduct(1),
      await newProduct(10, 'draft'),
    ]
    const lines = [enough, few, draft, 999_999].map((productId) => ({ productId, quantity: 2 }))
    await expect(run(placeOrder, caller(1), { lines })).rejects.toMatchObject({
      code: 'CONFLICT',
      issues: [2, 3].map((line) => ({
        in: 'input',
        path: ['lines', line, 'productId'],
        code: 'unknown_product',
      })),
    })
  })

  test('products that are out of stock are named by their line, and nothing is ordered', async () => {
    const [enough, few] = [await newProduct(10), await newProduct(1)]
    const before = await rows('select count(*) from orders')
    const lines = [enough, few].map((productId) => ({ productId, quantity: 2 }))
    await expect(run(placeOrder, caller(1), { lines })).rejects.toMatchObject({
      code: 'OUT_OF_STOCK',
      status: 409,
      details: { products: [{ productId: few, left: 1 }] },
      issues: [
        {
          in: 'input',
          path: ['lines', 1, 'quantity'],
          code: 'out_of_stock',
          message: 'There are 1 left.',
        },
      ],
    })
    expect(await stockOf(enough)).toBe(10)
    expect(await rows('select count(*) from orders')).toEqual(before)
  })

  test('two lines with one product share its stock', async () => {
    const product = await newProduct(5)
    const lines = [
      { productId: product, quantity: 3 },
      { productId: product, quantity: 3 },
    ]
    await expect(run(placeOrder, caller(1), { lines })).rejects.toMatchObject({
      code: 'OUT_OF_STOCK',
      issues: [{ path: ['lines', 1, 'quantity'], message: 'There are 2 left.' }],
    })
    await place(caller(1), { productId: product, quantity: 3 }, { productId: product, quantity: 2 })
    expect(await stockOf(product)).toBe(0)
    expect(
      await rows('select delta from stock_movements where product_id = $1', String(product)),
    ).toEqual([['-5']])
  })

  test('baskets placed at the same time, in any order of lines, never take more than the stock', async () => {
    const [one, other] = [await newProduct(5), await newProduct(5)]
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, number) => {
        const lines = [
          { productId: one, quantity: 1 },
          { productId: other, quantity: 1 },
        ]
        return place(caller(number + 1), ...(number % 2 === 0 ? lines : lines.toReversed()))
      }),
    )
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(5)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'OUT_OF_STOCK' })
    expect([await stockOf(one), await stockOf(other)]).toEqual([0, 0])
  })

  test('cancelling an order restores the stock once', async () => {
    const product = await newProduct(5)
    const id = await place(caller(1), { productId: product, quantity: 4 })
    await expect(run(cancelOrder, caller(1), { id })).resolves.toEqual({ id })
    expect(await stockOf(product)).toBe(5)
    expect(
      await rows(
        'select delta, reason from stock_movements where product_id = $1 order by id',
        String(product),
      ),
    ).toEqual([
      ['-4', 'sold'],
      ['4', 'returned'],
    ])
    await expect(run(cancelOrder, caller(1), { id })).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(run(shipOrder, staff, { id })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await stockOf(product)).toBe(5)
  })

  test("a caller cannot cancel another customer's order, or a shipped one", async () => {
    const id = await place(caller(1), { productId: await newProduct(5), quantity: 1 })
    await expect(run(cancelOrder, caller(2), { id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(run(shipOrder, staff, { id })).resolves.toEqual({ id })
    expect(
      await rows('select status, shipped_at is not null from orders where id = $1', id),
    ).toEqual([['shipped', 't']])
    await expect(run(cancelOrder, caller(1), { id })).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(run(shipOrder, staff, { id: customerId(1) })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  test('callers who are not customers can neither order nor cancel', async () => {
    await expect(
      run(placeOrder, staff, { lines: [{ productId: 1, quantity: 1 }] }),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(run(cancelOrder, staff, { id: customerId(1) })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
  })

  test.each(['day', 'month', 'category'])(
    'the sales by %s add up to the orders that were not cancelled',
    async (by) => {
      const summary = (await run(salesSummary, staff, {
        by,
        from: '2026-03-01',
        to: '2026-04-30',
      })) as { groups: { key: string; revenue: string }[]; revenue: string }
      const [expected] = await rows(`select sum(total) from orders
      where status <> 'cancelled' and placed_at >= '2026-03-01T00:00:00Z' and placed_at < '2026-05-01T00:00:00Z'`)
      expect(summary.revenue, kind).toBe(expected?.[0])
      const cents = summary.groups.map((group) => BigInt(group.revenue.replace('.', '')))
      expect(cents.reduce((sum, one) => sum + one, 0n)).toBe(
        BigInt(summary.revenue.replace('.', '')),
      )
      if (by === 'month')
        expect(summary.groups.map((group) => group.key)).toEqual(['2026-03', '2026-04'])
    },
  )

  test('a period without sales has no groups and no revenue', async () => {
    await expect(
      run(salesSummary, staff, { by: 'month', from: '2020-01-01', to: '2020-01-31' }),
    ).resolves.toEqual({ groups: [], revenue: '0' })
  })

  test('an order on the last day counts at any time of the day', async () => {
    const [latest] = await rows(
      "select to_char(max(placed_at) filter (where status <> 'cancelled') at time zone 'UTC', 'YYYY-MM-DD') from orders",
    )
    const day = String(latest?.[0])
    await expect(
      run(salesSummary, staff, { by: 'day', from: day, to: day }),
    ).resolves.toMatchObject({ groups: [{ key: day }] })
  })
})
