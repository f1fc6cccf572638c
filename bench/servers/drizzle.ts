// REST with Drizzle's query builder on Fastify, as its documentation writes it; schemas and routes are those of the hand-written server.
import { and, asc, eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import fastify from 'fastify'
import { relations } from '../../app/relations.ts'
import { products } from '../../app/tables/products.ts'
import { reviews } from '../../app/tables/reviews.ts'
import { type Review, schemas } from './schemas.ts'
import { openPool } from './statements.ts'

const app = fastify()
const db = drizzle({ client: openPool(), relations })
const { id, sku, name, description, status, price, stock, weight, categoryId, createdAt } = products

app.get<{ Params: { id: number } }>(
  '/products/:id',
  { schema: schemas.product },
  async ({ params }, reply) => {
    const rows = await db
      .select({ id, sku, name, status, price, stock, categoryId, createdAt })
      .from(products)
      .where(and(eq(id, params.id), eq(status, 'active')))
    return rows[0] ?? reply.code(404).send()
  },
)

app.get<{ Querystring: { category: number; limit: number } }>(
  '/products',
  { schema: schemas.products },
  async ({ query }) => {
    const data = await db
      .select({ id, sku, name, description, status, price, stock, weight, categoryId, createdAt })
      .from(products)
      .where(and(eq(categoryId, query.category), eq(status, 'active')))
      .orderBy(asc(price), asc(id))
      .limit(query.limit)
    return { data }
  },
)

app.get<{ Params: { id: string } }>(
  '/orders/:id',
  { schema: schemas.order },
  async ({ params }, reply) => {
    const order = await db.query.orders.findFirst({
      where: { id: params.id },
      columns: { id: true, status: true, total: true, placedAt: true },
      with: {
        customer: { columns: { id: true, name: true, email: true } },
        items: {
          columns: { line: true, quantity: true, price: true },
          orderBy: { line: 'asc' },
          with: { product: { columns: { id: true, sku: true, name: true } } },
        },
      },
    })
    return order ?? reply.code(404).send()
  },
)

app.post<{ Body: Review }>('/reviews', { schema: schemas.review }, async ({ body }, reply) => {
  const rows = await db.insert(reviews).values(body).returning()
  return reply.code(201).send(rows[0])
})

await app.listen({ port: Number(process.env['PORT']) })
