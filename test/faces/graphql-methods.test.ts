// Only POST executes a mutation over /graphql: every method, content type, Origin and Sec-Fetch-Site.
import { defineRelations } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open.ts'
import { declare } from '../../src/schema/declare/declare.ts'
import { type Faces, openFaces } from './http.ts'

const notes = pgTable('notes', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  body: text().notNull(),
})
const relations = defineRelations({ notes })
const { resource, access } = declare({ relations })
const note = resource('notes', { access: { read: access.everyone, create: access.everyone } })

let database: Database
let faces: Faces
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
  faces = await openFaces(database, { notes }, { name: 'Notes', relations, resources: { note } })
})
afterAll(async () => {
  await faces.app.close()
  await database.close()
})

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
type Method = (typeof methods)[number]

const contentTypes = [
  null,
  'application/json',
  'application/json; charset=utf-8',
  'text/plain',
  'text/plain; application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
] as const
const origins = [null, 'https://evil.example', 'null'] as const
const sites = [null, 'same-origin', 'same-site', 'cross-site'] as const

/** A row of the matrix; its cells are all Origins with all Sec-Fetch-Sites. */
interface Row {
  readonly method: Method
  readonly contentType: (typeof contentTypes)[number]
}

interface Cell extends Row {
  readonly origin: (typeof origins)[number]
  readonly site: (typeof sites)[number]
}

const rows: readonly Row[] = methods.flatMap((method) =>
  (method === 'OPTIONS' ? [null] : contentTypes).map((contentType) => ({ method, contentType })),
)
const cellsOf = (row: Row): readonly Cell[] =>
  origins.flatMap((origin) => sites.map((site) => ({ ...row, origin, site })))

const isJson = ({ contentType }: Row): boolean =>
  contentType?.startsWith('application/json') === true

interface Expected {
  readonly does: string
  readonly mutation: { readonly status: number; readonly allow?: string }
  /** Of the same request with a query. */
  readonly query: number
}

/** The expected result of each cell of a row. Origin and Sec-Fetch-Site have no influence: credentials are headers and never cookies. */
function expectedOf(row: Row): Expected {
  const { method } = row
  if (method === 'GET' || method === 'HEAD')
    return {
      does: 'refuses the mutation, answers the query',
      mutation: { status: 405, allow: 'POST' },
      query: 200,
    }
  if (method === 'OPTIONS')
    return {
      does: 'names the methods',
      mutation: { status: 204, allow: 'GET, HEAD, OPTIONS, POST' },
      query: 204,
    }
  if (method !== 'POST')
    return {
      does: 'refuses the method',
      mutation: { status: 405, allow: 'GET, HEAD, OPTIONS, POST' },
      query: 405,
    }
  if (isJson(row)) return { does: 'executes both', mutation: { status: 200 }, query: 200 }
  return { does: 'refuses the content type', mutation: { status: 415 }, query: 415 }
}

const nameOf = (row: Row): string =>
  `${row.method} of ${row.contentType ?? 'no type'}: ${expectedOf(row).does}, whatever Origin and Sec-Fetch-Site say`

const mutation = 'mutation { createNote(input: { body: "x" }) { id } }'
const query = '{ notes { totalCount } }'

const bodiless: ReadonlySet<Method> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The document stands in the query string and in the body, so that no method is spared for want of a place. */
async function send(
  { method, contentType, origin, site }: Cell,
  document: string,
  more: Readonly<Record<string, string>> = {},
) {
  return faces.app.inject({
    method,
    url: `/graphql?query=${encodeURIComponent(document)}`,
    headers: {
      ...(contentType === null ? {} : { 'content-type': contentType }),
      ...(origin === null ? {} : { origin }),
      ...(site === null ? {} : { 'sec-fetch-site': site }),
      ...more,
    },
    ...(bodiless.has(method) ? {} : { payload: JSON.stringify({ query: document }) }),
  })
}

let known = 0
/** Rows that were written since the last call. */
async function written(): Promise<number> {
  const before = known
  known = Number((await faces.sql('select count(*) from notes'))[0]?.[0])
  return known - before
}

describe('/graphql', () => {
  test.each(rows.map((row) => [nameOf(row), row] as const))('%s', async (_name, row) => {
    const {
      does,
      mutation: { status, allow },
      query: queried,
    } = expectedOf(row)
    const cells = cellsOf(row)
    const told = await Promise.all(
      cells.map(async (cell) => {
        const [mutated, asked] = await Promise.all([send(cell, mutation), send(cell, query)])
        const readers = [mutated, asked].map(
          ({ headers }) => headers['access-control-allow-origin'],
        )
        return {
          ...cell,
          mutated: [mutated.statusCode, mutated.headers['allow']],
          asked: asked.statusCode,
          readers,
        }
      }),
    )
    expect(told).toEqual(
      cells.map((cell) => ({
        ...cell,
        mutated: [status, allow],
        asked: queried,
        readers: [undefined, undefined],
      })),
    )
    expect(await written()).toBe(does === 'executes both' ? cells.length : 0)
  })

  test.each(['GET', 'HEAD'] as const)(
    '%s ignores headers that override the method, and does not execute a mutation by operationName',
    async (method) => {
      const cell: Cell = { method, contentType: 'application/json', origin: null, site: null }
      for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override'])
        expect((await send(cell, mutation, { [name]: 'POST' })).statusCode).toBe(405)
      const both = `query A ${query} mutation B ${mutation.slice('mutation '.length)}`
      const url = (name: string): string =>
        `/graphql?query=${encodeURIComponent(both)}&operationName=${name}`
      expect((await faces.app.inject({ method, url: url('A') })).statusCode).toBe(200)
      expect((await faces.app.inject({ method, url: url('B') })).statusCode).toBe(405)
      await send(cell, mutation, { 'idempotency-key': 'a', authorization: 'Bearer ann' })
      expect(await written()).toBe(0)
    },
  )
})
