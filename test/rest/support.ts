// Serves the shop on the real server with an embedded database. Tests send requests as in HTTP, and name callers by their token.
import type { FastifyInstance } from 'fastify'
import { inject } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open.ts'
import { openEngine } from '../../src/engine/engine.ts'
import type { ProblemBody } from '../../src/problem-body.ts'
import { restPlugin, type RestOptions } from '../../src/rest/plugin.ts'
import type { Authenticator } from '../../src/server/auth/authenticator.ts'
import { buildServer } from '../../src/server/build-server.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { buildShop, relations, shopStatements } from './shop.ts'

/** `Bearer staff` is staff, `Bearer ann` the customer ann. */
const byName: Authenticator = {
  name: 'names',
  open:
    () =>
    async ({ token }) => ({
      via: 'jwt',
      id: token,
      roles: token === 'staff' ? ['staff'] : [],
      claims: token === 'staff' ? {} : { customer: token },
    }),
}

export interface Shop {
  readonly app: FastifyInstance
  readonly database: Database
}

export async function openShop(
  options: Partial<Pick<RestOptions, 'prefix' | 'extension' | 'docs'>> & {
    readonly env?: Record<string, string>
  } = {},
): Promise<Shop> {
  const { env = {}, ...rest } = options
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
  for (const text of shopStatements) await database.query({ text, values: [] })
  const engine = openEngine({ model: buildShop(), database })
  const app = await buildServer({
    config: readConfig(
      {
        DATABASE_URL: 'pglite:memory',
        LOG_LEVEL: 'fatal',
        PORT: '0',
        RATE_LIMIT_MAX: '0',
        COST_BUDGET: '0',
        ...env,
      },
      'development',
    ),
    database,
    authenticators: [byName],
    home: { name: 'Shop', version: '0.0.0', links: [] },
    mounts: [
      (scope) =>
        restPlugin(scope, {
          engine,
          docs: true,
          ...rest,
          contextOf: (request) => ({
            caller: request.caller,
            signal: request.work.signal,
            requestId: request.id,
          }),
          onExport: (request) => request.work.prolong(60_000),
          onProblem: (request, problem) => scope.reportProblem(request, problem),
        }),
    ],
  })
  return { app, database }
}

export async function closeShop({ app, database }: Shop): Promise<void> {
  await app.close()
  await database.close()
}

export interface Reply {
  readonly status: number
  /** Undefined in a test's list where the header is not there. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  // tests compare it with their expectation, so its type is open
  readonly body: ReturnType<typeof JSON.parse>
}

interface Asked {
  readonly as?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

/** `call(shop, 'GET /api/products?limit=1')` */
export async function call(
  { app }: Shop,
  what: string,
  { as, headers = {}, body }: Asked = {},
): Promise<Reply> {
  const [, method = 'GET', url = ''] = /^(\w+) (.*)$/s.exec(what) ?? []
  const answer = await app.inject({
    method: method as Method,
    url, // as the tests write it
    headers: {
      ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined
      ? {}
      : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = answer.body
  const fields = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(fields),
    text,
    body:
      text === '' || !/[/+]json(;|$)/.test(String(answer.headers['content-type']))
        ? undefined
        : JSON.parse(text),
  }
}

/** The problem's code, then each issue as `part path code`. */
export function problemOf({ status, headers, body }: Reply): readonly string[] {
  const problem: ProblemBody = body
  if (headers['content-type'] !== 'application/problem+json' || problem.status !== status)
    throw new Error(`no problem: ${status} ${JSON.stringify(body)}`)
  return [
    `${status} ${problem.code}`,
    ...(problem.issues ?? []).map((issue) => `${issue.in} ${issue.path.join('.')} ${issue.code}`),
  ]
}

export const names = (reply: Reply): readonly string[] =>
  (reply.body.data as readonly { name: string }[]).map(({ name }) => name) // a page of products
