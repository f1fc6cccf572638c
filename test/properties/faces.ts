// Both faces of a declared gateway over a database, as properties ask them.
import type { FastifyInstance } from 'fastify'
import type { Database } from '../../src/db/database.ts'
import { readConfig } from '../../src/server/config/config.ts'
import type { AnyGateway } from '../../src/server/gateway.ts'
import { openGateway } from '../../src/server/open-gateway.ts'

// what JSON says; a property says what it expects of it
type Json = ReturnType<typeof JSON.parse>

export interface Faces {
  readonly app: FastifyInstance
  /** The data of an answer without errors. */
  graphql(query: string, variables?: object): Promise<Json>
  /** The body of an answer that is no problem. */
  rest(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<Json>
}

export async function openFaces(declaration: AnyGateway, database: Database): Promise<Faces> {
  const config = readConfig(
    { DATABASE_URL: 'pglite:memory', RATE_LIMIT_MAX: '0', LOG_LEVEL: 'silent', PORT: '0' },
    'development',
  )
  const { app } = await openGateway(declaration, config, { database })
  const send = async (
    method: 'GET' | 'POST' | 'PATCH',
    url: string,
    body?: object,
  ): Promise<Json> => {
    const answer = await app.inject({
      method,
      url,
      ...(body === undefined ? {} : { payload: body }),
    })
    if (answer.statusCode >= 300)
      throw new Error(
        `${method} ${url} ${JSON.stringify(body)} is answered ${answer.statusCode}: ${answer.body}`,
      )
    return answer.body === '' ? null : JSON.parse(answer.body)
  }
  return {
    app,
    async graphql(query, variables = {}) {
      const { data, errors } = await send('POST', '/graphql', { query, variables })
      if (errors !== undefined)
        throw new Error(
          `${query} ${JSON.stringify(variables)} is answered ${JSON.stringify(errors)}`,
        )
      return data
    },
    rest: (method, path, body) => send(method, `/api${path}`, body),
  }
}
