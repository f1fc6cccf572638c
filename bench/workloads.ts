// What is asked of every server: the workloads, and their inputs, which differ from request to request.

export const workloadIds = [
  'R1',
  'R2',
  'R3',
  'R4',
  'R5',
  'G1',
  'G2',
  'G3',
  'G4',
  'G5',
  'G6',
  'G7',
  'G8',
] as const
export type WorkloadId = (typeof workloadIds)[number]
export type Caller = 'anonymous' | 'customer' | 'staff'

interface Workload {
  readonly title: string
  /** Whom bifrons answers; the others have no policies and look at no token. */
  readonly as: Caller
}

export const workloads: Readonly<Record<WorkloadId, Workload>> = {
  R1: { title: 'one product by its key', as: 'anonymous' },
  R2: { title: '20 products of a category by price', as: 'anonymous' },
  R3: { title: '100 products of a category by price', as: 'anonymous' },
  R4: { title: 'an order with customer, items and their products', as: 'staff' },
  R5: { title: 'a review is created', as: 'customer' },
  G1: { title: 'as R1', as: 'anonymous' },
  G2: { title: 'as R2', as: 'anonymous' },
  G3: { title: 'as R3', as: 'anonymous' },
  G4: { title: '20 orders with customer, and items with product', as: 'staff' },
  G5: { title: 'as R5', as: 'customer' },
  G6: { title: '50 products with category, and 3 reviews each with author', as: 'staff' },
  G7: { title: 'R1, aliased ten times', as: 'anonymous' },
  G8: { title: 'as R4', as: 'staff' },
}

/** What one request says, in no face's words. Each workload reads the members that it needs. */
export interface Input {
  readonly productId: number
  /** Ten of them, all different. */
  readonly productIds: readonly number[]
  readonly categoryId: number
  readonly orderId: string
  /** The moment before which orders were placed. */
  readonly before: string
  readonly review: {
    readonly customerId: string
    readonly productId: number
    readonly rating: number
    readonly body: string
  }
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** JSON, with a POST. */
  readonly body?: string
}

/** How one server is asked. A workload that it cannot do is not there. */
export type Dialect = Readonly<Partial<Record<WorkloadId, (input: Input) => HttpRequest>>>

export const post = (path: string, body: unknown): HttpRequest => ({
  method: 'POST',
  path,
  body: JSON.stringify(body),
})

/** How much there is; as in store.sql. */
export const sizesOf = (products: number) => ({
  products,
  leaves: products / 250,
  customers: (products * 3) / 5,
  orders: 2 * products,
  onSale: (products * 4) / 5 - 1,
})

/** Customers who have no reviews yet, for those that are created. */
export const reviewers = 8

const uuid = (prefix: string, number: number) =>
  `${prefix}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
export const customerId = (number: number): string => uuid('c0000000', number)
const selling = [0, 1, 2, 3, 5, 6, 7, 8]

/** The id of the product on sale with that number, from 0. In store.sql blocks of products are on sale, eight of ten. */
function productOnSale(number: number, leaves: number): number {
  const block = Math.floor((number + 1) / leaves)
  return (Math.floor(block / 8) * 10 + (selling[block % 8] ?? 0)) * leaves + ((number + 1) % leaves)
}

/** The input of a request by its number: scattered over the store; no two reviews of a sample are of the same customer and product. */
export function inputOf(number: number, products: number): Input {
  const { leaves, customers, orders, onSale } = sizesOf(products)
  const scattered = (offset: number, count: number) =>
    ((number + 1) * 7919 + offset * 104_729) % count
  const productIds = Array.from({ length: 10 }, (_, each) =>
    productOnSale(scattered(each, onSale), leaves),
  )
  const reviewer = Math.floor(number / onSale) % reviewers
  return {
    productId: productIds[0] ?? 1,
    productIds,
    categoryId: 9 + scattered(0, leaves),
    orderId: uuid('d0000000', 1 + scattered(0, orders)),
    before: new Date(
      Date.UTC(2026, 0, 1) + (100 + scattered(0, orders - 100)) * 240_000,
    ).toISOString(),
    review: {
      customerId: customerId(customers - reviewer),
      productId: productOnSale(number % onSale, leaves),
      rating: 1 + (number % 5),
      body: 'Holds what it promises, and looks "better" than in the picture.',
    },
  }
}

/** Which of the reviewers is the caller of a review's creation. */
export const reviewerOf = (number: number, products: number): number =>
  Math.floor(number / sizesOf(products).onSale) % reviewers
