// cancelOrder: a customer cancels an order before it is shipped, and the stock is restored.
import { Problem } from 'bifrons'
import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { access, operation } from '../declare.ts'
import { order } from '../resources/order.ts'
import { orders } from '../tables/orders.ts'
import { moveStock } from './stock.ts'

export const cancelOrder = operation({
  kind: 'mutation',
  rest: 'POST /orders/{id}/cancel',
  description: "Cancels an order of the caller's own that is not shipped yet.",
  access: access.signedIn,
  input: z.object({ id: z.uuid() }),
  output: order,
  async handle({ input: { id }, caller, tx }) {
    const { customerId } = caller.claims
    if (customerId === undefined)
      throw new Problem(
        'FORBIDDEN',
        'Only customers cancel their orders; the token names no customerId.',
      )
    const [found] = await tx
      .select({ status: orders.status })
      .from(orders)
      .where(and(eq(orders.id, id), eq(orders.customerId, customerId)))
      .for('update')
    // Another customer's order is treated as absent, as everywhere.
    if (found === undefined) throw new Problem('NOT_FOUND', 'There is no such order.')
    if (found.status !== 'placed')
      throw new Problem('CONFLICT', `An order that is ${found.status} cannot be cancelled.`)
    await tx.update(orders).set({ status: 'cancelled' }).where(eq(orders.id, id))
    await moveStock(tx, id, 'returned')
    return { id }
  },
})
