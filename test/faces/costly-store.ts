// The store without rows on both faces, over a database that counts its statements: for tests of what requests cost.
import { fileURLToPath } from 'node:url'
import { inject as provided } from 'vitest'
import store from '../../app/gateway.ts'
import { relations } from '../../app/relations.ts'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import { authorizationOf } from '../../src/parity/generate/callers.ts'
import type { TestGateway } from '../../src/parity/gateway.ts'
import { openTestGateway } from '../../src/testing/test-gateway.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  // tests compare it with their expectation, so its type is open
  readonly body: ReturnType<typeof JSON.parse>
  readonly ms: number
  /** Statements that the database was asked for it. */
  readonly statements: number
}

export interface Sent {
  readonly roles?: readonly string[]
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface CostlyStore {
  readonly gateway: TestGateway
  /** Statements since it was set to zero. */
  readonly asked: { statements: number }
  /** `send('GET /api/products')` */
  send(what: string, sent?: Sent): Promise<Answer>
  graphql(query: string, sent?: Sent): Promise<Answer>
  close(): Promise<void>
}

function counting(base: Database, asked: CostlyStore['asked']): Database {
  return {
    ...base,
    read(...parts) {
      asked.statements += 1
      return base.read(...parts)
    },
    write(...parts) {
      asked.statements += 1
      return base.write(...parts)
    },
    query(...parts) {
      asked.statements += 1
      return base.query(...parts)
    },
    transaction(...parts) {
      asked.statements += 1
      return base.transaction(...parts)
    },
  }
}

export async function openCostlyStore(): Promise<CostlyStore> {
  const database = await openDatabase({
    url: 'pglite:memory',
    poolMax: 2,
    statementTimeout: 10_000,
    lockTimeout: 1000,
    idleInTransactionTimeout: 10_000,
    connectTimeout: 10_000,
    relations,
    snapshot: provided('pgliteSnapshot'),
  })
  await migrateDatabase(database, {
    folder: fileURLToPath(new URL('../../app/drizzle', import.meta.url)),
  })
  const asked = { statements: 0 }
  const gateway = await openTestGateway(
    { ...store, limits: { roles: { staff: { cost: 5000 }, intern: { cost: 3 } } } },
    { database: counting(database, asked) },
  )
  async function send(what: string, { roles, body, headers = {} }: Sent = {}): Promise<Answer> {
    const [method = '', ...url] = what.split(' ')
    const as = roles === undefined ? {} : authorizationOf({ sub: 'somebody', roles })
    asked.statements = 0
    const start = performance.now()
    const answer = await gateway.app.inject({
      method: method as 'GET', // as the tests write it
      url: url.join(' '),
      headers: { ...as, ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    const ms = performance.now() - start
    const text = answer.body
    const isJson = text.startsWith('{') || text.startsWith('[')
    const { statusCode: status } = answer
    const { statements } = asked
    return {
      status,
      headers: answer.headers,
      body: isJson ? JSON.parse(text) : text,
      ms,
      statements,
    }
  }
  return {
    gateway,
    asked,
    send,
    graphql: (query, sent = {}) => send('POST /graphql', { ...sent, body: { query } }),
    async close() {
      await gateway.close()
      await database.close()
    },
  }
}

export const requestedIn = ({ headers }: Pick<Answer, 'headers'>): number =>
  Number(/requested=(\d+)/.exec(String(headers['bifrons-cost']))?.[1])

export const codeIn = ({ body }: Answer): string | undefined =>
  body.code ?? body.errors?.[0]?.extensions?.code

/** A document that asks for a field several times. */
export const aliases = (count: number, field: string): string =>
  `{ ${Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ')} }`
