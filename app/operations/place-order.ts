// placeOrder: turns a basket into an order and reduces the stock, in one transaction.
import { type HandlerTransaction, type Issue, Problem } from 'bifrons'
import { and, eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import { access, operation } from '../declare.ts'
import { order } from '../resources/order.ts'
import { orderItems } from '../tables/order-items.ts'
import { orders } from '../tables/orders.ts'
import { products } from '../tables/products.ts'
import { moveStock } from './stock.ts'

const basketLine = z
  .object({
    productId: z.int32(),
    quantity: z
      .int32()
      .min(1, 'Order at least one.')
      .max(1000, 'Order at most 1000 of one product.'),
  })
  .meta({ id: 'BasketLine' })

export const placeOrder = operation({
  kind: 'mutation',
  rest: 'POST /orders/place',
  status: 201,
  description:
    'Turns a basket into an order and takes the stock. Everything is ordered, or nothing.',
  access: access.signedIn,
  errors: {
    OUT_OF_STOCK: {
      status: 409,
      message: 'The store has less of a product than the order asks for.',
      details: z.object({
        products: z.array(
          z.object({
            productId: z.int32(),
            left: z.int32().describe('How many there are for the line.'),
          }),
        ),
      }),
    },
  },
  input: z.object({
    lines: z
      .array(basketLine)
      .min(1, 'An order has at least one line.')
      .max(50, 'An order has at most 50 lines.'),
    note: z.string().max(500).optional(),
  }),
  output: order, // the caller selects its fields and relations, on either face
  async handle({ input: { lines, note }, caller, tx, fail }) {
    const { customerId } = caller.claims
    if (customerId === undefined)
      throw new Problem('FORBIDDEN', 'Only customers place orders; the token names no customerId.')
    const { items, short } = await reserve(tx, lines)
    if (short.length > 0) {
      throw fail.OUT_OF_STOCK(
        { products: short.map(({ line: { productId }, left }) => ({ productId, left })) },
        {
          issues: short.map(({ index, left }): Issue => ({
            in: 'input',
            path: ['lines', index, 'quantity'],
            code: 'out_of_stock',
            message: `There are ${left} left.`,
          })),
        },
      )
    }
    const [placed] = await tx
      .insert(orders)
      .values({ customerId, note, total: '0' })
      .returning({ id: orders.id })
    if (placed === undefined) throw new Problem('INTERNAL', 'The order was not stored.')
    await tx.insert(orderItems).values(items.map((item) => ({ ...item, orderId: placed.id })))
    await tx
      .update(orders)
      .set({
        // summed by PostgreSQL, whose numerics are exact
        total: sql`(select sum(i.price * i.quantity) from order_items i where i.order_id = ${placed.id})`,
      })
      .where(eq(orders.id, placed.id))
    await moveStock(tx, placed.id, 'sold')
    return placed // the engine reads it back with the caller's selection, under the read policy
  },
})

interface Line {
  readonly productId: number
  readonly quantity: number
}

/** Locks the products of a basket. Returns the lines with today's prices, and the lines with too little stock. */
async function reserve(tx: HandlerTransaction, lines: readonly Line[]) {
  const found = await tx
    .select({ id: products.id, price: products.price, stock: products.stock })
    .from(products)
    .where(
      and(
        inArray(
          products.id,
          lines.map((line) => line.productId),
        ),
        eq(products.status, 'active'),
      ),
    )
    .orderBy(products.id)
    .for('update') // in the order of ids, so that two baskets with the same products cannot deadlock
  const byId = new Map(found.map((product) => [product.id, product]))
  const unknown: Issue[] = []
  const items = []
  const short = []
  for (const [index, line] of lines.entries()) {
    const { productId, quantity } = line
    const product = byId.get(productId)
    if (product === undefined) {
      unknown.push({
        in: 'input',
        path: ['lines', index, 'productId'],
        code: 'unknown_product',
        message: 'This product is not on sale.',
      })
    } else if (product.stock < quantity) {
      short.push({ index, line, left: product.stock })
    } else {
      product.stock -= quantity // the rest, for a later line with the same product
      items.push({ line: index + 1, productId, quantity, price: product.price })
    }
  }
  if (unknown.length > 0)
    throw new Problem('CONFLICT', 'Not every product of the order is on sale.', { issues: unknown })
  return { items, short }
}
