// The museum served twice over one database: its operations compiled, and all of them by graphql-js. Both must say the same.
import { fastify, type FastifyInstance } from 'fastify'
import { getTableConfig } from 'drizzle-orm/pg-core'
import type { GraphQLSchema } from 'graphql'
import type { Database } from '../../../src/db/database.ts'
import { openEngine } from '../../../src/engine/engine.ts'
import type { AnyExtension } from '../../../src/graphql/schema/builder.ts'
import { graphqlPlugin } from '../../../src/graphql/plugin.ts'
import { anonymous, type Caller } from '../../../src/schema/declare/caller.ts'
import type { Model } from '../../../src/schema/model/model.ts'
import { canonical, parseExact } from '../../../src/parity/send/json.ts'

/** A request and its caller. */
export interface Request {
  readonly caller: Caller
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
}

/** The answers of both ways, in a form to compare. */
export interface Both {
  readonly compiled: string
  readonly ordinary: string
}

export interface TwoWays {
  readonly schema: GraphQLSchema
  /** The compiled way's own schema. */
  readonly compiledSchema: GraphQLSchema
  /** Statements of the compiled way since the beginning: rendered as their rows came, and kept for graphql-js. */
  readonly counts: { readonly rendered: number; readonly kept: number }
  /** Requests at the same time, first on the one way, then on the other. */
  ask(requests: readonly Request[]): Promise<readonly Both[]>
  /** The unchanged data of one request, by graphql-js. */
  data(request: Request): Promise<unknown>
  close(): Promise<void>
}

export interface TwoWaysOptions {
  readonly model: Model
  readonly database: Database
  readonly relations: unknown
  readonly extension?: AnyExtension
  /** Wraps the requests of a way, for example to roll their writes back; its result is compared too. */
  readonly around?: (work: () => Promise<readonly string[]>) => Promise<readonly string[]>
}

interface Way {
  readonly app: FastifyInstance
  readonly callers: Map<string, Caller>
  rendered: number
  kept: number
}

export async function openTwoWays(options: TwoWaysOptions): Promise<TwoWays> {
  const [compiled, ordinary] = await Promise.all([openWay(options, true), openWay(options, false)])
  const { around = (work) => work() } = options
  const askAll = (way: Way, requests: readonly Request[]) =>
    around(() => Promise.all(requests.map((request) => ask(way, request))))
  return {
    schema: ordinary.app.graphql.schema,
    compiledSchema: compiled.app.graphql.schema,
    counts: compiled,
    async ask(requests) {
      const [first, second] = [await askAll(compiled, requests), await askAll(ordinary, requests)]
      return first.map((text, i) => ({
        compiled: comparable(text),
        ordinary: comparable(second[i] ?? ''),
      }))
    },
    async data(request) {
      const text = await ask(ordinary, request)
      const { body } = JSON.parse(text) as { readonly body: { readonly data?: unknown } } // as ask has put it together
      if (body.data === undefined) throw new Error(`${request.query} was answered ${text}`)
      return body.data
    },
    async close() {
      await Promise.all([compiled.app.close(), ordinary.app.close()])
    },
  }
}

async function openWay(
  { model, database, relations, extension }: TwoWaysOptions,
  compile: boolean,
): Promise<Way> {
  const app = fastify()
  const way: Way = { app, callers: new Map(), rendered: 0, kept: 0 }
  const watched: Database = {
    ...database,
    read: (statement, take, run) =>
      database.read(
        statement,
        (rows) => {
          const taken = take(rows)
          const isRendered = typeof taken === 'object' && taken !== null && 'found' in taken
          way[isRendered ? 'rendered' : 'kept'] += 1
          return taken
        },
        run,
      ),
    query: (statement, run) => {
      way.kept += 1
      return database.query(statement, run)
    },
  }
  await graphqlPlugin(app, {
    compile,
    extension,
    introspection: true,
    limits: { aliases: 500, directives: 500, tokens: 10_000, bytes: 100_000 },
    engine: openEngine({ model, database: watched, limits: { cost: 1_000_000 } }),
    contextOf: (request) => ({
      caller: way.callers.get(String(request.headers['x-caller'])) ?? anonymous,
      signal: request.signal,
      requestId: request.id,
    }),
    drizzle: { client: database.drizzle, getTableConfig, relations: relations as never }, // the museum's
    onProblem: () => {},
  })
  await app.ready()
  return way
}

async function ask(way: Way, { caller, query, variables = {} }: Request): Promise<string> {
  const name = JSON.stringify(caller)
  if (!way.callers.has(name)) way.callers.set(name, caller)
  const { statusCode, body } = await way.app.inject({
    method: 'POST',
    url: '/graphql',
    payload: JSON.stringify({ query, variables }),
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      'x-caller': name,
    },
  })
  return `{"status":${statusCode},"body":${body}}`
}

interface Answer {
  readonly status: unknown
  readonly body: {
    readonly data?: unknown
    readonly errors?: readonly { readonly extensions: Readonly<Record<string, unknown>> }[]
  }
}

/** Digits and the order of members count; the order of errors and the number of the request do not. */
function comparable(text: string): string {
  const {
    status,
    body: { data, errors = [] },
  } = parseExact(text) as Answer // as ask has put it together
  const told = errors
    .map(({ extensions: { requestId: _id, ...extensions }, ...error }) =>
      canonical({ ...error, extensions }),
    )
    .toSorted()
  return JSON.stringify({ status, data, errors: told }, null, 1).replaceAll(
    String.raw`"\u0000`,
    '"number ',
  )
}
