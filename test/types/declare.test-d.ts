// What the compiler must accept and refuse in a declaration.
import { defineRelations, sql } from 'drizzle-orm'
import { integer, numeric, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { declare, list } from '../../src/schema/declare.ts'

const status = pgEnum('status', ['draft', 'active'])
const products = pgTable('products', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: text().notNull(),
  status: status().notNull(),
  price: numeric().notNull(),
  cost: numeric().notNull(),
  tags: text().array(),
})
const orders = pgTable('orders', { id: uuid().primaryKey(), customerId: uuid().notNull(), productId: integer().notNull() })
const relations = defineRelations({ products, orders }, (r) => ({
  products: { orders: r.many.orders() },
  orders: { product: r.one.products({ from: r.orders.productId, to: r.products.id }) },
}))

const { resource, operation, access } = declare({ relations, caller: z.object({ customerId: z.uuid() }).partial() })
const staff = access.role('staff')
const own = access.owner('customerId', 'customerId')

export const product = resource('products', {
  access: { read: access.any({ status: { eq: 'active' } }, staff), create: staff, update: (caller) => caller.roles.includes('x') },
  fields: {
    cost: { read: staff },
    price: { validate: (price) => price.refine((v) => Number(v) > 0, 'A price is above zero.') },
  },
  computed: { margin: { type: 'decimal', sql: (p) => sql`${p.price} - ${p.cost}`, read: staff } },
})
export const order = resource('orders', {
  access: { read: access.any(own, staff), update: access.all(own, { product: { status: { eq: 'active' } } }) },
})

resource('products', { access: {}, search: ['name'] })
resource('products', { access: {}, search: { columns: ['name'], language: 'german', weights: { name: 'A' } } })
// @ts-expect-error no such column
resource('products', { access: {}, search: ['colour'] })
// @ts-expect-error a number is no text to search in
resource('products', { access: {}, search: ['name', 'price'] })
// @ts-expect-error nor is a list of texts
resource('products', { access: {}, search: ['tags'] })
// @ts-expect-error there is no weight E
resource('products', { access: {}, search: { columns: ['name'], weights: { name: 'E' } } })
// @ts-expect-error PostgreSQL comes without such a language, and one of the team's own has a schema in front
resource('products', { access: {}, search: { columns: ['name'], language: 'klingon' } })

// @ts-expect-error products has no customerId, so an owner by it cannot stand there
resource('products', { access: { read: own } })
// @ts-expect-error the same, inside any
resource('products', { access: { read: access.any(own, staff) } })
// @ts-expect-error no such value of the enum
resource('products', { access: { read: { status: { eq: 'gone' } } } })
// @ts-expect-error no such column
resource('products', { access: {}, fields: { colour: {} } })
// @ts-expect-error no such table
resource('nothing', { access: {} })
// @ts-expect-error no such claim
access.owner('customerId', 'tenantId')
// @ts-expect-error no such column in the filter
resource('products', { access: { read: access.any({ colour: { eq: 'red' } }, staff) } })

export const place = operation({
  kind: 'mutation',
  rest: 'POST /orders/place',
  access: access.signedIn,
  input: z.object({ productId: z.int32() }),
  output: order,
  async handle({ input, caller, tx }) {
    const found = await tx.query.products.findFirst({ where: { id: input.productId } })
    const name: string | undefined = found?.name
    await tx.update(products).set({ name: name ?? caller.claims.customerId ?? '' })
    return { id: 'x' }
  },
})
export const listed = operation({
  kind: 'query',
  rest: 'GET /products/best',
  access: access.everyone,
  output: list(product),
  handle: async () => [{ id: 1 }],
})
export const summary = operation({
  kind: 'query',
  rest: 'GET /summary',
  access: (caller) => caller.claims.customerId !== undefined,
  output: z.object({ total: z.string() }),
  // @ts-expect-error the output has a total
  handle: async () => ({ sum: '1' }),
})
