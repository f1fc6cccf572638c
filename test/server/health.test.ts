// Health checks and the front page, for load balancers and for people.
import { fastify } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { serveExplorers } from '../../src/server/pages/explorers.ts'
import { home, openTestDatabase, openTestServer } from './support.ts'

let database: Database
beforeAll(async () => {
  database = await openTestDatabase()
})
afterAll(() => database.close())

describe('probes', () => {
  test('are alive and ready, unless the process is stopping', async () => {
    const state = { stopping: false }
    const { app } = await openTestServer(database, { state })
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' })
    expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready' })
    state.stopping = true
    const unready = await app.inject('/readyz')
    expect(unready.json()).toMatchObject({ status: 503, code: 'UNAVAILABLE' })
    expect([
      unready.headers['retry-after'],
      unready.headers['connection'],
      unready.headers['cache-control'],
    ]).toEqual(['5', 'close', 'no-store'])
    expect((await app.inject('/healthz')).statusCode).toBe(200)
    await app.close()
  })

  test('are not ready without a database, and reveal no reason', async () => {
    const gone = await openTestDatabase()
    const { app, log } = await openTestServer(gone)
    await gone.close()
    const answer = await app.inject('/readyz')
    expect(answer.json()).toMatchObject({
      status: 503,
      code: 'UNAVAILABLE',
      detail: 'The database does not answer.',
    })
    expect(log.join('')).toContain('"unavailable"')
    await app.close()
  })
})

describe('the front page', () => {
  test('is HTML for browsers, with a content security policy that allows its style', async () => {
    const { app } = await openTestServer(database, { home: { ...home, name: 'Fish & <Chips>' } })
    const page = await app.inject({
      url: '/',
      headers: { accept: 'text/html,application/xhtml+xml' },
    })
    expect(page.headers['content-type']).toContain('text/html')
    expect(page.headers['content-security-policy']).toMatch(
      /default-src 'none'.*style-src 'sha256-/,
    )
    expect(page.body).toContain('<h1>Fish &amp; &lt;Chips&gt;</h1>')
    expect(page.body).toContain('href="/graphql"')
    await app.close()
  })

  test('is JSON for programs', async () => {
    const { app } = await openTestServer(database)
    const answer = await app.inject('/')
    expect(answer.json()).toEqual({
      name: 'Test',
      version: '0.0.0',
      links: { GraphQL: '/graphql' },
    })
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    expect(answer.headers['vary']).toContain('accept')
    await app.close()
  })
})

describe('explorers', () => {
  test('are absent in production unless they are switched on', async () => {
    const env = { DATABASE_URL: 'pglite:memory' }
    const closed = await openTestServer(database, { mode: 'production', env })
    for (const path of ['/graphiql', '/docs', '/graphiql/assets/graphiql.js'])
      expect((await closed.app.inject(path)).statusCode).toBe(404)
    await closed.app.close()
    const open = await openTestServer(database, {
      mode: 'production',
      env: { ...env, DOCS: 'true', INTROSPECTION: 'true' },
    })
    expect((await open.app.inject('/docs')).statusCode).toBe(200)
    expect((await open.app.inject('/graphiql')).statusCode).toBe(404)
    await open.app.close()
  })

  test('name the command that builds them where they are missing', async () => {
    const app = fastify()
    await serveExplorers(app, {
      switches: { graphiql: true, docs: false },
      policy: "default-src 'none'",
      folder: '/nowhere/',
    })
    const answer = await app.inject('/graphiql')
    expect([answer.statusCode, answer.body]).toEqual([
      503,
      expect.stringContaining('npm run build:assets'),
    ])
    await app.close()
  })

  test('serve files of the assets folder only', async () => {
    const { app } = await openTestServer(database)
    const script = await app.inject('/docs/assets/docs.js')
    expect([
      script.statusCode,
      script.headers['cache-control'],
      script.headers['content-type'],
    ]).toEqual([200, 'no-cache', expect.stringContaining('javascript')])
    expect(
      (
        await app.inject({
          url: '/docs/assets/docs.js',
          headers: { 'if-none-match': String(script.headers['etag']) },
        })
      ).statusCode,
    ).toBe(304)
    for (const path of [
      '/docs/assets/../graphiql/graphiql.js',
      '/docs/assets/%2e%2e/%2e%2e/package.json',
      '/docs/assets/',
      '/docs/assets/.git',
    ]) {
      const answer = await app.inject(path)
      expect([403, 404], path).toContain(answer.statusCode)
      expect(answer.headers['content-type']).toBe('application/problem+json')
    }
    await app.close()
  })
})
