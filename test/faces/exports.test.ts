// Exports have rules of their own: who may export which resource, how many rows, and how many exports at a time.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { get, type IncomingMessage } from 'node:http'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { ModelError } from '../../src/schema/declare/model-error.ts'
import { openapiOf } from '../support/openapi.ts'
import { eachDatabase } from '../support/databases.ts'
import { type Faces, openFaces, type Reply } from './http.ts'

const shelf = () => integer('shelf_id').notNull()
const shelves = pgTable('shelves', { id: integer().primaryKey(), name: text().notNull() })
const books = pgTable('books', { id: integer().primaryKey(), shelfId: shelf(), text: text() })
const keys = pgTable('keys', { id: integer().primaryKey(), shelfId: shelf() })
const tables = { shelves, books, keys }
const relations = defineRelations(tables, (r) => ({
  shelves: {
    books: r.many.books({ from: r.shelves.id, to: r.books.shelfId }),
    keys: r.many.keys({ from: r.shelves.id, to: r.keys.shelfId }),
  },
  books: { shelf: r.one.shelves({ from: r.books.shelfId, to: r.shelves.id }) },
}))
const caller = z.object({ user: z.string() }).partial()
const { resource, access } = declare({ relations, caller })
const read = { read: access.everyone }
const everyone = { access: access.everyone, rows: 10 }
const declaration = {
  name: 'Shelves',
  relations,
  resources: {
    shelf: resource('shelves', { access: read }), // callers who are signed in
    book: resource('books', { access: read, export: everyone }),
    key: resource('keys', { access: read, export: access.nobody }),
  },
}

const csv = { headers: { accept: 'text/csv' } }
const signedIn = { as: 'ann', ...csv }
const said = ({ status, body }: Reply) => [
  status,
  body.code,
  ...(body.issues ?? []).map(
    (issue: { in: string; path: string[]; code: string }) =>
      `${issue.in} ${issue.path.join('.')} ${issue.code}`,
  ),
]

eachDatabase((kind, open) => {
  let faces: Faces
  let url: string
  beforeAll(async () => {
    faces = await openFaces(await open(), tables, declaration)
    await faces.sql("insert into shelves select i, 'shelf ' || i from generate_series(1, 3) as i")
    await faces.sql('insert into books select i, 1 + i % 2, null from generate_series(1, 10) as i')
    url = await faces.app.listen({ host: '127.0.0.1', port: 0 })
  })

  test('are for callers who are signed in, unless the resource says otherwise', async () => {
    expect(said(await faces.rest('GET /api/shelves', csv))).toEqual([401, 'UNAUTHENTICATED'])
    expect((await faces.rest('GET /api/shelves?fields=id', signedIn)).text).toBe(
      'id\r\n1\r\n2\r\n3\r\n',
    )
    expect((await faces.rest('GET /api/books?fields=id', csv)).text.split('\r\n')).toHaveLength(12)
    expect((await faces.rest('GET /api/shelves/1/books?fields=id', csv)).status).toBe(200) // rows of books
    expect((await faces.rest('GET /api/shelves')).status).toBe(200)
    expect((await faces.graphql('{ shelves { nodes { id } } }')).body.errors).toBeUndefined()
  })

  test('of a resource that nobody exports are no media type of its lists', async () => {
    for (const path of ['keys', 'shelves/1/keys'])
      expect(said(await faces.rest(`GET /api/${path}`, signedIn))).toEqual([406, 'NOT_ACCEPTABLE'])
  })

  test('include rows of resources only whose rows the caller may export', async () => {
    const refused = await faces.rest('GET /api/books?include=shelf,shelf.books', csv)
    expect(said(refused)).toEqual([401, 'UNAUTHENTICATED', 'fields shelf unauthenticated'])
    expect(said(await faces.rest('GET /api/shelves?include=keys', signedIn))).toEqual([
      403,
      'FORBIDDEN',
      'fields keys forbidden',
    ])
    expect((await faces.rest('GET /api/books?include=shelf', signedIn)).status).toBe(200)
  })

  test('over the limit of rows are refused before the first row, where they are short', async () => {
    expect(said(await faces.rest('GET /api/books?limit=11', csv))).toEqual([
      422,
      'VALIDATION_FAILED',
      'page limit too_big',
    ])
    await faces.sql('insert into books values (11, 1)')
    const long = await faces.rest('GET /api/books?fields=id', csv)
    const parts = ['limit=10', 'where={"id":{"gt":1}}']
    const whole = await Promise.all(
      parts.map((part) => faces.rest(`GET /api/books?fields=id&${part}`, csv)),
    )
    await faces.sql('delete from books where id = 11')
    expect(said(long)).toEqual([400, 'TOO_COMPLEX', 'page limit too_big'])
    expect(long.body.detail).toMatch(
      /^An export of books has at most 10 rows, with those of the lists/,
    )
    expect(whole.map(({ text: lines }) => lines.split('\r\n').length)).toEqual([12, 12])
  })

  test('count the rows of the lists that they include, and break the connection at the limit', async () => {
    const many = `${url}/api/books?fields=id,shelf.books.id&limit=3`
    const headers = { accept: 'text/csv', authorization: 'Bearer ann' }
    const few = await fetch(`${many}&shelf.books.limit=2`, { headers })
    expect((await few.text()).split('\r\n')).toHaveLength(5) // 3 rows, and 2 in each
    const broken = await fetch(many, { headers })
      .then((answer) => answer.text())
      .catch(() => 'broken')
    expect(broken).toBe('broken') // 3 rows, and 5 in each
  })

  test('take the places of one caller alone, and give them back', async () => {
    await faces.sql("update books set text = repeat('a', 1500000)")
    const openUnread = (authorization?: string): Promise<IncomingMessage> => {
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
      const headers = { accept: 'text/csv', ...(authorization && { authorization }) }
      get(`${url}/api/books`, { headers, agent: false }, resolve).on('error', reject)
      return promise
    }
    const unread = [await openUnread(), await openUnread(), await openUnread()]
    const [last] = unread.splice(2)
    expect(unread.map(({ statusCode }) => statusCode)).toEqual([200, 200])
    expect([last?.statusCode, last?.headers['retry-after']]).toEqual([429, '5'])
    const other = await openUnread('Bearer ann')
    expect(other.statusCode, kind).toBe(kind === 'postgres' ? 503 : 200) // 2 of 5 connections
    for (const answer of [...unread, other]) answer.destroy()
    await faces.sql('update books set text = null')
    const status = async () => (await faces.rest('GET /api/books', csv)).status
    await expect.poll(status).toBe(200)
  })
})

describe('the declaration', () => {
  const mistakesOf = (own: unknown, ofGateway?: unknown): readonly string[] => {
    try {
      const { model } = {
        model: buildModel({
          ...declaration,
          resources: { book: resource('books', { access: read, export: own as never }) },
          ...(ofGateway === undefined ? {} : { export: ofGateway as never }),
        }),
      }
      return [JSON.stringify(model.resources.get('book')?.export)]
    } catch (error) {
      if (error instanceof ModelError) return error.mistakes
      throw error
    }
  }

  test.each<[own: unknown, ofGateway: unknown, expected: readonly string[]]>([
    [{}, undefined, ['{"access":{"type":"signedIn"},"rows":1000000}']],
    [{ rows: 5 }, access.everyone, ['{"access":{"type":"everyone"},"rows":5}']],
    [access.nobody, { rows: 7 }, ['{"access":{"type":"nobody"},"rows":7}']],
    [{ rows: 0 }, undefined, ['book.export.rows is a whole number from 1 to 100000000.']],
    [{ rows: 'all' }, undefined, ['book.export.rows is "all"; it must be a number.']],
    [
      { acess: access.everyone },
      undefined,
      [
        'book.export.acess is no member of `export`. Did you mean access? Allowed are access, rows.',
      ],
    ],
    [{ access: undefined }, undefined, ['book.export.access is undefined; it must be a policy.']],
    [
      true,
      undefined,
      ['book.export is true; it must be a policy, or an object of `access` and `rows`.'],
    ],
    [
      access.owner('id' as never, 'user'),
      undefined,
      ['book.export is about rows; an export asks about its caller only.'],
    ],
    [
      { access: { id: { eq: 1 } } },
      undefined,
      ['book.export is about rows; an export asks about its caller only.'],
    ],
    [access.role, undefined, ['book.export is a function of `access` that is not called.']],
    [
      {},
      access.owner('id' as never, 'user'),
      ['gateway.export is about rows; an export asks about its caller only.'],
    ],
  ])('%j, in a gateway with %j', (own, ofGateway, expected) => {
    expect(mistakesOf(own, ofGateway)).toEqual(expected)
  })

  test('refuses rules for rows that nobody reads', () => {
    expect(() =>
      buildModel({
        ...declaration,
        resources: { book: resource('books', { access: {}, export: access.everyone }) },
      }),
    ).toThrow('book.export is given, but `access` has no `read`: there are no rows to export.')
  })

  test('is in the OpenAPI document', () => {
    const { paths } = openapiOf(buildModel(declaration)) as never as {
      paths: Record<
        string,
        { get: { responses: Record<string, { description: string; content: object }> } }
      >
    }
    const answer = (path: string) => paths[path]?.get.responses['200']
    expect(Object.keys(answer('/api/keys')?.content ?? {})).toEqual(['application/json'])
    expect(Object.keys(answer('/api/books')?.content ?? {})).toContain('text/csv')
    expect(answer('/api/books')?.description).toMatch(/At most 10 lines.*break the connection\.$/)
    expect(answer('/api/shelves')?.description).toMatch(
      / Only callers with credentials may ask for lines\.$/,
    )
  })
})
