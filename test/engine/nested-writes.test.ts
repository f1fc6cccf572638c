// Nested creates: rows and references in one transaction, each authorized as it would be alone, on both faces alike.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { authorizationOf, openTestGateway, type TestGateway } from 'bifrons/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { ModelError } from '../../src/schema/declare/model-error.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { eachDatabase } from '../support/databases.ts'
import { createTables } from './support.ts'

const people = pgTable('people', {
  id: integer().primaryKey().generatedByDefaultAsIdentity(),
  name: text().notNull(),
  user: text('user_name').notNull(),
})
const orders = pgTable('orders', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  note: text().notNull().unique(),
  personId: integer('person_id')
    .notNull()
    .references(() => people.id),
})
const items = pgTable(
  'items',
  {
    orderId: integer('order_id')
      .notNull()
      .references(() => orders.id),
    line: integer().notNull(),
    what: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.line] })],
)
const remarks = pgTable('remarks', {
  id: integer().primaryKey(),
  text: text().notNull(),
  orderId: integer('order_id').references(() => orders.id),
})
const tables = { people, orders, items, remarks }
const relations = defineRelations(tables, (r) => ({
  people: { orders: r.many.orders() },
  orders: {
    person: r.one.people({ from: r.orders.personId, to: r.people.id, optional: false }),
    items: r.many.items(),
    remarks: r.many.remarks(),
  },
  items: { order: r.one.orders({ from: r.items.orderId, to: r.orders.id, optional: false }) },
  remarks: { order: r.one.orders({ from: r.remarks.orderId, to: r.orders.id }) },
}))
const { resource, access } = declare({
  relations,
  caller: z.object({ user: z.string() }).partial(),
})
const staff = access.role('staff')
const own = access.any(access.owner('user', 'user'), staff)

const resources = {
  person: resource('people', { access: { read: own, create: own }, nested: ['orders'] }),
  order: resource('orders', {
    access: {
      read: { person: { user: { ne: 'nobody' } } },
      create: { person: { user: { ne: 'nobody' } } },
    },
    nested: ['person', 'items', 'remarks'],
  }),
  item: resource('items', {
    access: { read: access.everyone, create: access.signedIn },
    fields: {
      what: { validate: (what) => what.refine((one) => one !== 'forbidden', 'Not this.') },
    },
  }),
  remark: resource('remarks', {
    access: {
      read: access.everyone,
      create: staff,
      update: access.any({ text: { ne: 'locked' } }, staff),
    },
  }),
}
const declaration = { name: 'Nested', relations, resources }

eachDatabase((_kind, open) => {
  let gateway: TestGateway
  beforeAll(async () => {
    const database = await open({ relations })
    await createTables(database, tables)
    gateway = await openTestGateway(declaration, { database })
  })
  afterAll(() => gateway.close())
  beforeEach(async () => {
    for (const statement of [
      'truncate people, orders, items, remarks restart identity',
      `insert into people (id, name, user_name) values (100, 'Ann', 'ann'), (101, 'Ben', 'ben')`,
      `insert into remarks (id, text) values (1, 'free'), (2, 'locked'), (3, 'another')`,
    ])
      await gateway.database.query({ text: statement, values: [] })
  })

  const ann = authorizationOf({ sub: 'ann', user: 'ann' })
  const boss = authorizationOf({ sub: 'boss', roles: ['staff'] })
  const headers = { 'content-type': 'application/json' }
  const fields =
    'note person { name } items(orderBy: [{ line: ASC }]) { nodes { line what } } remarks(orderBy: [{ id: ASC }]) { nodes { id } }'
  const include =
    'fields=note,person.name,items.line,items.what,remarks.id&items.sort=line&remarks.sort=id'

  /** The same create by each face, from the same rows; of a list, several creates. */
  const both = async (input: object, caller = ann) => {
    const [path, query] = Array.isArray(input)
      ? [
          '/batch',
          `mutation ($input: [OrderCreate!]!) { made: createOrders(inputs: $input) { ${fields} } }`,
        ]
      : ['', `mutation ($input: OrderCreate!) { made: createOrder(input: $input) { ${fields} } }`]
    const results = await gateway.database.moment(async () => {
      const rest = await gateway.database.attempt(async () =>
        (
          await gateway.app.inject({
            method: 'POST',
            url: `/api/orders${path}?${include}`,
            headers: { ...headers, ...caller },
            payload: input,
          })
        ).json(),
      )
      const graphql = await gateway.database.attempt(async () =>
        (
          await gateway.app.inject({
            method: 'POST',
            url: '/graphql',
            headers: { ...headers, ...caller },
            payload: { query, variables: { input } },
          })
        ).json(),
      )
      return { rest, graphql }
    })
    expect(results.graphql.stored).toEqual(results.rest.stored)
    const error = results.graphql.value.errors?.[0]?.extensions
    const problem =
      results.rest.value.code === undefined
        ? null
        : { code: results.rest.value.code, issues: results.rest.value.issues ?? [] }
    expect(error === undefined ? null : { code: error.code, issues: error.issues ?? [] }).toEqual(
      problem,
    )
    const { data } = results.graphql.value
    return {
      problem,
      row: data?.made ?? null,
      rest: results.rest.value,
      stored: results.rest.stored.filter(({ written }) => written.length > 0).length,
    }
  }

  test('an order is created with its person and its items, and existing remarks are connected', async () => {
    const input = {
      note: 'first',
      person: { create: { name: 'Cleo', user: 'ann' } },
      items: {
        create: [
          { line: 1, what: 'lamp' },
          { line: 2, what: 'bulb' },
        ],
      },
      remarks: { connect: [{ id: 1 }, { id: 3 }] },
    }
    const { row, rest, problem } = await both(input)
    expect(problem).toBeNull()
    expect(row).toEqual({
      note: 'first',
      person: { name: 'Cleo' },
      items: {
        nodes: [
          { line: 1, what: 'lamp' },
          { line: 2, what: 'bulb' },
        ],
      },
      remarks: { nodes: [{ id: 1 }, { id: 3 }] },
    })
    expect(rest).toMatchObject({
      note: 'first',
      person: { name: 'Cleo' },
      items: { data: [{ line: 1 }, { line: 2 }] },
      remarks: { data: [{ id: 1 }, { id: 3 }] },
    })
  })

  test('a reference by its key can be combined with new related rows', async () => {
    const { row } = await both({
      note: 'second',
      person: { connect: { id: 100 } },
      items: { create: [{ line: 7, what: 'cable' }] },
    })
    expect(row).toMatchObject({
      person: { name: 'Ann' },
      items: { nodes: [{ line: 7, what: 'cable' }] },
    })
    expect((await both({ note: 'third', personId: 100 })).row).toMatchObject({
      person: { name: 'Ann' },
    })
  })

  test.each([
    [
      'neither a foreign key nor its relation',
      { note: 'x' },
      ['VALIDATION_FAILED', ['personId'], 'required'],
    ],
    [
      'neither create nor connect of a to-one relation',
      { note: 'x', person: {} },
      ['VALIDATION_FAILED', ['person'], 'wrong_type', 'Give either create or connect.'],
    ],
    [
      'neither create nor connect of a to-many relation',
      { note: 'x', personId: 100, items: {}, remarks: {} },
      ['VALIDATION_FAILED', ['items'], 'wrong_type', 'Give create.'],
    ],
    [
      'both',
      { note: 'x', personId: 100, person: { connect: { id: 100 } } },
      ['VALIDATION_FAILED', ['person'], 'conflict'],
    ],
    [
      'a person of another caller',
      { note: 'x', person: { create: { name: 'Ben', user: 'ben' } } },
      ['FORBIDDEN', ['person', 'create', 'user'], 'forbidden'],
    ],
    [
      'a hidden person',
      { note: 'x', person: { connect: { id: 101 } } },
      ['CONFLICT', ['person', 'connect', 'id'], 'no_such_row'],
    ],
    [
      'a failing validator of a nested row',
      {
        note: 'x',
        personId: 100,
        items: {
          create: [
            { line: 1, what: 'fine' },
            { line: 2, what: 'forbidden' },
          ],
        },
      },
      ['VALIDATION_FAILED', ['items', 'create', 1, 'what'], 'invalid'],
    ],
    [
      'a missing member of a nested row',
      { note: 'x', personId: 100, items: { create: [{ line: 1 }] } },
      ['VALIDATION_FAILED', ['items', 'create', 0, 'what'], 'required'],
    ],
    [
      'a column that the outer row sets',
      { note: 'x', personId: 100, items: { create: [{ line: 1, what: 'a', orderId: 3 }] } },
      ['VALIDATION_FAILED', ['items', 'create', 0, 'orderId'], 'unknown_member'],
    ],
    [
      'a key twice',
      {
        note: 'x',
        personId: 100,
        items: {
          create: [
            { line: 1, what: 'a' },
            { line: 1, what: 'b' },
          ],
        },
      },
      ['CONFLICT', ['items', 'create', 1, 'orderId'], 'not_unique'],
    ],
    [
      'nested rows that only staff may create',
      { note: 'x', personId: 100, remarks: { create: [{ id: 9, text: 'new' }] } },
      ['FORBIDDEN', ['remarks', 'create', 0], 'forbidden'],
    ],
    [
      'a connected row that the caller may not update',
      { note: 'x', personId: 100, remarks: { connect: [{ id: 2 }] } },
      ['FORBIDDEN', ['remarks', 'connect', 0], 'forbidden'],
    ],
    [
      'a connected row that does not exist',
      { note: 'x', personId: 100, remarks: { connect: [{ id: 1 }, { id: 99 }] } },
      ['CONFLICT', ['remarks', 'connect', 1], 'no_such_row'],
    ],
  ] as const)(
    '%s: no row is written, and the issue has the path',
    async (_what, input, [code, path, issue, ...words]) => {
      const { problem, stored } = await both(input)
      expect(problem?.code).toBe(code)
      expect(problem?.issues[0]).toMatchObject({
        in: 'input',
        path,
        code: issue,
        ...(words.length === 0 ? {} : { message: words[0] }),
      })
      expect(stored).toBe(0)
    },
  )

  test('several creates are written as each would be alone, in their order', async () => {
    const { row, rest, problem } = await both([
      {
        note: 'one',
        person: { create: { name: 'Cleo', user: 'ann' } },
        items: { create: [{ line: 1, what: 'lamp' }] },
      },
      { note: 'two', personId: 100 },
      { note: 'three', person: { connect: { id: 100 } }, remarks: { connect: [{ id: 3 }] } },
    ])
    expect(problem).toBeNull()
    expect(row).toMatchObject([
      { note: 'one', person: { name: 'Cleo' }, items: { nodes: [{ line: 1 }] } },
      { note: 'two', person: { name: 'Ann' } },
      { note: 'three', remarks: { nodes: [{ id: 3 }] } },
    ])
    expect(rest.data).toMatchObject([
      { note: 'one', items: { data: [{ line: 1 }] } },
      { note: 'two' },
      { note: 'three' },
    ])
  })

  const fine = { note: 'fine', person: { create: { name: 'Cleo', user: 'ann' } } }
  test.each([
    [
      'neither a foreign key nor its relation',
      { note: 'x' },
      ['VALIDATION_FAILED', [1, 'personId'], 'required'],
    ],
    [
      'a person of another caller',
      { note: 'x', person: { create: { name: 'Ben', user: 'ben' } } },
      ['FORBIDDEN', [1, 'person', 'create', 'user'], 'forbidden'],
    ],
    ['an existing note', { note: 'fine', personId: 100 }, ['CONFLICT', [1, 'note'], 'not_unique']],
    [
      'a failing validator of a nested row',
      { note: 'x', personId: 100, items: { create: [{ line: 2, what: 'forbidden' }] } },
      ['VALIDATION_FAILED', [1, 'items', 'create', 0, 'what'], 'invalid'],
    ],
    [
      'a connected row that the caller may not update',
      { note: 'x', personId: 100, remarks: { connect: [{ id: 2 }] } },
      ['FORBIDDEN', [1, 'remarks', 'connect', 0], 'forbidden'],
    ],
  ] as const)(
    'several creates, %s: no row is written, and the issue has the path',
    async (_what, input, [code, path, issue]) => {
      const { problem, stored } = await both([fine, input])
      expect(problem).toMatchObject({ code, issues: [{ in: 'input', path, code: issue }] })
      expect(stored).toBe(0)
    },
  )

  test('the number of rows along relations is bounded', async () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, line) => ({ line, what: 'many' }))
    expect(
      (await both({ note: 'x', personId: 100, items: { create: lines(100) } })).problem,
    ).toBeNull()
    expect(
      (await both({ note: 'x', personId: 100, items: { create: lines(101) } }, boss)).problem,
    ).toEqual({ code: 'TOO_COMPLEX', issues: [] })
    const [half, more] = [50, 51].map((count) => ({
      note: String(count),
      personId: 100,
      items: { create: lines(count) },
    }))
    expect((await both([half, more], boss)).problem).toEqual({ code: 'TOO_COMPLEX', issues: [] })
  })
})

test('a nested relation that cannot be written is a mistake of the declaration', () => {
  const versioned = resource('remarks', {
    access: { read: staff, update: staff },
    requireVersion: true,
  }) // an input has no place for its version
  expect(() =>
    buildModel({ ...declaration, resources: { ...resources, remark: versioned } }),
  ).toThrow('names remarks, along which nobody may write')
  const closed = resource('items', { access: { read: staff }, nested: ['order'] })
  expect(() => buildModel({ ...declaration, resources: { ...resources, item: closed } })).toThrow(
    ModelError,
  )
})
