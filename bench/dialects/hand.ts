// How the hand-written servers are asked, and the one on Drizzle's query builder, which has the same routes.
import { type Dialect, post } from '../workloads.ts'
import { customer, item, itemProduct, one, order, review, row } from './fields.ts'

const list = (categoryId: number, limit: number) =>
  ({ method: 'GET', path: `/products?category=${categoryId}&limit=${limit}` }) as const

export const handRest: Dialect = {
  R1: ({ productId }) => ({ method: 'GET', path: `/products/${productId}` }),
  R2: ({ categoryId }) => list(categoryId, 20),
  R3: ({ categoryId }) => list(categoryId, 100),
  R4: ({ orderId }) => ({ method: 'GET', path: `/orders/${orderId}` }),
  R5: (input) => post('/reviews', input.review),
}

const orderSelection = `${order.join(' ')} customer { ${customer.join(' ')} } items { ${item.join(' ')} product { ${itemProduct.join(' ')} } }`
const products = `query($category: Int!, $first: Int!) { products(category: $category, first: $first) { ${row.join(' ')} } }`
const tenAliases = Array.from(
  { length: 10 },
  (_, number) => `p${number}: product(id: $p${number}) { ${one.join(' ')} }`,
)
const graphql = (query: string, variables: object) => post('/graphql', { query, variables })

export const handGraphql: Dialect = {
  G1: ({ productId }) =>
    graphql(`query($id: Int!) { product(id: $id) { ${one.join(' ')} } }`, { id: productId }),
  G2: ({ categoryId }) => graphql(products, { category: categoryId, first: 20 }),
  G3: ({ categoryId }) => graphql(products, { category: categoryId, first: 100 }),
  G4: ({ before }) =>
    graphql(
      `query($before: String!) { orders(before: $before, first: 20) { ${orderSelection} } }`,
      { before },
    ),
  G5: (input) =>
    graphql(
      `mutation($input: ReviewInput!) { createReview(input: $input) { ${review.join(' ')} } }`,
      { input: input.review },
    ),
  G6: ({ categoryId }) =>
    graphql(
      `query($category: Int!) {
    products(category: $category, first: 50) { id name price category { id name } reviews(first: 3) { id rating customer { name } } } }`,
      { category: categoryId },
    ),
  G7: ({ productIds }) =>
    graphql(
      `query(${productIds.map((_, number) => `$p${number}: Int!`).join()}) { ${tenAliases.join(' ')} }`,
      Object.fromEntries(productIds.map((id, number) => [`p${number}`, id])),
    ),
  G8: ({ orderId }) =>
    graphql(`query($id: ID!) { order(id: $id) { ${orderSelection} } }`, { id: orderId }),
}
