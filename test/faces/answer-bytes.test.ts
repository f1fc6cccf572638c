// The bytes of one answer are bounded on both faces; exports are streams and are not.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { declare, list } from '../../src/schema/declare/declare.ts'
import { gateway } from '../../src/server/gateway.ts'
import { createTables } from '../engine/support.ts'
import { eachDatabase } from '../support/databases.ts'
import { type Faces, openFaces } from './support.ts'

const shelves = pgTable('shelves', { id: integer().primaryKey() })
const books = pgTable('books', {
  id: integer().primaryKey(),
  shelfId: integer()
    .notNull()
    .references(() => shelves.id),
  body: text().notNull(),
})
const relations = defineRelations({ shelves, books }, (r) => ({
  shelves: { books: r.many.books({ from: r.shelves.id, to: r.books.shelfId }) },
  books: { shelf: r.one.shelves({ from: r.books.shelfId, to: r.shelves.id }) },
}))
const { resource, operation, access } = declare({ relations })
const open = access.everyone
const book = resource('books', { access: { read: open, create: open, update: open } })
const shelf = resource('shelves', { access: { read: open } })

const MAX_BYTES = 100_000
const listOf = (size: number) => ({ page: { size }, total: false }) as const
const PAGE = 20
const long = z.object({ text: z.string() })
const tell = operation({
  kind: 'query',
  rest: 'GET /tell',
  access: open,
  output: long,
  handle: async () => ({ text: 'x'.repeat(2 * MAX_BYTES) }),
})
const write = operation({
  kind: 'mutation',
  rest: 'POST /write',
  access: open,
  output: long,
  async handle({ tx }) {
    await tx.insert(books).values({ id: 900, shelfId: 1, body: 'short' })
    return { text: 'x'.repeat(2 * MAX_BYTES) }
  },
})
const all = operation({
  kind: 'query',
  rest: 'GET /all',
  access: open,
  output: list(book),
  handle: async () => Array.from({ length: PAGE }, (_, i) => ({ id: i + 1 })),
})
const library = gateway({
  name: 'Library',
  relations,
  resources: { book, shelf },
  export: access.everyone,
  operations: { tell, write, all },
  limits: { maxBytes: MAX_BYTES },
})

eachDatabase((_kind, openDatabase) => {
  let faces: Faces
  beforeAll(async () => {
    const database = await openDatabase({ relations })
    await createTables(database, { shelves, books })
    await database.query({ text: 'insert into shelves values (1), (2)', values: [] })
    await database.query({
      text: `insert into books select n, 1, repeat('x', 10000) from generate_series(1, ${PAGE}) n`,
      values: [],
    })
    await database.query({
      text: `insert into books values (500, 2, repeat('y', 3000000)), (501, 2, repeat(chr(1), 50000))`,
      values: [],
    })
    faces = await openFaces(library, database)
  })
  afterAll(() => faces.gateway.close())

  const graphql = async (query: string) => {
    const answer = await faces.gateway.app.inject({
      method: 'POST',
      url: '/graphql',
      payload: { query },
    })
    return JSON.parse(answer.body)
  }

  test('a list within the bound is answered, and one over it is TOO_COMPLEX', async () => {
    const fields = ['id', 'body']
    const { outcome } = await faces.send('books', { list: listOf(5), fields })
    expect(outcome.ok).toBe(true)
    const { answer, rest } = await faces.send('books', { list: listOf(PAGE), fields })
    expect([answer, rest.status]).toEqual([['TOO_COMPLEX'], 400])
    expect(rest.body.detail).toMatch(/^The answer has more than 100000 bytes/)
  })

  test('one row that is larger than the bound is dropped while it comes, and the connection serves on', async () => {
    for (let i = 0; i < 10; i += 1) {
      const { answer } = await faces.send('book', { key: { id: 500 }, fields: ['body'] })
      expect(answer).toEqual(['TOO_COMPLEX'])
    }
    expect((await faces.send('book', { key: { id: 500 }, fields: ['id'] })).outcome.ok).toBe(true)
  })

  test('the JSON counts too, where it is longer than what was read', async () => {
    const { answer } = await faces.send('book', { key: { id: 501 }, fields: ['body'] })
    expect(answer).toEqual(['TOO_COMPLEX']) // each of 50,000 characters is written as six
  })

  test('nested lists, aggregates, and rows and values of own queries', async () => {
    const nested = await faces.gateway.app.inject('/api/shelves/1?include=books')
    expect([nested.statusCode, JSON.parse(nested.body).code]).toEqual([400, 'TOO_COMPLEX'])
    const groups = await faces.gateway.app.inject(
      '/api/books/aggregate?groupBy=body,id&fields=count',
    )
    expect([groups.statusCode, JSON.parse(groups.body).code], groups.body).toEqual([
      400,
      'TOO_COMPLEX',
    ])
    expect((await faces.send('tell')).answer).toEqual(['TOO_COMPLEX'])
    expect((await faces.send('all', { fields: ['id', 'body'] })).answer).toEqual(['TOO_COMPLEX'])
  })

  test('root fields of one document count together', async () => {
    const rows = (alias: string) => `${alias}: books(first: 3) { nodes { body } }`
    const { data, errors } = await graphql(`{ ${rows('a')} ${rows('b')} ${rows('c')} }`)
    expect(
      errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code),
    ).toEqual(['TOO_COMPLEX'])
    expect(Object.values(data).filter((value) => value !== null)).toHaveLength(2)
  })

  test('one row under many aliases counts as often as it is written', async () => {
    const aliases = Array.from({ length: PAGE }, (_, i) => `a${i}: book(id: 1) { body }`)
    const { data, errors } = await graphql(`{ ${aliases.join(' ')} }`)
    expect([data ?? null, errors[0].extensions.code]).toEqual([null, 'TOO_COMPLEX'])
  })

  test('a write whose answer is over the bound is rolled back', async () => {
    const rows = Array.from({ length: PAGE }, (_, i) => ({
      id: 600 + i,
      shelfId: 1,
      body: 'z'.repeat(10_000),
    }))
    const created = await faces.gateway.app.inject({
      method: 'POST',
      url: '/api/books/batch',
      payload: rows,
    })
    expect([created.statusCode, JSON.parse(created.body).code], created.body.slice(0, 300)).toEqual(
      [400, 'TOO_COMPLEX'],
    )
    const written = await faces.gateway.app.inject({
      method: 'POST',
      url: '/api/write',
      payload: {},
    })
    expect([written.statusCode, JSON.parse(written.body).code]).toEqual([400, 'TOO_COMPLEX'])
    const { body } = await faces.gateway.app.inject('/api/books?id[gte]=600&fields=id')
    expect(JSON.parse(body).data).toEqual([])
  })

  test('an export of more is a stream', async () => {
    const answer = await faces.gateway.app.inject({
      url: '/api/books?id[lte]=100',
      headers: { accept: 'application/x-ndjson' },
    })
    expect([answer.statusCode, answer.body.trim().split('\n').length]).toEqual([200, PAGE])
  })
})
