// A small shop with every form of resource that REST serves: composite, text and unique keys, trees, hidden rows and columns.
import { defineRelations, sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  doublePrecision,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { buildModel } from '../../src/schema/build/build-model.ts'
import type { Model } from '../../src/schema/model/model.ts'
import { declare, list } from '../../src/schema/declare/declare.ts'

const productStatus = pgEnum('product_status', ['draft', 'active', 'sold out'])

const categories = pgTable('categories', {
  id: integer().primaryKey(),
  name: text().notNull(),
  parentId: integer('parent_id'),
})

const products = pgTable('products', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  sku: text().notNull().unique(),
  name: text().notNull(),
  status: productStatus().notNull().default('active'),
  price: numeric({ precision: 12, scale: 2 }).notNull(),
  cost: numeric({ precision: 12, scale: 2 }),
  weight: doublePrecision(),
  tags: text().array().notNull().default([]),
  attributes: jsonb(),
  fragile: boolean().notNull().default(false),
  sold: bigint({ mode: 'bigint' })
    .notNull()
    .default(sql`0`),
  limit: integer(),
  createdAt: timestamp('created_at', { withTimezone: true })
    .notNull()
    .default(sql`'2026-11-23 10:00:00.123456+00'`),
  categoryId: integer('category_id')
    .notNull()
    .references(() => categories.id),
})

const orders = pgTable('orders', {
  id: uuid().primaryKey().defaultRandom(),
  customer: text().notNull(),
  note: text(),
})

const orderItems = pgTable(
  'order_items',
  {
    orderId: uuid('order_id')
      .notNull()
      .references(() => orders.id),
    line: integer().notNull(),
    productId: integer('product_id')
      .notNull()
      .references(() => products.id),
    quantity: integer().notNull().default(1),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.line] })],
)

/** Words of a language: a text key, and a unique key of two columns. */
const words = pgTable(
  'words',
  {
    word: text().primaryKey(),
    language: text().notNull(),
    rank: integer().notNull(),
  },
  (table) => [unique().on(table.language, table.rank)],
)

/** A resource that anyone may write and no caller may read. */
const feedback = pgTable('feedback', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  message: text().notNull(),
})

const tables = { categories, products, orders, orderItems, words, feedback }

export const relations = defineRelations(tables, (r) => ({
  categories: {
    parent: r.one.categories({ from: r.categories.parentId, to: r.categories.id }),
    products: r.many.products(),
  },
  products: {
    category: r.one.categories({
      from: r.products.categoryId,
      to: r.categories.id,
      optional: false,
    }),
    items: r.many.orderItems(),
  },
  orders: { items: r.many.orderItems() },
  orderItems: {
    order: r.one.orders({ from: r.orderItems.orderId, to: r.orders.id, optional: false }),
    product: r.one.products({ from: r.orderItems.productId, to: r.products.id, optional: false }),
  },
}))

const { resource, operation, access } = declare({
  relations,
  caller: z.object({ customer: z.string() }).partial(),
})
const staff = access.role('staff')

const product = resource('products', {
  description: 'Something the shop sells.',
  access: {
    read: access.any({ status: { ne: 'draft' } }, staff),
    create: access.everyone,
    update: access.everyone,
    delete: access.everyone,
  },
  fields: {
    cost: { read: staff },
    price: {
      validate: (price) => price.refine((value) => Number(value) > 0, 'A price is above zero.'),
    },
    weight: { deprecated: 'Weigh it yourself.' },
  },
  computed: {
    label: { type: 'text', nullable: false, sql: (p) => sql`${p.sku} || ': ' || ${p.name}` },
  },
  page: { default: 3, max: 5 },
  writes: ['upsert', 'updateMany', 'deleteMany'],
})
const category = resource('categories', { access: { read: access.everyone, create: staff } })
const order = resource('orders', {
  access: { read: access.any(access.owner('customer', 'customer'), staff), update: staff },
})
const orderItem = resource('orderItems', {
  access: {
    read: access.everyone,
    create: access.everyone,
    update: access.everyone,
    delete: access.everyone,
  },
})
const word = resource('words', {
  access: { read: access.everyone, create: access.everyone, update: access.everyone },
  writes: ['upsert'],
})
const feedbackResource = resource('feedback', {
  access: { create: access.everyone },
  names: { plural: 'feedbacks' },
})

const restock = operation({
  kind: 'mutation',
  rest: 'POST /products/{id}/restock',
  access: staff,
  description: 'Puts a product back on sale.',
  input: z.object({ id: z.int32(), name: z.string().min(2).optional() }),
  output: product,
  async handle({ input, tx }) {
    await tx.execute(
      sql`update products set status = 'active', name = coalesce(${input.name ?? null}, name) where id = ${input.id}`,
    )
    return { id: input.id }
  },
})
const dearest = operation({
  kind: 'query',
  rest: 'GET /dearest',
  access: access.everyone,
  input: z.object({
    count: z.int32().default(1),
    statuses: z.array(z.enum(['active', 'draft'])).optional(),
  }),
  output: list(product),
  async handle({ input, tx }) {
    const found = await tx
      .select({ id: products.id })
      .from(products)
      .orderBy(sql`${products.price} desc`)
      .limit(input.count)
    return found
  },
})
const echo = operation({
  kind: 'query',
  rest: 'GET /echo/{word}',
  access: access.everyone,
  description: 'Says what it heard.',
  input: z.object({
    word: z.string(),
    loud: z.boolean().optional(),
    times: z.int32().optional(),
    ratio: z.number().optional(),
    big: z.stringFormat('bigint', /^\d+$/).optional(),
    list: z.array(z.string()).optional(),
    deep: z.object({ x: z.int32() }).optional(),
  }),
  output: z.object({ heard: z.string() }),
  async handle({ input }) {
    return { heard: JSON.stringify(input) }
  },
})
const forget = operation({
  kind: 'mutation',
  rest: 'DELETE /memory',
  access: access.everyone,
  status: 202,
  output: z.object({ done: z.boolean() }),
  async handle() {
    return { done: true }
  },
})
const graphqlOnly = operation({
  kind: 'query',
  rest: 'GET /never',
  access: access.everyone,
  output: z.object({ ok: z.boolean() }),
  only: { face: 'graphql', reason: 'To show it.' },
  async handle() {
    return { ok: true }
  },
})

export function buildShop(): Model {
  return buildModel({
    name: 'Shop',
    description: 'A small shop.',
    relations,
    resources: { product, category, order, orderItem, word, feedback: feedbackResource },
    operations: { restock, dearest, echo, forget, graphqlOnly },
    export: access.everyone,
  })
}

/** The tables as migrations would make them, and a few rows. */
export const shopStatements = [
  "create type product_status as enum ('draft', 'active', 'sold out')",
  'create table categories (id integer primary key, name text not null, parent_id integer)',
  `create table products (
    id integer primary key generated always as identity, sku text not null constraint products_sku_unique unique, name text not null,
    status product_status not null default 'active', price numeric(12, 2) not null, cost numeric(12, 2), weight double precision,
    tags text[] not null default '{}', attributes jsonb, fragile boolean not null default false, sold bigint not null default 0, "limit" integer,
    created_at timestamptz not null default '2026-11-23 10:00:00.123456+00', category_id integer not null constraint products_category_id_categories_id_fkey references categories)`,
  'create table orders (id uuid primary key default gen_random_uuid(), customer text not null, note text)',
  `create table order_items (order_id uuid not null references orders, line integer not null, product_id integer not null references products,
    quantity integer not null default 1, primary key (order_id, line))`,
  'create table words (word text primary key, language text not null, rank integer not null, unique (language, rank))',
  'create table feedback (id integer primary key generated always as identity, message text not null)',
  "insert into categories values (1, 'Light', null), (2, 'Lamps', 1), (3, 'Empty', null)",
  `insert into products (sku, name, status, price, cost, weight, tags, attributes, fragile, sold, "limit", category_id) values
    ('L-1', 'Arc', 'active', 12.50, 7.00, 1.5, '{oak,"a,b"}', '{"b": 1, "a": [1.10, null]}', true, 9007199254740993, 3, 2),
    ('L/2', 'Bulb', 'sold out', 3.00, 1.00, 'NaN', '{}', null, false, 0, null, 1),
    ('L,3', 'Candle', 'active', 1.20, null, null, '{oak}', null, false, 5, 3, 1),
    ('D-4', 'Draft', 'draft', 99.00, 50.00, null, '{}', null, false, 0, null, 1),
    ('é 5', 'Ember', 'active', 20.00, 9.00, 0.1, '{}', null, false, 0, null, 2)`,
  `insert into orders values ('00000000-0000-4000-8000-000000000001', 'ann', 'Ring twice'), ('00000000-0000-4000-8000-000000000002', 'bob', null),
    ('00000000-0000-4000-8000-000000000003', 'ann', null)`,
  `insert into order_items values ('00000000-0000-4000-8000-000000000001', 1, 1, 2), ('00000000-0000-4000-8000-000000000001', 2, 2, 5),
    ('00000000-0000-4000-8000-000000000001', 3, 3, 1), ('00000000-0000-4000-8000-000000000002', 1, 4, 1)`,
  "insert into words values ('a/b', 'en', 1), ('a,b', 'en', 2), ('query', 'en', 3), ('%41', 'de', 1)",
]
