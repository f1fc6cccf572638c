// salesSummary: a query with its own output type, for computed figures.
import { and, asc, countDistinct, eq, gte, lt, ne, type SQL, sql, sum } from 'drizzle-orm'
import { z } from 'zod'
import { operation, staff } from '../declare.ts'
import { categories } from '../tables/categories.ts'
import { orderItems } from '../tables/order-items.ts'
import { orders } from '../tables/orders.ts'
import { products } from '../tables/products.ts'

/** Money is a Decimal on GraphQL and a string in JSON, so no digit is lost. */
const money = z.stringFormat('decimal', /^-?\d+(\.\d+)?$/)

const groups = {
  day: sql`to_char(${orders.placedAt} at time zone 'UTC', 'YYYY-MM-DD')`,
  month: sql`to_char(${orders.placedAt} at time zone 'UTC', 'YYYY-MM')`,
  category: sql`${categories.name}`,
}

export const salesSummary = operation({
  kind: 'query',
  rest: 'GET /sales-summary',
  description: 'What was sold, by day, month or category. Cancelled orders do not count.',
  access: staff,
  input: z.object({
    by: z.enum(['day', 'month', 'category']).default('month'),
    from: z.iso.date().optional().describe('The first day, in UTC.'),
    to: z.iso.date().optional().describe('The last day, in UTC, inclusive.'),
  }),
  output: z.object({
    groups: z.array(
      z
        .object({
          key: z.string().describe('The day, the month, or the name of the category.'),
          orders: z.int32(),
          quantity: z.int32(),
          revenue: money,
        })
        .meta({ id: 'SalesGroup' }),
    ),
    revenue: money.describe('Of all groups.'),
  }),
  async handle({ input: { by, from, to }, tx }) {
    const sold = and(
      ne(orders.status, 'cancelled'),
      from === undefined ? undefined : gte(orders.placedAt, startOfDay(from)),
      to === undefined ? undefined : lt(orders.placedAt, sql`${startOfDay(to)} + interval '1 day'`),
    )
    const revenue = sum(sql`${orderItems.price} * ${orderItems.quantity}`)
    const found = await tx
      .select({
        key: groups[by].mapWith(String),
        orders: countDistinct(orders.id),
        quantity: sql`sum(${orderItems.quantity})`.mapWith(Number),
        revenue,
      })
      .from(orderItems)
      .innerJoin(orders, eq(orders.id, orderItems.orderId))
      .innerJoin(products, eq(products.id, orderItems.productId))
      .innerJoin(categories, eq(categories.id, products.categoryId))
      .where(sold)
      .groupBy(groups[by])
      .orderBy(asc(groups[by]))
    const [all] = await tx
      .select({ revenue })
      .from(orderItems)
      .innerJoin(orders, eq(orders.id, orderItems.orderId))
      .where(sold)
    return {
      groups: found.map((group) => ({ ...group, revenue: group.revenue ?? '0' })),
      revenue: all?.revenue ?? '0', // null where nothing was sold
    }
  },
})

/** A timestamp at UTC, whatever the time zone of the connection. */
const startOfDay = (day: string): SQL => sql`(${day}::timestamp at time zone 'UTC')`
