// JSON Schemas of the hand-written REST servers: what comes in is validated by them, what goes out is written by them.
const integer = { type: 'integer' } as const
const text = { type: 'string' } as const
const object = <T extends object>(properties: T) => ({ type: 'object', properties }) as const
const listOf = <T extends object>(items: T) => ({ type: 'array', items }) as const

const one = {
  id: integer,
  sku: text,
  name: text,
  status: text,
  price: text,
  stock: integer,
  categoryId: integer,
  createdAt: text,
}
const row = object({ ...one, description: text, weight: { type: 'number', nullable: true } })
const order = object({
  id: text,
  status: text,
  total: text,
  placedAt: text,
  customer: object({ id: text, name: text, email: text }),
  items: listOf(
    object({
      line: integer,
      quantity: integer,
      price: text,
      product: object({ id: integer, sku: text, name: text }),
    }),
  ),
})
const created = object({
  id: integer,
  customerId: text,
  productId: integer,
  rating: integer,
  body: text,
  createdAt: text,
})
const given = {
  ...object({
    customerId: { type: 'string', format: 'uuid' },
    productId: integer,
    rating: { ...integer, minimum: 1, maximum: 5 },
    body: { type: 'string', maxLength: 4000 },
  }),
  required: ['customerId', 'productId', 'rating'],
  additionalProperties: false,
}
const byId = <T extends object>(id: T) => ({ ...object({ id }), required: ['id'] })

export const schemas = {
  product: { params: byId(integer), response: { 200: object(one) } },
  products: {
    querystring: {
      ...object({
        category: integer,
        limit: { ...integer, minimum: 1, maximum: 100, default: 20 },
      }),
      required: ['category'],
    },
    response: { 200: object({ data: listOf(row) }) },
  },
  order: { params: byId({ type: 'string', format: 'uuid' }), response: { 200: order } },
  review: { body: given, response: { 201: created } },
}

export interface Review {
  readonly customerId: string
  readonly productId: number
  readonly rating: number
  readonly body?: string
}
