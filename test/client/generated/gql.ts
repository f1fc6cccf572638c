/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query ListProducts($where: ProductFilter, $orderBy: [ProductOrder!], $first: Int, $after: String) {\n    products(where: $where, orderBy: $orderBy, first: $first, after: $after) {\n      nodes { id sku name status price weight tags attributes createdAt }\n      pageInfo { hasNextPage endCursor }\n      totalCount\n    }\n  }\n": typeof types.ListProductsDocument,
    "\n  query ProductWithReviews($id: Int!, $reviews: ReviewFilter) {\n    product(id: $id) {\n      name\n      cost\n      category { name }\n      reviews(where: $reviews, orderBy: [{ rating: DESC }, { id: ASC }], first: 2) {\n        nodes { id rating customer { id name } }\n        totalCount\n      }\n    }\n  }\n": typeof types.ProductWithReviewsDocument,
    "\n  query ProductsByStatus($where: ProductFilter) {\n    productsAggregate(where: $where, groupBy: [status], orderBy: [{ count: DESC }]) {\n      key { status }\n      count\n      sum { stock }\n      avg { price }\n      max { price createdAt }\n    }\n  }\n": typeof types.ProductsByStatusDocument,
    "\n  query StockMovements($where: StockMovementFilter) {\n    stockMovements(where: $where, orderBy: [{ id: ASC }], first: 1) {\n      nodes { id delta reason at }\n    }\n  }\n": typeof types.StockMovementsDocument,
    "\n  query Profile($customerId: UUID!) {\n    customerProfile(customerId: $customerId) { preferredTime newsletter preferences }\n  }\n": typeof types.ProfileDocument,
    "\n  mutation CreateReview($input: ReviewCreate!) {\n    createReview(input: $input) { id productId customerId rating body createdAt version }\n  }\n": typeof types.CreateReviewDocument,
    "\n  mutation UpdateReview($id: Int!, $input: ReviewUpdate!, $ifVersion: String) {\n    updateReview(id: $id, input: $input, ifVersion: $ifVersion) { id rating body version }\n  }\n": typeof types.UpdateReviewDocument,
    "\n  mutation DeleteReview($id: Int!) {\n    deleteReview(id: $id) { id }\n  }\n": typeof types.DeleteReviewDocument,
    "\n  mutation PlaceOrder($input: PlaceOrderInput!) {\n    placeOrder(input: $input) {\n      id\n      status\n      total\n      placedAt\n      shippedAt\n      items(orderBy: [{ line: ASC }]) { nodes { line quantity price product { id } } }\n    }\n  }\n": typeof types.PlaceOrderDocument,
    "\n  query SalesSummary($input: SalesSummaryInput!) {\n    salesSummary(input: $input) {\n      revenue\n      groups { key revenue }\n    }\n  }\n": typeof types.SalesSummaryDocument,
};
const documents: Documents = {
    "\n  query ListProducts($where: ProductFilter, $orderBy: [ProductOrder!], $first: Int, $after: String) {\n    products(where: $where, orderBy: $orderBy, first: $first, after: $after) {\n      nodes { id sku name status price weight tags attributes createdAt }\n      pageInfo { hasNextPage endCursor }\n      totalCount\n    }\n  }\n": types.ListProductsDocument,
    "\n  query ProductWithReviews($id: Int!, $reviews: ReviewFilter) {\n    product(id: $id) {\n      name\n      cost\n      category { name }\n      reviews(where: $reviews, orderBy: [{ rating: DESC }, { id: ASC }], first: 2) {\n        nodes { id rating customer { id name } }\n        totalCount\n      }\n    }\n  }\n": types.ProductWithReviewsDocument,
    "\n  query ProductsByStatus($where: ProductFilter) {\n    productsAggregate(where: $where, groupBy: [status], orderBy: [{ count: DESC }]) {\n      key { status }\n      count\n      sum { stock }\n      avg { price }\n      max { price createdAt }\n    }\n  }\n": types.ProductsByStatusDocument,
    "\n  query StockMovements($where: StockMovementFilter) {\n    stockMovements(where: $where, orderBy: [{ id: ASC }], first: 1) {\n      nodes { id delta reason at }\n    }\n  }\n": types.StockMovementsDocument,
    "\n  query Profile($customerId: UUID!) {\n    customerProfile(customerId: $customerId) { preferredTime newsletter preferences }\n  }\n": types.ProfileDocument,
    "\n  mutation CreateReview($input: ReviewCreate!) {\n    createReview(input: $input) { id productId customerId rating body createdAt version }\n  }\n": types.CreateReviewDocument,
    "\n  mutation UpdateReview($id: Int!, $input: ReviewUpdate!, $ifVersion: String) {\n    updateReview(id: $id, input: $input, ifVersion: $ifVersion) { id rating body version }\n  }\n": types.UpdateReviewDocument,
    "\n  mutation DeleteReview($id: Int!) {\n    deleteReview(id: $id) { id }\n  }\n": types.DeleteReviewDocument,
    "\n  mutation PlaceOrder($input: PlaceOrderInput!) {\n    placeOrder(input: $input) {\n      id\n      status\n      total\n      placedAt\n      shippedAt\n      items(orderBy: [{ line: ASC }]) { nodes { line quantity price product { id } } }\n    }\n  }\n": types.PlaceOrderDocument,
    "\n  query SalesSummary($input: SalesSummaryInput!) {\n    salesSummary(input: $input) {\n      revenue\n      groups { key revenue }\n    }\n  }\n": types.SalesSummaryDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ListProducts($where: ProductFilter, $orderBy: [ProductOrder!], $first: Int, $after: String) {\n    products(where: $where, orderBy: $orderBy, first: $first, after: $after) {\n      nodes { id sku name status price weight tags attributes createdAt }\n      pageInfo { hasNextPage endCursor }\n      totalCount\n    }\n  }\n"): typeof import('./graphql.ts').ListProductsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ProductWithReviews($id: Int!, $reviews: ReviewFilter) {\n    product(id: $id) {\n      name\n      cost\n      category { name }\n      reviews(where: $reviews, orderBy: [{ rating: DESC }, { id: ASC }], first: 2) {\n        nodes { id rating customer { id name } }\n        totalCount\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ProductWithReviewsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ProductsByStatus($where: ProductFilter) {\n    productsAggregate(where: $where, groupBy: [status], orderBy: [{ count: DESC }]) {\n      key { status }\n      count\n      sum { stock }\n      avg { price }\n      max { price createdAt }\n    }\n  }\n"): typeof import('./graphql.ts').ProductsByStatusDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query StockMovements($where: StockMovementFilter) {\n    stockMovements(where: $where, orderBy: [{ id: ASC }], first: 1) {\n      nodes { id delta reason at }\n    }\n  }\n"): typeof import('./graphql.ts').StockMovementsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Profile($customerId: UUID!) {\n    customerProfile(customerId: $customerId) { preferredTime newsletter preferences }\n  }\n"): typeof import('./graphql.ts').ProfileDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateReview($input: ReviewCreate!) {\n    createReview(input: $input) { id productId customerId rating body createdAt version }\n  }\n"): typeof import('./graphql.ts').CreateReviewDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateReview($id: Int!, $input: ReviewUpdate!, $ifVersion: String) {\n    updateReview(id: $id, input: $input, ifVersion: $ifVersion) { id rating body version }\n  }\n"): typeof import('./graphql.ts').UpdateReviewDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteReview($id: Int!) {\n    deleteReview(id: $id) { id }\n  }\n"): typeof import('./graphql.ts').DeleteReviewDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PlaceOrder($input: PlaceOrderInput!) {\n    placeOrder(input: $input) {\n      id\n      status\n      total\n      placedAt\n      shippedAt\n      items(orderBy: [{ line: ASC }]) { nodes { line quantity price product { id } } }\n    }\n  }\n"): typeof import('./graphql.ts').PlaceOrderDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SalesSummary($input: SalesSummaryInput!) {\n    salesSummary(input: $input) {\n      revenue\n      groups { key revenue }\n    }\n  }\n"): typeof import('./graphql.ts').SalesSummaryDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
