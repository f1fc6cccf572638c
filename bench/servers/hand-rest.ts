// REST as a team that cares would write it by hand: Fastify with schemas, pg with named statements.
import fastify from 'fastify'
import { type Review, schemas } from './schemas.ts'
import { nestOrders, openPool, type OrderRow, statements } from './statements.ts'

const app = fastify()
const pool = openPool()

app.get<{ Params: { id: number } }>(
  '/products/:id',
  { schema: schemas.product },
  async (request, reply) => {
    const { rows } = await pool.query(statements.product(request.params.id))
    return rows[0] ?? reply.code(404).send()
  },
)

app.get<{ Querystring: { category: number; limit: number } }>(
  '/products',
  { schema: schemas.products },
  async ({ query }) => {
    const { rows } = await pool.query(statements.products(query.category, query.limit))
    return { data: rows }
  },
)

app.get<{ Params: { id: string } }>(
  '/orders/:id',
  { schema: schemas.order },
  async (request, reply) => {
    const { rows } = await pool.query<OrderRow>(statements.order(request.params.id))
    return nestOrders(rows)[0] ?? reply.code(404).send()
  },
)

app.post<{ Body: Review }>('/reviews', { schema: schemas.review }, async ({ body }, reply) => {
  const { rows } = await pool.query(
    statements.createReview(body.customerId, body.productId, body.rating, body.body ?? ''),
  )
  return reply.code(201).send(rows[0])
})

await app.listen({ port: Number(process.env['PORT']) })
