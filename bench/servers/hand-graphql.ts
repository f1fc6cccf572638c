// GraphQL as a team that cares would write it by hand: Mercurius with its JIT, one statement for each root field, aliases batched.
import fastify from 'fastify'
import { type GraphQLResolveInfo, Kind } from 'graphql'
import mercurius, { type IResolvers } from 'mercurius'
import type { Review } from './schemas.ts'
import {
  nestOrders,
  nestProducts,
  openPool,
  type OrderRow,
  type ReviewedRow,
  statements,
} from './statements.ts'

const schema = `
  type Category { id: Int!, name: String! }
  type Customer { id: ID!, name: String!, email: String! }
  type Review { id: Int!, customerId: ID!, productId: Int!, rating: Int!, body: String!, createdAt: String!, customer: Customer! }
  type Product {
    id: Int!, sku: String!, name: String!, description: String!, status: String!, price: String!, stock: Int!, weight: Float
    categoryId: Int!, createdAt: String!, category: Category!, reviews(first: Int!): [Review!]!
  }
  type Item { line: Int!, quantity: Int!, price: String!, product: Product! }
  type Order { id: ID!, status: String!, total: String!, placedAt: String!, customer: Customer!, items: [Item!]! }
  input ReviewInput { customerId: ID!, productId: Int!, rating: Int!, body: String }
  type Query {
    product(id: Int!): Product
    products(category: Int!, first: Int!): [Product!]!
    order(id: ID!): Order
    orders(before: String!, first: Int!): [Order!]!
  }
  type Mutation { createReview(input: ReviewInput!): Review! }
`

const pool = openPool()

interface ProductRow {
  readonly id: number
}

/** Products by id: those that are asked for in one turn are read by one statement. */
function openProducts() {
  let waiting = new Map<number, ((row: ProductRow | null) => void)[]>()
  async function read(batch: typeof waiting) {
    const ids = [...batch.keys()]
    const { rows } = await pool.query<ProductRow>(
      ids.length === 1 ? statements.product(ids[0]) : statements.productsByIds(ids),
    )
    const found = new Map(rows.map((row) => [row.id, row]))
    for (const [id, answers] of batch) for (const answer of answers) answer(found.get(id) ?? null)
  }
  return (id: number) =>
    new Promise<ProductRow | null>((resolve, reject) => {
      if (waiting.size === 0) {
        queueMicrotask(() => {
          const batch = waiting
          waiting = new Map()
          read(batch).catch(reject)
        })
      }
      waiting.set(id, [...(waiting.get(id) ?? []), resolve])
    })
}

const asks = (info: GraphQLResolveInfo, name: string) =>
  info.fieldNodes[0]?.selectionSet?.selections.some(
    (selection) => selection.kind === Kind.FIELD && selection.name.value === name,
  ) ?? false

const resolvers = {
  Query: {
    product: (
      _: unknown,
      { id }: { id: number },
      { product }: { product: ReturnType<typeof openProducts> },
    ) => product(id),
    async products(
      _: unknown,
      { category, first }: { category: number; first: number },
      __: unknown,
      info: GraphQLResolveInfo,
    ) {
      if (!asks(info, 'reviews'))
        return (await pool.query(statements.products(category, first))).rows
      const { rows } = await pool.query<ReviewedRow>(
        statements.productsWithReviews(category, first, 3),
      )
      return nestProducts(rows)
    },
    async order(_: unknown, { id }: { id: string }) {
      const { rows } = await pool.query<OrderRow>(statements.order(id))
      return nestOrders(rows)[0] ?? null
    },
    async orders(_: unknown, { before, first }: { before: string; first: number }) {
      const { rows } = await pool.query<OrderRow>(statements.orders(before, first))
      return nestOrders(rows)
    },
  },
  Mutation: {
    async createReview(
      _: unknown,
      { input: { customerId, productId, rating, body } }: { input: Review },
    ) {
      if (rating < 1 || rating > 5) throw new Error('A rating is from 1 to 5.')
      const { rows } = await pool.query(
        statements.createReview(customerId, productId, rating, body ?? ''),
      )
      return rows[0]
    },
  },
}

const app = fastify()
await app.register(mercurius, {
  schema,
  jit: 1,
  resolvers: resolvers as IResolvers, // whose context is any object
  context: () => ({ product: openProducts() }),
})
await app.listen({ port: Number(process.env['PORT']) })
