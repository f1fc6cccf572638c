// shipOrder: staff hand an order to the carrier.
import { Problem } from 'bifrons'
import { eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { operation, staff } from '../declare.ts'
import { order } from '../resources/order.ts'
import { orders } from '../tables/orders.ts'

export const shipOrder = operation({
  kind: 'mutation',
  rest: 'POST /orders/{id}/ship',
  description: 'Marks a placed order as shipped, now.',
  access: staff,
  input: z.object({ id: z.uuid() }),
  output: order,
  async handle({ input: { id }, tx }) {
    const [found] = await tx
      .select({ status: orders.status })
      .from(orders)
      .where(eq(orders.id, id))
      .for('update')
    if (found === undefined) throw new Problem('NOT_FOUND', 'There is no such order.')
    if (found.status !== 'placed')
      throw new Problem('CONFLICT', `An order that is ${found.status} cannot be shipped.`)
    await tx
      .update(orders)
      .set({ status: 'shipped', shippedAt: sql`now()` })
      .where(eq(orders.id, id))
    return { id }
  },
})
