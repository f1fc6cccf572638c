// Types of a declaration: the compiler accepts right ones and refuses wrong ones.
import { defineRelations, sql } from 'drizzle-orm'
import { integer, numeric, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { declare, list } from '../../src/schema/declare/declare.ts'

const status = pgEnum('status', ['draft', 'active'])
const products = pgTable('products', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: text().notNull(),
  status: status().notNull(),
  price: numeric().notNull(),
  cost: numeric().notNull(),
  tags: text().array(),
})
const orders = pgTable('orders', {
  id: uuid().primaryKey(),
  customerId: uuid().notNull(),
  productId: integer().notNull(),
})
const relations = defineRelations({ products, orders }, (r) => ({
  products: { orders: r.many.orders() },
  orders: { product: r.one.products({ from: r.orders.productId, to: r.products.id }) },
}))

const { resource, operation, access } = declare({
  relations,
  caller: z.object({ customerId: z.uuid() }).partial(),
})
const staff = access.role('staff')
const own = access.owner('customerId', 'customerId')
const ownOrStaff = access.any(own, staff)
const openOrStaff = access.any(
  access.not(access.signedIn),
  access.all(staff, access.role('boss')),
  (caller) => caller.id === 'x',
)

export const product = resource('products', {
  access: {
    read: access.any({ status: { eq: 'active' } }, staff),
    create: staff,
    update: (caller) => caller.roles.includes('x'),
  },
  fields: {
    cost: { read: staff },
    price: { validate: (price) => price.refine((v) => Number(v) > 0, 'A price is above zero.') },
  },
  computed: { margin: { type: 'decimal', sql: (p) => sql`${p.price} - ${p.cost}`, read: staff } },
})
export const order = resource('orders', {
  access: {
    read: access.any(own, staff),
    update: access.all(own, { product: { status: { eq: 'active' } } }),
  },
})

resource('products', { access: {}, search: ['name'] })
resource('products', {
  access: {},
  search: { columns: ['name'], language: 'german', weights: { name: 'A' } },
})
// @ts-expect-error no such column
resource('products', { access: {}, search: ['colour'] })
// @ts-expect-error a search needs a text column, not a number
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
// @ts-expect-error the same, where the policy is composed before it is used
resource('products', { access: { read: ownOrStaff } })
// @ts-expect-error the same, of a negation
resource('products', { access: { read: access.not(own) } })
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

const shared = { status: 410, message: 'It is gone.' } as const
export const failing = operation({
  kind: 'mutation',
  rest: 'POST /fail',
  access: access.everyone,
  output: product,
  errors: {
    OUT_OF_STOCK: {
      status: 409,
      message: 'Too few.',
      details: z.object({ productId: z.int32(), left: z.int32().optional() }),
    },
    CLOSED: { status: 503, message: 'The store is closed.' },
    GONE: shared,
  },
  async handle({ fail }) {
    if (Date.now() === 0)
      throw fail.OUT_OF_STOCK(
        { productId: 1 },
        {
          message: 'Too few of it.',
          issues: [{ in: 'input', path: ['productId'], code: 'too_few', message: 'Too few.' }],
        },
      )
    if (Date.now() === 1) throw fail.CLOSED({ cause: new Error('why') })
    if (Date.now() === 2) throw fail.GONE()
    // @ts-expect-error the code is not declared
    if (Date.now() === 3) throw fail.OUT_OF_SHOCK({ productId: 1 })
    // @ts-expect-error the details have a productId
    if (Date.now() === 4) throw fail.OUT_OF_STOCK({ left: 1 })
    // @ts-expect-error a productId is a number
    if (Date.now() === 5) throw fail.OUT_OF_STOCK({ productId: '1' })
    // @ts-expect-error the details have no price
    if (Date.now() === 6) throw fail.OUT_OF_STOCK({ productId: 1, price: '1' })
    // @ts-expect-error without its details
    if (Date.now() === 7) throw fail.OUT_OF_STOCK()
    // @ts-expect-error it has no details
    throw fail.CLOSED({ productId: 1 })
  },
})
operation({
  kind: 'mutation',
  rest: 'POST /none',
  access: access.everyone,
  output: product,
  async handle({ fail }) {
    // @ts-expect-error nothing is declared
    throw fail.OUT_OF_STOCK({ productId: 1 })
  },
})
operation({
  kind: 'mutation',
  rest: 'POST /wrong',
  access: access.everyone,
  output: product,
  handle: async () => ({ id: 1 }),
  errors: {
    // @ts-expect-error no status of an error
    DONE: { status: 200, message: 'Done.' },
    // @ts-expect-error a message is needed
    SILENT: { status: 409 },
    // @ts-expect-error there is no such member
    MISSPELT: { status: 409, message: 'Misspelt.', detail: z.object({ a: z.string() }) },
    // @ts-expect-error details are an object
    TEXT: { status: 409, message: 'Text.', details: z.string() },
  },
})

// A policy about rows is an error where there is no row: on operations, and on a field's write policy.
resource('orders', {
  access: { read: ownOrStaff, update: access.not(ownOrStaff), create: openOrStaff },
  fields: { customerId: { write: access.not(openOrStaff) } },
})
resource('products', {
  access: { read: openOrStaff },
  fields: {
    cost: { write: (caller) => caller.roles.includes('x'), read: { status: { eq: 'active' } } },
  },
})
const answer = {
  kind: 'mutation',
  rest: 'POST /answer',
  output: z.object({ ok: z.boolean() }),
  handle: async () => ({ ok: true }),
} as const
operation({ ...answer, access: openOrStaff })
operation({
  ...answer,
  access: access.any(
    staff,
    access.not((caller) => caller.id === null),
  ),
})
// @ts-expect-error an owner is of a row
operation({ ...answer, access: own })
// @ts-expect-error in not
operation({ ...answer, access: access.not(own) })
// @ts-expect-error in any
operation({ ...answer, access: access.any(staff, own) })
// @ts-expect-error in all, deeper
operation({ ...answer, access: access.all(staff, access.any(access.not(own), staff)) })
// @ts-expect-error composed before
operation({ ...answer, access: ownOrStaff })
// @ts-expect-error a filter is of rows
operation({ ...answer, access: { id: { eq: 1 } } })
// @ts-expect-error in not
operation({ ...answer, access: access.not({ id: { eq: 1 } }) })
// @ts-expect-error in any
operation({ ...answer, access: access.any(staff, { id: { eq: 1 } }) })
// @ts-expect-error a function that returns a filter
operation({ ...answer, access: () => ({ id: { eq: 1 } }) })
// @ts-expect-error in not
operation({ ...answer, access: access.not(() => ({ id: { eq: 1 } })) })
operation({
  ...answer,
  access: access.any(
    staff,
    // @ts-expect-error in any and not
    access.not((caller) => caller.id === null || { id: { eq: 1 } }),
  ),
})
// @ts-expect-error an owner
resource('orders', { access: {}, fields: { customerId: { write: own } } })
// @ts-expect-error in not
resource('orders', { access: {}, fields: { customerId: { write: access.not(own) } } })
// @ts-expect-error a filter
resource('orders', { access: {}, fields: { customerId: { write: { productId: { eq: 1 } } } } })
resource('orders', {
  access: {},
  // @ts-expect-error in not
  fields: { customerId: { write: access.not({ productId: { eq: 1 } }) } },
})
resource('orders', {
  access: {},
  // @ts-expect-error a function that returns a filter, in any
  fields: { customerId: { write: access.any(staff, () => ({ productId: { eq: 1 } })) } },
})
