// Moves stock: changes the products' stock and records the movements, in the caller's transaction.
import type { HandlerTransaction } from 'bifrons'
import { sql } from 'drizzle-orm'

/** Reduces the stock by an order's lines, or restores it. The table's check refuses a stock below zero. */
export async function moveStock(
  tx: HandlerTransaction,
  orderId: string,
  reason: 'sold' | 'returned',
): Promise<void> {
  const sign = reason === 'sold' ? -1 : 1
  await tx.execute(sql`
    with lines as (
      select product_id, sum(quantity)::integer * ${sign}::integer as delta
      from order_items where order_id = ${orderId} group by product_id
    ), locked as ( -- in the order of ids, as everybody locks them, so that two orders never wait for each other
      select id, delta from products join lines on product_id = id order by id for update of products
    ), moved as (
      update products set stock = stock + delta from locked where products.id = locked.id
    )
    insert into stock_movements (product_id, delta, reason)
    select product_id, delta, ${reason}::stock_reason from lines order by product_id
  `)
}
