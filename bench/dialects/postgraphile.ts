// How PostGraphile is asked, with the names of its Amber preset, which an alias turns into the store's.
import { type Dialect, post } from '../workloads.ts'
import { customer, item, itemProduct, one, order, review, row } from './fields.ts'

const select = (fields: readonly string[]) =>
  fields.map((field) => (field === 'id' ? 'id: rowId' : field)).join(' ')
const graphql = (query: string, variables: object) => post('/graphql', { query, variables })

const products = `query($category: Int!, $first: Int!) {
  allProducts(filter: { categoryId: { equalTo: $category }, status: { equalTo: active } }, orderBy: [PRICE_ASC, ROW_ID_ASC], first: $first) {
    nodes { ${select(row)} } } }`
const orderSelection = `${select(order)} customer: customerByCustomerId { ${select(customer)} }
  items: orderItemsByOrderId(first: 20) { nodes { ${select(item)} product: productByProductId { ${select(itemProduct)} } } }`
const tenAliases = Array.from(
  { length: 10 },
  (_, number) => `p${number}: productByRowId(rowId: $p${number}) { ${select(one)} }`,
)

export const postgraphile: Dialect = {
  G1: ({ productId }) =>
    graphql(`query($id: Int!) { productByRowId(rowId: $id) { ${select(one)} } }`, {
      id: productId,
    }),
  G2: ({ categoryId }) => graphql(products, { category: categoryId, first: 20 }),
  G3: ({ categoryId }) => graphql(products, { category: categoryId, first: 100 }),
  G4: ({ before }) =>
    graphql(
      `query($before: Datetime!) {
    allOrders(filter: { placedAt: { lessThan: $before } }, orderBy: [PLACED_AT_DESC, ROW_ID_ASC], first: 20) { nodes { ${orderSelection} } } }`,
      { before },
    ),
  G5: (input) =>
    graphql(
      `mutation($review: ReviewInput!) { createReview(input: { review: $review }) { review { ${select(review)} } } }`,
      { review: input.review },
    ),
  G6: ({ categoryId }) =>
    graphql(
      `query($category: Int!) {
    allProducts(filter: { categoryId: { equalTo: $category } }, orderBy: [PRICE_ASC, ROW_ID_ASC], first: 50) { nodes {
      id: rowId name price category: categoryByCategoryId { id: rowId name }
      reviews: reviewsByProductId(first: 3) { nodes { id: rowId rating customer: customerByCustomerId { name } } } } } }`,
      { category: categoryId },
    ),
  G7: ({ productIds }) =>
    graphql(
      `query(${productIds.map((_, number) => `$p${number}: Int!`).join()}) { ${tenAliases.join(' ')} }`,
      Object.fromEntries(productIds.map((id, number) => [`p${number}`, id])),
    ),
  G8: ({ orderId }) =>
    graphql(`query($id: UUID!) { orderByRowId(rowId: $id) { ${orderSelection} } }`, {
      id: orderId,
    }),
}
