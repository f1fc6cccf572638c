// HEAD is GET without a body on every GET route of the whole server, over sockets, where a body would be seen.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { z } from 'zod'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { RestExtension } from '../../src/rest/routes/hand-written.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { sendRaw } from '../server/support.ts'
import { type Faces, openFaces } from './http.ts'

const authors = pgTable('authors', { id: integer().primaryKey(), name: text().notNull() })
const books = pgTable('books', {
  id: integer().primaryKey(),
  title: text().notNull(),
  authorId: integer('author_id').notNull(),
})
const tables = { authors, books }
const relations = defineRelations(tables, (r) => ({
  authors: { books: r.many.books() },
  books: { author: r.one.authors({ from: r.books.authorId, to: r.authors.id, optional: false }) },
}))
const { resource, access, operation } = declare({ relations })

/** Hand-written routes that answer in every way that Fastify knows. */
const extension: RestExtension = (app) => {
  app.get('/own/object', async () => ({ a: 1 }))
  app.get('/own/text', async () => 'text')
  app.get('/own/bytes', async () => Buffer.from('bytes'))
  app.get('/own/null', async () => null)
  app.get('/own/null-text', (_request, reply) => reply.type('text/plain').send(null))
  app.get('/own/nothing', (_request, reply) => reply.send())
  app.get('/own/no-content', (_request, reply) => reply.code(204).send())
  app.get('/own/not-modified', (_request, reply) => reply.code(304).header('etag', '"a"').send())
  app.get('/own/stream', (_request, reply) =>
    reply.type('text/plain').send(Readable.from(['a', 'b'])),
  )
  app.get('/own/response', () => new Response('a', { status: 203, headers: { 'x-own': 'a' } }))
  app.get('/own/long', (_request, reply) =>
    reply.header('content-length', '4').send(Readable.from(['long'])),
  )
  app.get('/own/broken', async () => {
    throw new Error('broken')
  })
  app.get('/own/refused', async () => {
    throw Object.assign(new Error('no'), { statusCode: 409 })
  })
  app.get(
    '/own/checked/:id',
    {
      schema: {
        params: z.object({ id: z.coerce.number() }),
        response: { 200: z.object({ id: z.number() }) },
      },
    },
    async ({ params }) => ({ id: params.id }),
  )
  app.route({ method: ['GET', 'POST'], url: '/own/both', handler: async () => ({ a: 1 }) })
}

const declaration = {
  export: access.everyone,
  name: 'Books',
  relations,
  rest: extension,
  resources: {
    author: resource('authors', { access: { read: access.everyone } }),
    book: resource('books', { access: { read: access.everyone, create: access.everyone } }),
  },
  operations: {
    longest: operation({
      kind: 'query',
      rest: 'GET /longest',
      access: access.everyone,
      output: z.object({ title: z.string() }),
      handle: async () => ({ title: 'b' }),
    }),
  },
}

let database: Database
let faces: Faces
let port: number
beforeAll(async () => {
  database = await openDatabase({
    url: 'pglite:memory',
    snapshot: inject('pgliteSnapshot'),
    poolMax: 1,
    relations,
    statementTimeout: 5000,
    lockTimeout: 2000,
    idleInTransactionTimeout: 10_000,
    connectTimeout: 2000,
  })
  faces = await openFaces(database, tables, declaration, { METRICS_FROM: '192.0.2.1' }) // what /metrics answers is new each time
  await faces.sql("insert into authors select n, 'author ' || n from generate_series(1, 3) as n")
  await faces.sql(
    "insert into books select n, 'book ' || n, 1 + n % 3 from generate_series(1, 30) as n",
  )
  await faces.app.listen({ port: 0, host: '127.0.0.1' })
  port = (faces.app.server.address() as AddressInfo).port // it listens on a port
})
afterAll(async () => {
  await faces.app.close()
  await database.close()
})

interface Answer {
  readonly status: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Headers that differ from one request to the next, and the framing of a body that HEAD does not have. */
const volatile = new Set(['date', 'x-request-id', 'transfer-encoding', 'connection', 'ratelimit'])

async function ask(
  method: 'GET' | 'HEAD',
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const fields = Object.entries({ host: 'a', connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  const answer = await sendRaw(port, `${method} ${url} HTTP/1.1\r\n${fields.join('')}\r\n`)
  const at = answer.indexOf('\r\n\r\n')
  const [status = '', ...lines] = answer.slice(0, at).split('\r\n')
  const all = lines.map(
    (line) =>
      [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)] as const,
  )
  return {
    status,
    headers: Object.fromEntries(all.filter(([name]) => !volatile.has(name))),
    body: answer.slice(at + 4),
  }
}

/** Differences between HEAD's and GET's answer; null without any. */
async function compare(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<object | null> {
  const [got, head] = [await ask('GET', url, headers), await ask('HEAD', url, headers)]
  const isAlike = isDeepStrictEqual(head, { ...got, body: '' })
  return isAlike ? null : { url, sent: headers, got: { ...got, body: got.body.length }, head }
}

/** Every path that takes GET, as the router prints it. */
function getPaths(): readonly string[] {
  const paths: string[] = []
  const above: string[] = []
  for (const line of faces.app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', path = '', methods = ''] =
      /^([│ ]*)[├└]── (\S*) \((.*?)\)/.exec(line) ?? []
    if (methods === '') continue
    above.length = indent.length / 4
    above.push(path)
    if (methods.split(', ').includes('GET')) paths.push(above.join(''))
  }
  return paths
}

const fill = (path: string): string => path.replaceAll(/:\w+/g, '1')

describe('HEAD is GET without a body', () => {
  test('on every route', async () => {
    const paths = getPaths()
    for (const known of [
      '/',
      '/healthz',
      '/readyz',
      '/graphql',
      '/schema.graphql',
      '/openapi.json',
      '/api',
      '/api/books',
      '/api/longest',
      '/api/own/stream',
      '/docs',
      '/graphiql',
    ])
      expect(paths, known).toContain(known)
    expect(paths.filter((path) => path.includes('/:')).length).toBeGreaterThan(3) // of rows, and of related rows
    const differences = []
    for (const path of paths) differences.push(await compare(fill(path)))
    expect(differences.filter((one) => one !== null)).toEqual([])
  })

  const etag = async (url: string): Promise<string> => (await ask('GET', url)).headers['etag'] ?? ''
  const csv = { accept: 'text/csv' }
  const query = (document: string): string => `/graphql?query=${encodeURIComponent(document)}`

  test.each([
    ['a page with links', '/api/books?limit=2', {}],
    ['a page as a browser asks for it', '/', { accept: 'text/html' }],
    ['an export as CSV', '/api/books', csv],
    ['an export of related rows', '/api/authors/1/books', { accept: 'application/x-ndjson' }],
    ['a refused export', '/api/books?count=exact', csv],
    ['an absent row', '/api/books/77', {}],
    ['an unknown address', '/api/nothing', {}],
    ['an unknown parameter', '/api/books?nothing=1', {}],
    ['a refused header', '/api/books/1', { 'idempotency-key': 'a' }],
    ['an invalid tag', '/api/books/1', { 'if-none-match': 'x' }],
    ['an Accept without a served type', '/api/books/1', { accept: 'image/png' }],
    ['invalid credentials', '/api/books/1', { authorization: 'Basic x' }],
    ['a URL that is too long', `/api/books?${'a'.repeat(9000)}`, {}],
    ['a URL over the limit of the parser', `/api/books?${'a'.repeat(60_000)}`, {}],
    ['a path of invalid UTF-8', '/api/books/%ff', {}],
    ['a query', query('{ books(first: 1) { nodes { id } } }'), {}],
    [
      'a query in the other media type',
      query('{ books(first: 1) { nodes { id } } }'),
      { accept: 'application/graphql-response+json' },
    ],
    ['an invalid query', query('{ nothing }'), { accept: 'application/graphql-response+json' }],
    ['a query of the schema', query('{ __schema { types { name } } }'), {}],
    [
      'a mutation',
      query('mutation { createBook(input: { id: 99, title: "x", authorId: 1 }) { id } }'),
      {},
    ],
    ['a hand-written route with a wrong parameter', '/api/own/checked/x', {}],
  ])('for %s', async (_what, url, headers) => {
    expect(await compare(url, headers)).toBeNull()
  })

  test.each([
    '/api/books?limit=2',
    '/api/books/1',
    '/api/authors/1/books',
    '/api/longest',
    '/openapi.json',
    '/api',
  ])("for %s, where the caller's copy is valid", async (url) => {
    const known = { 'if-none-match': await etag(url) }
    expect((await ask('GET', url, known)).status).toContain('304')
    expect(await compare(url, known)).toBeNull()
  })
})
