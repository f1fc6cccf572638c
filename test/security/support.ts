// The reference store on the real server, for requests as in HTTP by callers with signed tokens.
import { SignJWT } from 'jose'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { inject } from 'vitest'
import store from '../../app/gateway.ts'
import type { Database } from '../../src/db/database.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { HandlerTransaction } from '../../src/schema/declare/declare.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { toDatabaseOptions } from '../../src/server/config/database-options.ts'
import { openGateway } from '../../src/server/open-gateway.ts'

const secret = 'a-secret-of-tests-that-is-long-enough'

export const customerId = (number: number): string =>
  `c0000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`

const sign = (claims: Readonly<Record<string, unknown>>): Promise<string> =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret))

export interface Reply {
  readonly status: number
  // tests compare it with their expectation, so its type is open
  readonly body: ReturnType<typeof JSON.parse>
}

export interface Store {
  readonly app: FastifyInstance
  readonly engine: Engine
  readonly database: Database
  /** `call('GET /api/products', { as: store.staff })` */
  call(what: string, asked?: { readonly as?: string; readonly body?: unknown }): Promise<Reply>
  graphql(
    query: string,
    asked?: { readonly as?: string; readonly variables?: unknown; readonly operationName?: string },
  ): Promise<Reply>
  /** Tokens of the first customer, and of the staff. */
  readonly customer: string
  readonly staff: string
  close(): Promise<void>
}

/** @param snapshot of an empty database; a process of its own is told of it */
export async function openStore(
  env: Readonly<Record<string, string>> = {},
  snapshot = inject('pgliteSnapshot'),
): Promise<Store> {
  const config = readConfig(
    {
      DATABASE_URL: 'pglite:memory',
      JWT_SECRET: secret,
      RATE_LIMIT_MAX: '0',
      LOG_LEVEL: 'silent',
      PORT: '0',
      ...env,
    },
    'development',
  )
  const database = await openDatabase({ ...toDatabaseOptions(store, config), snapshot })
  await migrateDatabase(database, {
    folder: fileURLToPath(new URL('../../app/drizzle', import.meta.url)),
  })
  await database.transaction(
    (tx) =>
      store.seed?.(tx.drizzle as HandlerTransaction<never>, { scale: 1, progress: () => {} }) ??
      Promise.resolve(),
  ) // db/ knows no team's tables
  const { app, engine } = await openGateway(store, config, { database })
  const call: Store['call'] = async (what, { as, body } = {}) => {
    const [method, url = ''] = what.split(' ', 2)
    const answer = await app.inject({
      method: method as 'GET',
      url, // as the tests write it
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined
        ? {}
        : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return { status: answer.statusCode, body: answer.body === '' ? null : JSON.parse(answer.body) }
  }
  return {
    app,
    engine,
    database,
    call,
    graphql: (query, { as, ...more } = {}) =>
      call('POST /graphql', { body: { query, ...more }, ...(as === undefined ? {} : { as }) }),
    customer: await sign({ sub: 'customer-1', customerId: customerId(1) }),
    staff: await sign({ sub: 'staff-1', roles: ['staff'] }),
    async close() {
      await app.close()
      await database.close()
    },
  }
}

/** A reply without the parts that differ from request to request. */
export function toAnswer({ status, body }: Reply): unknown {
  const { instance: _, ...rest } = body as { readonly instance?: string } // a problem or a row
  return { status, ...rest }
}
