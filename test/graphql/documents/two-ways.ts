// The museum served twice over one database: its operations compiled, and all of them by graphql-js. Both must say the same.
import { fastify, type FastifyInstance } from 'fastify'
import { getTableConfig } from 'drizzle-orm/pg-core'
import type { GraphQLSchema } from 'graphql'
import type { Database } from '../../../src/db/database.ts'
import { openEngine } from '../../../src/engine/engine.ts'
import type { AnyExtension } from '../../../src/graphql/builder.ts'
import { graphqlPlugin } from '../../../src/graphql/plugin.ts'
import { anonymous, type Caller } from '../../../src/schema/caller.ts'
import type { Model } from '../../../src/schema/model.ts'
import { canonical, parseExact } from '../../../src/testing/parity/json.ts'

/** A request, and what each way answers, in a form to compare. */
export interface Both {
  readonly compiled: string
  readonly ordinary: string
  /** Whether the engine wrote the answer from rows as bytes; null where nothing was read. */
  readonly wasCompiled: boolean | null
}

export interface TwoWays {
  readonly schema: GraphQLSchema
  ask(caller: Caller, query: string, variables: Readonly<Record<string, unknown>>): Promise<Both>
  /** The data of one request as it is, on the ordinary way. */
  data(caller: Caller, query: string, variables?: Readonly<Record<string, unknown>>): Promise<unknown>
  close(): Promise<void>
}

export interface TwoWaysOptions {
  readonly model: Model
  readonly database: Database
  readonly relations: unknown
  readonly extension?: AnyExtension
  /** What is done around each request, such as taking its writes back. */
  readonly around?: (work: () => Promise<string>) => Promise<string>
}

interface Way {
  readonly app: FastifyInstance
  caller: Caller
  /** Statements read as bytes, and as text. */
  reads: number
  queries: number
}

export async function openTwoWays(options: TwoWaysOptions): Promise<TwoWays> {
  const [compiled, ordinary] = await Promise.all([openWay(options, true), openWay(options, false)])
  const around = options.around ?? ((work: () => Promise<string>) => work())
  return {
    schema: ordinary.app.graphql.schema,
    async ask(caller, query, variables) {
      compiled.reads = compiled.queries = 0
      const [first, second] = [await around(() => ask(compiled, caller, query, variables)), await around(() => ask(ordinary, caller, query, variables))]
      const { reads, queries } = compiled
      return { compiled: comparable(first), ordinary: comparable(second), wasCompiled: reads + queries === 0 ? null : queries === 0 }
    },
    async data(caller, query, variables = {}) {
      const text = await ask(ordinary, caller, query, variables)
      const { body } = JSON.parse(text) as { readonly body: { readonly data?: unknown } } // as ask has put it together
      if (body.data === undefined) throw new Error(`${query} was answered ${text}`)
      return body.data
    },
    async close() {
      await Promise.all([compiled.app.close(), ordinary.app.close()])
    },
  }
}

async function openWay({ model, database, relations, extension }: TwoWaysOptions, compile: boolean): Promise<Way> {
  const app = fastify()
  const way: Way = { app, caller: anonymous, reads: 0, queries: 0 }
  const watched: Database = {
    ...database,
    read: (statement, run) => {
      way.reads += 1
      return database.read(statement, run)
    },
    query: (statement, run) => {
      way.queries += 1
      return database.query(statement, run)
    },
  }
  await graphqlPlugin(app, {
    compile, extension, introspection: true, limits: { aliases: 500, directives: 500, tokens: 10_000, bytes: 100_000 },
    engine: openEngine({ model, database: watched }),
    contextOf: (request) => ({ caller: way.caller, signal: request.signal, requestId: request.id }),
    drizzle: { client: database.drizzle, getTableConfig, relations: relations as never }, // the museum's
    onProblem: () => {},
  })
  await app.ready()
  return way
}

async function ask(way: Way, caller: Caller, query: string, variables: Readonly<Record<string, unknown>>): Promise<string> {
  way.caller = caller
  const { statusCode, body } = await way.app.inject({
    method: 'POST', url: '/graphql', payload: JSON.stringify({ query, variables }),
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
  })
  return `{"status":${statusCode},"body":${body}}`
}

interface Answer {
  readonly status: unknown
  readonly body: { readonly data?: unknown, readonly errors?: readonly { readonly extensions: Readonly<Record<string, unknown>> }[] }
}

/** Digits and the order of members count; the order of errors and the number of the request do not. */
function comparable(text: string): string {
  const { status, body: { data, errors = [] } } = parseExact(text) as Answer // as ask has put it together
  const told = errors.map(({ extensions: { requestId: _id, ...extensions }, ...error }) => canonical({ ...error, extensions })).toSorted()
  return JSON.stringify({ status, data, errors: told }, null, 1).replaceAll(String.raw`"\u0000`, '"number ')
}
