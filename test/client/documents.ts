// The documents of the tests' client, one of each sort. `npm run codegen` writes their types.
import { graphql } from './generated/gql.ts'

export const listProducts = graphql(`
  query ListProducts($where: ProductFilter, $orderBy: [ProductOrder!], $first: Int, $after: String) {
    products(where: $where, orderBy: $orderBy, first: $first, after: $after) {
      nodes { id sku name status price weight tags attributes createdAt }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`)

export const productWithReviews = graphql(`
  query ProductWithReviews($id: Int!, $reviews: ReviewFilter) {
    product(id: $id) {
      name
      cost
      category { name }
      reviews(where: $reviews, orderBy: [{ rating: DESC }, { id: ASC }], first: 2) {
        nodes { id rating customer { id name } }
        totalCount
      }
    }
  }
`)

export const productsByStatus = graphql(`
  query ProductsByStatus($where: ProductFilter) {
    productsAggregate(where: $where, groupBy: [status], orderBy: [{ count: DESC }]) {
      key { status }
      count
      sum { stock }
      avg { price }
      max { price createdAt }
    }
  }
`)

export const stockMovements = graphql(`
  query StockMovements($where: StockMovementFilter) {
    stockMovements(where: $where, orderBy: [{ id: ASC }], first: 1) {
      nodes { id delta reason at }
    }
  }
`)

export const profile = graphql(`
  query Profile($customerId: UUID!) {
    customerProfile(customerId: $customerId) { preferredTime newsletter preferences }
  }
`)

export const createReview = graphql(`
  mutation CreateReview($input: ReviewCreate!) {
    createReview(input: $input) { id productId customerId rating body createdAt version }
  }
`)

export const updateReview = graphql(`
  mutation UpdateReview($id: Int!, $input: ReviewUpdate!, $ifVersion: String) {
    updateReview(id: $id, input: $input, ifVersion: $ifVersion) { id rating body version }
  }
`)

export const deleteReview = graphql(`
  mutation DeleteReview($id: Int!) {
    deleteReview(id: $id) { id }
  }
`)

export const placeOrder = graphql(`
  mutation PlaceOrder($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      id
      status
      total
      placedAt
      shippedAt
      items(orderBy: [{ line: ASC }]) { nodes { line quantity price product { id } } }
    }
  }
`)

export const salesSummary = graphql(`
  query SalesSummary($input: SalesSummaryInput!) {
    salesSummary(input: $input) {
      revenue
      groups { key revenue }
    }
  }
`)
