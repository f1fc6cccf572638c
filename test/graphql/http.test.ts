// GraphQL over HTTP: the Foundation's audit, and behaviour that it leaves open.
import type { LightMyRequestResponse } from 'fastify'
import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getTableConfig } from 'drizzle-orm/pg-core'
import { openEngine } from '../../src/engine/engine.ts'
import { graphqlPlugin } from '../../src/graphql/plugin.ts'
import { buildModel } from '../../src/schema/build/build-model.ts'
import { buildServer } from '../../src/server/build-server.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { declaration, relations } from './library.ts'
import { type Library, openLibrary } from './support.ts'

let library: Library
let url = ''
beforeAll(async () => {
  library = await openLibrary()
  url = `${await library.app.listen({ port: 0, host: '127.0.0.1' })}/graphql`
})
afterAll(() => library.close())

describe('the audit of graphql-http', () => {
  const audits = serverAudits({ url: () => url })

  it('has 61 checks', () => expect(audits).toHaveLength(61))

  it.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (_name, audit) => {
    const result = await audit.fn()
    expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok')
  })
})

describe('on the whole server', () => {
  it('the audit passes too, and other methods are 405', async () => {
    const { database } = library
    const engine = openEngine({ model: buildModel(declaration), database })
    const config = readConfig(
      { DATABASE_URL: 'pglite:memory', LOG_LEVEL: 'fatal', PORT: '0', RATE_LIMIT_MAX: '0' },
      'development',
    )
    const app = await buildServer({
      config,
      database,
      home: { name: 'Library', version: '0.0.0', links: [] },
      mounts: [
        (scope) =>
          graphqlPlugin(scope, {
            engine,
            introspection: true,
            extension: undefined,
            contextOf: (request) => ({
              caller: request.caller,
              signal: request.signal,
              requestId: request.id,
            }),
            drizzle: { client: database.drizzle, getTableConfig, relations },
            onProblem: () => {},
          }),
      ],
    })
    try {
      const address = await app.listen({ port: 0, host: '127.0.0.1' })
      const failed: string[] = []
      for (const audit of serverAudits({ url: `${address}/graphql` })) {
        const result = await audit.fn()
        if (result.status !== 'ok') failed.push(`${audit.name}: ${result.reason}`)
      }
      expect(failed).toEqual([])
      const other = await app.inject({ method: 'DELETE', url: '/graphql' })
      expect([other.statusCode, other.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS, POST'])
      const bad = await app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { authorization: 'Bearer x' },
        payload: { query: '{ __typename }' },
      })
      expect(codeOf(bad)).toEqual([401, 'UNAUTHENTICATED'])
      expect(bad.headers['www-authenticate']).toContain('Bearer')
    } finally {
      await app.close()
    }
  })
})

const post = (
  payload: unknown,
  headers: Record<string, string> = {},
): Promise<LightMyRequestResponse> =>
  library.app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(payload),
  })
const get = (
  query: Record<string, string | string[]>,
  accept = '*/*',
): Promise<LightMyRequestResponse> =>
  library.app.inject({ method: 'GET', url: '/graphql', headers: { accept }, query })
const codeOf = (answer: LightMyRequestResponse): [number, string] => [
  answer.statusCode,
  answer.json<{ errors: { extensions: { code: string } }[] }>().errors[0]?.extensions.code ?? '',
]

describe('a request', () => {
  const query = '{ __typename }'

  it("is answered in the client's preferred media type", async () => {
    const typeOf = async (accept: string) =>
      (await post({ query }, { accept })).headers['content-type']
    expect(await typeOf('application/graphql-response+json, application/json;q=0.9')).toBe(
      'application/graphql-response+json; charset=utf-8',
    )
    expect(await typeOf('application/json, application/graphql-response+json;q=0.1')).toBe(
      'application/json; charset=utf-8',
    )
    expect(await typeOf('text/html, application/xhtml+xml, */*;q=0.8')).toBe(
      'application/json; charset=utf-8',
    )
    expect(await typeOf('application/graphql-response+json, */*')).toBe(
      'application/graphql-response+json; charset=utf-8',
    )
    expect(codeOf(await post({ query }, { accept: 'text/html' }))).toEqual([406, 'NOT_ACCEPTABLE'])
    expect(codeOf(await post({ query }, { accept: 'application/json;q=0' }))).toEqual([
      406,
      'NOT_ACCEPTABLE',
    ])
  })

  it('is one JSON object with one operation', async () => {
    expect(codeOf(await post([{ query }]))).toEqual([400, 'BAD_REQUEST'])
    expect(codeOf(await post('{ __typename }'))).toEqual([400, 'BAD_REQUEST'])
    expect(codeOf(await post({ query }, { 'content-type': 'text/plain' }))).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ])
    expect(codeOf(await post({ query, id: 1 }))).toEqual([400, 'BAD_REQUEST'])
    expect(codeOf(await post({ query: { kind: 'Document', definitions: [] } }))).toEqual([
      400,
      'BAD_REQUEST',
    ])
    expect((await post({ query, extensions: { persisted: 1 } })).json()).toEqual({
      data: { __typename: 'Query' },
      extensions: { cost: { requested: 1, limit: 1000 } },
    })
  })

  it('by GET may only be a query', async () => {
    expect(
      (
        await get({
          query: 'query A($id: Int!) { author(id: $id) { name } } query B { __typename }',
          operationName: 'A',
          variables: '{"id":1}',
        })
      ).json(),
    ).toEqual({ data: { author: { name: 'Ann' } }, extensions: expect.any(Object) })
    const refused = await get({ query: 'mutation { createLetter(input: { body: "x" }) { id } }' })
    expect(codeOf(refused)).toEqual([405, 'METHOD_NOT_ALLOWED'])
    expect(refused.headers['allow']).toBe('POST')
    expect(codeOf(await get({ query: [query, query] }))).toEqual([400, 'BAD_REQUEST'])
    expect(codeOf(await get({ query, variables: '{' }))).toEqual([400, 'BAD_REQUEST'])
    expect(codeOf(await get({ query, variables: '[]' }))).toEqual([400, 'BAD_REQUEST'])
  })

  it('names one operation of its document', async () => {
    const accept = { accept: 'application/graphql-response+json' }
    expect(
      codeOf(await post({ query: 'query A { __typename } query B { __typename }' }, accept)),
    ).toEqual([400, 'BAD_REQUEST'])
    expect(codeOf(await post({ query, operationName: 'C' }, accept))).toEqual([400, 'BAD_REQUEST'])
    expect(codeOf(await post({ query: 'subscription { x }' }, accept))).toEqual([
      400,
      'BAD_REQUEST',
    ])
  })

  it('that fails is 200 in application/json, and has its own status in application/graphql-response+json', async () => {
    const unknown = '{ nothing }'
    expect(codeOf(await post({ query: unknown }, { accept: 'application/json' }))).toEqual([
      200,
      'BAD_REQUEST',
    ])
    expect(
      codeOf(await post({ query: unknown }, { accept: 'application/graphql-response+json' })),
    ).toEqual([400, 'BAD_REQUEST'])
    const wrong = { query: 'query ($id: Int!) { author(id: $id) { id } }', variables: { id: 'x' } }
    expect(codeOf(await post(wrong, { accept: 'application/json' }))).toEqual([
      200,
      'VALIDATION_FAILED',
    ])
    expect(codeOf(await post(wrong, { accept: 'application/graphql-response+json' }))).toEqual([
      422,
      'VALIDATION_FAILED',
    ])
    expect(
      codeOf(
        await post(
          { query: '{ loans { totalCount } }' },
          { accept: 'application/graphql-response+json' },
        ),
      ),
    ).toEqual([200, 'UNAUTHENTICATED'])
  })

  it('for the schema is answered with its document', async () => {
    const answer = await library.app.inject('/schema.graphql')
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(answer.body).toContain('input BookOrder @oneOf {')
  })
})
