// Moving stock: the products' stock and the record of it change together, in the caller's transaction.
import type { HandlerTransaction } from 'bifrons'
import { sql } from 'drizzle-orm'

/** Takes the stock of an order's lines out of the store, or back into it. Never below zero: the table's check refuses that. */
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
