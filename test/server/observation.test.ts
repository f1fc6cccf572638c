// Metrics and traces: what they tell, to whom, and what they never hold.
import { context, propagation } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { operation as declareOperation } from './observed-operation.ts'
import type { Database } from '../../src/db/database.ts'
import { readConfig } from '../../src/server/config/config.ts'
import type { Mode } from '../../src/server/config/variables.ts'
import { type OpenGateway, openGateway } from '../../src/server/open-gateway.ts'
import { declaration, relations, statements } from '../graphql/library.ts'
import { openTestDatabase } from './support.ts'

let database: Database
beforeAll(async () => {
  database = await openTestDatabase()
  for (const text of statements) await database.query({ text, values: [] })
})
afterAll(() => database.close())

const opened: OpenGateway[] = []
afterEach(async () => {
  for (const { app } of opened.splice(0)) await app.close()
})
const lines: string[] = []

async function open(
  env: Readonly<Record<string, string>> = {},
  mode: Mode = 'development',
): Promise<OpenGateway['app']> {
  const config = readConfig({ DATABASE_URL: 'pglite:memory', LOG_LEVEL: 'info', ...env }, mode)
  const gateway = await openGateway(
    { ...declaration, relations, operations: { ...declaration.operations, ...declareOperation } },
    config,
    { database, logStream: { write: (line) => void lines.push(line) } },
  )
  opened.push(gateway)
  return gateway.app
}

const token = 'a-token-for-metrics-of-forty-characters!'

describe('/metrics', () => {
  it('is not there unless a token or an address is set', async () => {
    const app = await open({}, 'production')
    expect((await app.inject('/metrics')).statusCode).toBe(404)
  })

  it('is served for the token alone, where one is set', async () => {
    const app = await open({ METRICS_TOKEN: token }, 'production')
    const ask = (authorization?: string) =>
      app.inject({ url: '/metrics', headers: authorization === undefined ? {} : { authorization } })
    for (const wrong of [undefined, `Bearer ${token}x`, token, 'Bearer ', 'Basic x'])
      expect((await ask(wrong)).statusCode).toBe(401)
    const told = await ask(`Bearer ${token}`)
    expect([told.statusCode, told.headers['content-type']]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    expect(told.body).toContain('nodejs_eventloop_lag_seconds')
  })

  it('is served to the addresses that are set, and to no others', async () => {
    const app = await open({ METRICS_FROM: '10.1.0.0/16' }, 'production')
    const from = async (remoteAddress: string) =>
      (await app.inject({ url: '/metrics', remoteAddress })).statusCode
    expect([await from('10.1.2.3'), await from('::ffff:10.1.2.3'), await from('10.2.0.1')]).toEqual(
      [200, 200, 403],
    )
    expect(() =>
      readConfig({ DATABASE_URL: 'pglite:memory', METRICS_FROM: '0.0.0.0/0' }, 'production'),
    ).toThrow(/METRICS_FROM must name/)
  })

  it('counts operations of both faces by name and code, and requests by status', async () => {
    const app = await open()
    const graphql = (query: string) =>
      app.inject({ method: 'POST', url: '/graphql', payload: { query } })
    await app.inject('/api/books?limit=1')
    await app.inject('/api/books/987654')
    await graphql('{ a: books { totalCount } b: books(first: 1) { nodes { id } } }')
    await graphql('mutation { burn { id } }')
    const { body } = await app.inject('/metrics')
    const counts = Object.fromEntries(
      [...body.matchAll(/^(bifrons_\w+_total\{.*\}) (\d+)$/gm)].map(([, name = '', count]) => [
        name,
        Number(count),
      ]),
    )
    expect(counts).toEqual({
      'bifrons_operations_total{operation="books",face="rest",code="OK"}': 1,
      'bifrons_operations_total{operation="book",face="rest",code="OK"}': 1,
      'bifrons_operations_total{operation="books",face="graphql",code="OK"}': 2,
      'bifrons_operations_total{operation="burn",face="graphql",code="INTERNAL"}': 1,
      'bifrons_http_requests_total{face="rest",status="200"}': 1,
      'bifrons_http_requests_total{face="rest",status="404"}': 1,
      'bifrons_http_requests_total{face="graphql",status="200"}': 2,
      'bifrons_cost_points_total{face="rest"}': expect.any(Number),
      'bifrons_cost_points_total{face="graphql"}': expect.any(Number),
    })
    expect(body).toMatch(
      /^bifrons_operation_duration_seconds_count\{operation="books",face="graphql"\} 2$/m,
    )
  })

  it('has no series that a caller names', async () => {
    const app = await open()
    for (const name of ['canaryOne', 'canaryTwo']) {
      await app.inject(`/api/${name}?${name}=${name}`)
      await app.inject({ url: `/${name}`, method: 'PATCH', headers: { [name]: name } })
      const query = `query ${name} { ${name}: books { totalCount } }`
      await app.inject({ method: 'POST', url: '/graphql', payload: { query } })
      await app.inject({ method: 'POST', url: '/graphql', payload: { query: `{ ${name} }` } })
    }
    expect((await app.inject('/metrics')).body).not.toContain('canary')
  })
})

describe('traces', () => {
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  beforeAll(() => provider.register())
  afterAll(async () => {
    await provider.shutdown()
    context.disable()
    propagation.disable()
  })
  afterEach(() => exporter.reset())

  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`

  /** Each span as `parent > name`. */
  function tree(spans: readonly ReadableSpan[]): readonly string[] {
    const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]))
    return spans
      .map(
        (span) => `${names.get(span.parentSpanContext?.spanId ?? '') ?? 'caller'} > ${span.name}`,
      )
      .toSorted()
  }

  it.each([
    ['GET', '/api/books?limit=1', undefined, 'GET /api/books'],
    ['POST', '/graphql', { query: '{ books(first: 1) { nodes { id } } }' }, 'POST /graphql'],
  ] as const)(
    'of a %s %s go from request to operation to statement',
    async (method, url, payload, request) => {
      const app = await open({ TRACES: 'true' })
      await app.listen({ port: 0, host: '127.0.0.1' })
      const response = await fetch(`${app.listeningOrigin}${url}`, {
        method,
        headers: { traceparent, 'content-type': 'application/json' },
        ...(payload === undefined ? {} : { body: JSON.stringify(payload) }),
      })
      await response.text()
      await expect.poll(() => exporter.getFinishedSpans().length).toBe(3)
      const spans = exporter.getFinishedSpans()
      expect(tree(spans)).toEqual(
        ['books > SELECT', `${request} > books`, `caller > ${request}`].toSorted(),
      )
      expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(new Set([traceId]))
    },
  )

  it('reach what a handler calls, and hold nothing that a caller has sent', async () => {
    const app = await open({ TRACES: 'true' })
    const answer = await app.inject({
      method: 'POST',
      url: '/api/trace?canary=canary',
      headers: { traceparent, authorization: 'Bearer canary', 'x-canary': 'canary' },
      payload: { text: 'canary' },
    })
    expect(answer.statusCode).toBe(401)
    const told = await app.inject({
      method: 'POST',
      url: '/api/trace',
      headers: { traceparent, 'x-canary': 'canary' },
      payload: { text: 'canary' },
    })
    expect(told.json()).toEqual({ traceId })
    const written = exporter
      .getFinishedSpans()
      .map(({ name, attributes, events, status }) =>
        JSON.stringify({ name, attributes, events, status }),
      )
      .join('\n')
    expect(written).toContain('trace')
    expect(written).not.toContain('canary')
  })

  it('are not made unless TRACES is on', async () => {
    const app = await open()
    await app.inject({ url: '/api/books?limit=1', headers: { traceparent } })
    expect(exporter.getFinishedSpans()).toEqual([])
  })
})
