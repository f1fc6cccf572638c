// Sample data, the same on every machine: from a few hundred products to a large store (`--scale 500`).
import type { HandlerTransaction, SeedOptions } from 'bifrons'
import { ne, sql } from 'drizzle-orm'
import {
  categoryRows,
  collectionProductRows,
  collectionRows,
  productRows,
} from './seed/catalogue.ts'
import { inBatches, insertAll, insertRows } from './seed/insert-rows.ts'
import { customerRows, profileRows } from './seed/people.ts'
import { ordersWithItems, reviewRows } from './seed/sales.ts'
import { categories } from './tables/categories.ts'
import { collectionProducts } from './tables/collection-products.ts'
import { collections } from './tables/collections.ts'
import { customerProfiles } from './tables/customer-profiles.ts'
import { customers } from './tables/customers.ts'
import { orderItems } from './tables/order-items.ts'
import { orders } from './tables/orders.ts'
import { products } from './tables/products.ts'
import { reviews } from './tables/reviews.ts'

/** A catalogue grows slower than its sales: the largest has 50,000 products, 100,000 orders and 200,000 reviews (scale 500). */
const sizesAt = (scale: number) => ({
  products: Math.min(300 * scale, 50_000),
  customers: 60 * scale,
  orders: 200 * scale,
  reviews: 400 * scale,
})

/** Fills an empty store, at scale 1 with 300 products and 200 orders. It leaves a store with products unchanged. */
export async function seed(
  tx: HandlerTransaction,
  { scale, progress }: SeedOptions,
): Promise<void> {
  const there = await tx.select({ id: products.id }).from(products).limit(1)
  if (there.length > 0) return
  const sizes = sizesAt(scale)
  await seedCatalogue(tx, sizes.products)
  progress(`${sizes.products} products`)
  await insertAll(tx, customers, customerRows(sizes.customers))
  await insertAll(tx, customerProfiles, profileRows(sizes.customers))
  progress(`${sizes.customers} customers`)
  await seedOrders(tx, { ...sizes, progress })
  await insertAll(tx, reviews, reviewRows(sizes.reviews, sizes.customers, sizes.products))
  progress(`${sizes.reviews} reviews`)
  await tx.execute(sql`analyze`) // so that the planner knows the size of the new data
  await recordStock(tx)
  progress('stock movements')
}

async function seedCatalogue(tx: HandlerTransaction, count: number): Promise<void> {
  await insertRows(tx, categories, categoryRows)
  await insertAll(tx, products, productRows(count))
  await insertRows(tx, collections, collectionRows)
  await insertAll(tx, collectionProducts, collectionProductRows(count))
  for (const table of ['categories', 'products', 'collections']) {
    // the rows came with ids: the sequence goes on after them
    await tx.execute(
      sql`select setval(pg_get_serial_sequence(${table}, 'id'), (select max(id) from ${sql.identifier(table)}))`,
    )
  }
}

interface OrderSizes {
  readonly orders: number
  readonly customers: number
  readonly progress: (line: string) => void
}

async function seedOrders(tx: HandlerTransaction, sizes: OrderSizes): Promise<void> {
  const onSale = await tx
    .select({ id: products.id, price: products.price })
    .from(products)
    .where(ne(products.status, 'draft'))
    .orderBy(products.id)
  const sold = onSale.map(({ id, price }) => ({ id, price: Math.round(Number(price) * 100) }))
  let done = 0
  for (const batch of inBatches(ordersWithItems(sizes.orders, sizes.customers, sold), 2000)) {
    await insertRows(
      tx,
      orders,
      batch.map((one) => one.order),
    )
    await insertRows(
      tx,
      orderItems,
      batch.flatMap((one) => one.items),
    )
    done += batch.length
    progress(done)
  }
  function progress(count: number) {
    if (count === sizes.orders || count % 20_000 === 0) sizes.progress(`${count} orders`)
  }
}

/** Movements that add up to each product's stock: first deliveries, then sales and returns of cancelled orders. */
async function recordStock(tx: HandlerTransaction): Promise<void> {
  await tx.execute(sql`
    update products set stock = stock + returned.quantity
    from (
      select i.product_id, sum(i.quantity) as quantity
      from order_items i join orders o on o.id = i.order_id where o.status = 'cancelled' group by i.product_id
    ) returned
    where returned.product_id = products.id
  `)
  await tx.execute(sql`
    with lines as (
      select i.product_id, i.quantity, i.order_id, o.status, o.placed_at from order_items i join orders o on o.id = i.order_id
    ), moved as (
      select product_id, -quantity as delta, 'sold' as reason, placed_at as at, order_id from lines
      union all
      select product_id, quantity, 'returned', placed_at + interval '1 day', order_id from lines where status = 'cancelled'
      union all
      select p.id, p.stock + coalesce(sum(l.quantity), 0), 'received', p.created_at, null
      from products p left join lines l on l.product_id = p.id and l.status <> 'cancelled' group by p.id
    )
    insert into stock_movements (product_id, delta, reason, at)
    select product_id, delta, reason::stock_reason, at from moved where delta <> 0 order by at, order_id, product_id
  `)
}
