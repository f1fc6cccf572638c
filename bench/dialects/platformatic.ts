// How Platformatic DB is asked. It shows no foreign keys in GraphQL, nests nothing in REST, and nests no table with a composite key
// (an order's items) in GraphQL either: what is left out here, it does not do.
import { type Dialect, post } from '../workloads.ts'
import { one, review, row } from './fields.ts'

const list = (categoryId: number, limit: number) =>
  ({
    method: 'GET',
    path: `/products/?where.categoryId.eq=${categoryId}&where.status.eq=active&orderby.price=asc&orderby.id=asc&limit=${limit}&fields=${row.join()}`,
  }) as const

const shown = (fields: readonly string[]) =>
  fields.filter((field) => !field.endsWith('Id')).join(' ')
const graphql = (query: string, variables: object) => post('/graphql', { query, variables })
const byPrice = 'orderBy: [{ field: price, direction: ASC }, { field: id, direction: ASC }]'

const products = `query($category: ID!, $first: LimitInt) {
  products(where: { categoryId: { eq: $category }, status: { eq: active } }, ${byPrice}, limit: $first) { ${shown(row)} } }`
const tenAliases = Array.from(
  { length: 10 },
  (_, number) => `p${number}: getProductById(id: $p${number}) { ${shown(one)} }`,
)

export const platformatic: Dialect = {
  R1: ({ productId }) => ({ method: 'GET', path: `/products/${productId}?fields=${one.join()}` }),
  R2: ({ categoryId }) => list(categoryId, 20),
  R3: ({ categoryId }) => list(categoryId, 100),
  R5: (input) => post('/reviews/', input.review),
  G1: ({ productId }) =>
    graphql(`query($id: ID!) { getProductById(id: $id) { ${shown(one)} } }`, { id: productId }),
  G2: ({ categoryId }) => graphql(products, { category: categoryId, first: 20 }),
  G3: ({ categoryId }) => graphql(products, { category: categoryId, first: 100 }),
  G5: (input) =>
    graphql(`mutation($input: ReviewInput!) { saveReview(input: $input) { ${shown(review)} } }`, {
      input: input.review,
    }),
  G6: ({ categoryId }) =>
    graphql(
      `query($category: ID!) {
    products(where: { categoryId: { eq: $category } }, ${byPrice}, limit: 50) {
      id name price category { id name }
      reviews(limit: 3, orderBy: [{ field: id, direction: ASC }]) { id rating customer { name } } } }`,
      { category: categoryId },
    ),
  G7: ({ productIds }) =>
    graphql(
      `query(${productIds.map((_, number) => `$p${number}: ID!`).join()}) { ${tenAliases.join(' ')} }`,
      Object.fromEntries(productIds.map((id, number) => [`p${number}`, id])),
    ),
}
