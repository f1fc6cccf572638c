// Serves a declaration over a fresh database, for requests by either face with any headers and caller.
import type { FastifyInstance } from 'fastify'
import type { Database } from '../../src/db/database.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import type { Authenticator } from '../../src/server/auth/authenticator.ts'
import { readConfig } from '../../src/server/config/config.ts'
import type { DriftWatch } from '../../src/server/drift.ts'
import type { AnyGateway } from '../../src/server/gateway.ts'
import type { LogStream } from '../../src/server/log/log.ts'
import { openGateway } from '../../src/server/open-gateway.ts'
import { createTables } from '../engine/support.ts'

/** `Bearer staff` is staff, `Bearer ann` has the claim of ann; `Bearer staff+ann` is the same person as `staff` with another claim, `Bearer ann~home` has the issuer `home`. */
const byName: Authenticator = {
  name: 'names',
  open:
    () =>
    async ({ token }) => {
      const [name = '', issuer] = token.split('~')
      const [id = '', acting = id] = name.split('+')
      return {
        via: 'jwt',
        id,
        ...(issuer === undefined ? {} : { issuer }),
        roles: id === 'staff' ? ['staff'] : [],
        claims: acting === 'staff' ? {} : { user: acting },
      }
    },
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  // tests compare it with their expectation, so its type is open
  readonly body: ReturnType<typeof JSON.parse>
}

export interface Sent {
  readonly as?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly variables?: unknown
}

export interface Faces {
  readonly app: FastifyInstance
  readonly database: Database
  readonly drift: DriftWatch
  /** `rest('GET /api/pages/1', { as: 'ann' })` */
  rest(what: string, sent?: Sent): Promise<Reply>
  graphql(query: string, sent?: Sent): Promise<Reply>
  sql(text: string, ...values: unknown[]): Promise<readonly (readonly (string | null)[])[]>
}

export const openFaces = (
  database: Database,
  tables: Readonly<Record<string, unknown>>,
  declaration: AnyGateway,
  env: Readonly<Record<string, string>> = {},
): Promise<Faces> => openFacesWith({ database, tables, declaration, env })

interface FacesOptions {
  readonly database: Database
  readonly tables: Readonly<Record<string, unknown>>
  readonly declaration: AnyGateway
  readonly env: Readonly<Record<string, string>>
  readonly logStream?: LogStream
}

export async function openFacesWith({
  database,
  tables,
  declaration,
  env,
  logStream,
}: FacesOptions): Promise<Faces> {
  await migrateDatabase(database)
  await createTables(database, tables)
  const config = readConfig(
    { DATABASE_URL: 'pglite:memory', LOG_LEVEL: 'fatal', PORT: '0', RATE_LIMIT_MAX: '0', ...env },
    'development',
  )
  const { app, drift } = await openGateway({ ...declaration, auth: [byName] }, config, {
    database,
    ...(logStream !== undefined && { logStream }),
  })
  const send = async (
    method: string,
    url: string,
    { as, headers = {}, body }: Sent,
  ): Promise<Reply> => {
    const answer = await app.inject({
      method: method as 'GET',
      url, // as the tests write it
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    const fields = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
    return {
      status: answer.statusCode,
      headers: Object.fromEntries(fields),
      text: answer.body,
      body: isJson(answer) ? JSON.parse(answer.body) : undefined,
    }
  }
  return {
    app,
    database,
    drift,
    rest(what, sent = {}) {
      const [, method = '', url = ''] = /^(\w+) (.*)$/s.exec(what) ?? []
      return send(method, url, sent)
    },
    graphql: (query, { variables, ...sent } = {}) =>
      send('POST', '/graphql', { ...sent, body: { query, variables } }),
    sql: async (text, ...values) => (await database.query({ text, values })).rows,
  }
}

const isJson = ({ body, headers }: { body: string; headers: Record<string, unknown> }): boolean =>
  body !== '' && /[/+]json/.test(String(headers['content-type'])) && !body.includes('\n')

/** The error of a reply, the same for both faces: the code, then each issue as `part path code`. */
export function faultOf({ body }: Reply): readonly string[] {
  const error = body?.errors?.[0]?.extensions ?? body // GraphQL's first error, or REST's problem
  return [
    error?.code,
    ...(error?.issues ?? []).map(
      (issue: { in: string; path: readonly unknown[]; code: string }) =>
        `${issue.in} ${issue.path.join('.')} ${issue.code}`,
    ),
  ]
}
