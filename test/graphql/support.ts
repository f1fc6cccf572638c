// Serves the library for requests in GraphQL, and counts every statement.
import { fastify, type FastifyInstance } from 'fastify'
import { getTableConfig } from 'drizzle-orm/pg-core'
import type { Database, Statement } from '../../src/db/database.ts'
import { openEngine } from '../../src/engine/engine.ts'
import type { Problem } from '../../src/errors.ts'
import type { DocumentLimits } from '../../src/graphql/document/read-document.ts'
import type { ListedDocuments } from '../../src/graphql/document/listed-documents.ts'
import type { OutdatedDocument } from '../../src/graphql/document/prepare-listed.ts'
import type { ErrorEntry } from '../../src/graphql/errors.ts'
import { graphqlPlugin } from '../../src/graphql/plugin.ts'
import type { AnyExtension } from '../../src/graphql/schema/builder.ts'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { anonymous, type Caller } from '../../src/schema/declare/caller.ts'
import { openDatabase } from '../../src/db/open.ts'
import { inject } from 'vitest'
import { declaration, relations, statements } from './library.ts'

export const staff: Caller = { via: 'jwt', id: 'staff', roles: ['staff'], claims: {} }
export const ann: Caller = { via: 'jwt', id: 'ann', roles: [], claims: { member: 'ann' } }

export interface Library {
  readonly app: FastifyInstance
  readonly database: Database
  /** Every statement since it was last emptied, those of hand-written fields included. */
  readonly ran: Statement['text'][]
  readonly problems: Problem[]
  /** Sets the caller of the next requests. */
  caller: Caller
  send(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Answer>
  close(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly text: string
  // tests compare it with their expectation, so its type is open
  readonly data: ReturnType<typeof JSON.parse>
  readonly errors: readonly ErrorEntry[] | undefined
}

export interface LibraryOptions {
  readonly introspection?: boolean
  readonly extension?: AnyExtension
  readonly limits?: Partial<DocumentLimits>
  readonly listed?: ListedDocuments
  readonly onOutdated?: (document: OutdatedDocument) => void
}

export async function openLibrary({
  introspection = true,
  extension,
  limits = {},
  ...lists
}: LibraryOptions = {}): Promise<Library> {
  const ran: string[] = []
  const problems: Problem[] = []
  const database = await openDatabase({
    url: 'pglite:memory',
    snapshot: inject('pgliteSnapshot'),
    poolMax: 1,
    relations,
    statementTimeout: 5000,
    lockTimeout: 2000,
    idleInTransactionTimeout: 10_000,
    connectTimeout: 2000,
  })
  for (const text of statements) await database.query({ text, values: [] })
  const watched: Database = {
    ...database,
    read: (statement, take, run) => {
      ran.push(statement.text)
      return database.read(statement, take, run)
    },
    write: (statement, take, run) => {
      ran.push(statement.text)
      return database.write(statement, take, run)
    },
    query: (statement, run) => {
      ran.push(statement.text)
      return database.query(statement, run)
    },
  }
  const engine = openEngine({ model: buildModel(declaration), database: watched })
  const app = fastify()
  await graphqlPlugin(app, {
    engine,
    introspection,
    limits,
    ...lists,
    extension,
    contextOf: (request) => ({
      caller: library.caller,
      signal: request.signal,
      requestId: request.id,
    }),
    drizzle: { client: watchDrizzle(database.drizzle, ran), getTableConfig, relations },
    onProblem: (_request, problem) => {
      problems.push(problem)
    },
  })
  await app.ready()
  const library: Library = {
    app,
    database,
    ran,
    problems,
    caller: anonymous,
    async send(query, variables) {
      const answer = await app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { accept: 'application/graphql-response+json' },
        payload: { query, ...(variables === undefined ? {} : { variables }) },
      })
      const { data, errors } = answer.json<Pick<Answer, 'data' | 'errors'>>()
      return { status: answer.statusCode, text: answer.body, data, errors }
    },
    async close() {
      await app.close()
      await database.close()
    },
  }
  return library
}

/** Drizzle's `query.TABLE.findMany`, each call noted. */
function watchDrizzle(client: unknown, ran: string[]): unknown {
  const { query } = client as {
    query: Record<string, { findMany: (config: unknown) => { toSQL(): { sql: string } } }>
  }
  return new Proxy(client as object, {
    get: (target, name) =>
      name !== 'query'
        ? (Reflect.get(target, name) as unknown)
        : new Proxy(query, {
            get: (tables, table) => ({
              findMany: (config: unknown) => {
                const found = tables[String(table)]?.findMany(config)
                ran.push(found?.toSQL().sql ?? '')
                return found
              },
            }),
          }),
  })
}

/** The code of each error with its path, then its issues as `part path code`. */
export const codes = ({ errors = [] }: Answer): readonly string[] =>
  errors.flatMap(({ extensions, path }) => [
    `${extensions.code}${path === undefined ? '' : ` ${path.join('.')}`}`,
    ...(extensions.issues ?? []).map(
      (issue) => `${issue.in} ${issue.path.join('.')} ${issue.code}`,
    ),
  ])
