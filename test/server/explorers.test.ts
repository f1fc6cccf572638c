// The explorers in a real browser: both pages work, obey their content security policy, and send requests to this server only.
import { existsSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { buildSchema, graphql } from 'graphql'
import { SignJWT } from 'jose'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openTestDatabase, openTestServer, secret } from './support.ts'

const candidates = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const browserPath = candidates.find((path) => path !== undefined && existsSync(path))
const inCi = process.env['CI'] === 'true'
if (browserPath === undefined && !inCi)
  process.stderr.write(
    'The explorers are not tested: no chromium here (apt-get install chromium, or set CHROMIUM_PATH).\n',
  )

/** Both documents, as the faces would serve them. */
async function mountDocuments(scope: FastifyInstance): Promise<void> {
  const schema = buildSchema('type Query { "Says who asks." whoAmI: String! }')
  scope.post<{ Body: { query: string; operationName?: string | null } }>(
    '/graphql',
    async (request) =>
      graphql({
        schema,
        source: request.body.query,
        operationName: request.body.operationName ?? null,
        rootValue: { whoAmI: () => `the caller ${request.caller.id}` },
      }),
  )
  scope.get('/openapi.json', async () => ({
    openapi: '3.1.0',
    info: { title: 'The test store', version: '1' },
    paths: {
      '/api/products': {
        get: {
          summary: 'Every product',
          tags: ['products'],
          responses: { 200: { description: 'A page of them' } },
        },
      },
    },
  }))
  scope.get('/api/products', async () => ({ data: [{ name: 'Lamp' }] }))
}

describe.skipIf(browserPath === undefined && !inCi)('in a browser', () => {
  let database: Database
  let app: FastifyInstance
  let browser: Browser
  let url: string

  beforeAll(async () => {
    database = await openTestDatabase()
    app = (
      await openTestServer(database, {
        env: { RATE_LIMIT_MAX: '0', JWT_SECRET: secret },
        mounts: [mountDocuments],
      })
    ).app
    url = await app.listen({ port: 0, host: '127.0.0.1' })
    browser = await chromium.launch({
      executablePath: browserPath ?? 'chromium',
      args: ['--no-sandbox', '--disable-gpu'],
      timeout: 60_000,
    })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await app?.close()
    await database?.close()
  })

  interface Visit {
    readonly page: Page
    /** Violations, errors and failed or foreign requests so far. */
    readonly trouble: string[]
  }

  async function visit(path: string): Promise<Visit> {
    const page = await (await browser.newContext()).newPage()
    const trouble: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || /Content Security Policy/.test(message.text()))
        trouble.push(`console: ${message.text()}`)
    })
    page.on('pageerror', (error) => trouble.push(`error: ${error.message}`))
    page.on('requestfailed', (request) => trouble.push(`failed: ${request.url()}`))
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url())
      if (origin !== url && !['data:', 'blob:'].includes(protocol))
        trouble.push(`foreign: ${request.url()}`)
    })
    await page.goto(`${url}${path}`, { waitUntil: 'load', timeout: 60_000 })
    return { page, trouble }
  }

  test('GraphiQL runs a query with a token of its header editor', async () => {
    const { page, trouble } = await visit('/graphiql')
    const query = page
      .locator(
        '.graphiql-query-editor .monaco-editor textarea, .graphiql-query-editor .monaco-editor .native-edit-context',
      )
      .first()
    await query.waitFor({ state: 'attached', timeout: 60_000 })
    await page.getByText('To call as somebody').waitFor({ timeout: 60_000 })
    await page.locator('.graphiql-query-editor .view-lines').click()
    await page.keyboard.press('Control+A')
    await page.keyboard.type('{ whoAmI ') // the editor closes the brace itself
    await page.getByRole('button', { name: 'Headers', exact: true }).click()
    await page.locator('.graphiql-editor-tool .view-lines').last().click()
    await page.keyboard.press('Control+A')
    const token = await new SignJWT({ sub: 'jane' })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('5m')
      .sign(new TextEncoder().encode(secret))
    await page.keyboard.insertText(`{ "Authorization": "Bearer ${token}" }`)
    await page.getByRole('button', { name: /execute/i }).click()
    // the editor writes spaces as no-break ones
    await page
      .locator('.result-window .view-lines')
      .getByText(/the.caller.jane/)
      .waitFor({ timeout: 30_000 })
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(token)
    expect(trouble).toEqual([])
  }, 180_000)

  test('GraphiQL loads the schema, and its workers run', async () => {
    const { page, trouble } = await visit('/graphiql')
    await page
      .getByRole('button', { name: /documentation explorer/i })
      .first()
      .click({ timeout: 60_000 })
    await page.getByRole('link', { name: 'Query' }).first().click({ timeout: 30_000 })
    await page.getByText('Says who asks.').waitFor({ timeout: 30_000 })
    await expect.poll(() => page.workers().length, { timeout: 30_000 }).toBeGreaterThan(0)
    expect(trouble).toEqual([])
  }, 180_000)

  test('the REST reference shows the document and tries a route', async () => {
    const { page, trouble } = await visit('/docs')
    await page.getByText('The test store').waitFor({ timeout: 60_000 })
    await page.getByText('Every product').click()
    await page.getByRole('button', { name: 'Try it out' }).click()
    await page.getByRole('button', { name: 'Execute' }).click()
    await page
      .locator('.live-responses-table')
      .getByText('Lamp')
      .first()
      .waitFor({ timeout: 30_000 })
    expect(await page.locator('img[src*="validator"]').count()).toBe(0)
    expect(trouble).toEqual([])
  }, 180_000)

  test('the front page applies its style', async () => {
    const { page, trouble } = await visit('/')
    expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).toBe('640px')
    expect(trouble).toEqual([])
  }, 60_000)

  test('the test notices errors of a page', async () => {
    const { page, trouble } = await visit('/docs')
    await page.evaluate(
      'new Image().src = "https://example.com/pixel.png"; document.body.append(Object.assign(document.createElement("script"), { text: "1" }))',
    )
    await expect
      .poll(() => trouble.filter((line) => line.includes('Content Security Policy')).length, {
        timeout: 10_000,
      })
      .toBe(2)
  }, 60_000)
})
