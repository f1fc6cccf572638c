// How bifrons is asked.
import { type Dialect, post } from '../workloads.ts'
import { customer, item, itemProduct, one, order, review, row } from './fields.ts'

const list = (categoryId: number, limit: number) =>
  ({
    method: 'GET',
    path: `/api/products?categoryId=${categoryId}&sort=price&limit=${limit}&fields=${row.join()}`,
  }) as const
const under = (relation: string, fields: readonly string[]) =>
  fields.map((field) => `${relation}.${field}`)
const orderFields = [...order, ...under('customer', customer)].join()
const itemFields = [...item, ...under('product', itemProduct)].join()

const products = `query($category: Int!, $first: Int!) {
  products(where: { categoryId: { eq: $category } }, orderBy: [{ price: ASC }], first: $first) { nodes { ${row.join(' ')} } } }`
const orderSelection = `${order.join(' ')} customer { ${customer.join(' ')} } items(first: 20) { nodes { ${item.join(' ')} product { ${itemProduct.join(' ')} } } }`
const tenAliases = Array.from(
  { length: 10 },
  (_, number) => `p${number}: product(id: $p${number}) { ${one.join(' ')} }`,
)

const graphql = (query: string, variables: object) => post('/graphql', { query, variables })

export const bifrons: Dialect = {
  R1: ({ productId }) => ({
    method: 'GET',
    path: `/api/products/${productId}?fields=${one.join()}`,
  }),
  R2: ({ categoryId }) => list(categoryId, 20),
  R3: ({ categoryId }) => list(categoryId, 100),
  R4: ({ orderId }) => ({
    method: 'GET',
    path: `/api/orders/${orderId}?fields=${orderFields}&include=items&items.fields=${itemFields}`,
  }),
  R5: (input) => post(`/api/reviews?fields=${review.join()}`, input.review),
  G1: ({ productId }) =>
    graphql(`query($id: Int!) { product(id: $id) { ${one.join(' ')} } }`, { id: productId }),
  G2: ({ categoryId }) => graphql(products, { category: categoryId, first: 20 }),
  G3: ({ categoryId }) => graphql(products, { category: categoryId, first: 100 }),
  G4: ({ before }) =>
    graphql(
      `query($before: DateTime!) {
    orders(where: { placedAt: { lt: $before } }, orderBy: [{ placedAt: DESC }], first: 20) { nodes { ${orderSelection} } } }`,
      { before },
    ),
  G5: (input) =>
    graphql(
      `mutation($input: ReviewCreate!) { createReview(input: $input) { ${review.join(' ')} } }`,
      { input: input.review },
    ),
  G6: ({ categoryId }) =>
    graphql(
      `query($category: Int!) {
    products(where: { categoryId: { eq: $category } }, orderBy: [{ price: ASC }], first: 50) { nodes {
      id name price category { id name } reviews(first: 3) { nodes { id rating customer { name } } } } } }`,
      { category: categoryId },
    ),
  G7: ({ productIds }) =>
    graphql(
      `query(${productIds.map((_, number) => `$p${number}: Int!`).join()}) { ${tenAliases.join(' ')} }`,
      Object.fromEntries(productIds.map((id, number) => [`p${number}`, id])),
    ),
  G8: ({ orderId }) =>
    graphql(`query($id: UUID!) { order(id: $id) { ${orderSelection} } }`, { id: orderId }),
}
