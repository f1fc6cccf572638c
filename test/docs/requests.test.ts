// Requests in the documentation are sent, and answered as it shows: by one store, page after page in the order of their names.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HandlerTransaction } from 'bifrons'
import { parse, print } from 'graphql'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import store from '../../app/gateway.ts'
import { seed } from '../../app/seed.ts'
import { createApiKey } from '../../src/db/store/api-keys.ts'
import { migrateDatabase } from '../../src/db/store/migrate.ts'
import { openDatabase } from '../../src/db/open.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { toDatabaseOptions } from '../../src/server/config/database-options.ts'
import { openGateway } from '../../src/server/open-gateway.ts'
import { type Ask, exchangesOf, faultOf } from './conversation.ts'
import { allFences, fencesOf, pages, placeOf, root } from './pages.ts'
import type { Variables } from './shell.ts'
import { changesGateway, JWT_SECRET, tokensOf } from './tokens.ts'

interface OpenStore {
  readonly ask: Ask
  readonly variables: Variables
  close(): Promise<void>
}

/** The store of a reader who has just started it, with an API key of staff. */
async function openStore(): Promise<OpenStore> {
  const config = readConfig(
    { DATABASE_URL: 'pglite:memory', JWT_SECRET, LOG_LEVEL: 'silent', RATE_LIMIT_MAX: '0' },
    'development',
  )
  const database = await openDatabase({
    ...toDatabaseOptions(store, config),
    snapshot: inject('pgliteSnapshot'),
  })
  await migrateDatabase(database, { folder: join(root, 'app/drizzle') })
  await database.transaction((tx) =>
    seed(tx.drizzle as HandlerTransaction, { scale: 1, progress: () => {} }),
  ) // db/ knows no team's tables
  const { app } = await openGateway(store, config, { database })
  const key = await createApiKey(database, { name: 'docs', roles: ['staff'], claims: {} })
  return {
    variables: { ...tokensOf(), KEY: key.secret },
    close: async () => {
      await app.close()
      await database.close()
    },
    ask: async ({ method, path, headers, body }) => {
      const answer = await app.inject({
        method,
        url: path,
        headers: { accept: '*/*', ...headers },
        ...(body === undefined ? {} : { payload: body }),
      })
      return {
        status: answer.statusCode,
        headers: answer.headers as Record<string, string>,
        body: answer.body,
      } // such a part of a page is not a list
    },
  }
}

const withRequests = pages.filter(
  (page) =>
    !changesGateway(page) && exchangesOf(page, { TOKEN: 't', STAFF: 't', KEY: 'k' }).length > 0,
)

let opened: OpenStore
beforeAll(async () => {
  opened = await openStore()
})
afterAll(() => opened.close())

test.each(withRequests)('the requests of %s get the answers that it shows', async (page) => {
  const { ask, variables } = opened
  const faults: string[] = []
  for (const exchange of exchangesOf(page, variables)) {
    const fault = faultOf(exchange, await ask(exchange.request))
    if (fault !== null) faults.push(fault)
  }
  expect(faults).toEqual([])
})

test('every block of JSON can be parsed', () => {
  const broken = allFences
    .filter(({ language }) => language === 'json')
    .filter(({ text }) => {
      try {
        JSON.parse(text)
        return false
      } catch {
        return true
      }
    })
  expect(broken.map(placeOf)).toEqual([])
})

test("every shown part of a schema is in the store's schema", () => {
  const lines = (text: string) =>
    print(parse(text, { noLocation: true }))
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => !line.startsWith('"'))
  const served = new Set(lines(readFileSync(join(root, 'app/schema.graphql'), 'utf8')))
  for (const fence of pages
    .flatMap(fencesOf)
    .filter(({ language, attributes }) => language === 'graphql' && 'schema' in attributes)) {
    expect(
      lines(fence.text).filter((line) => !served.has(line)),
      placeOf(fence),
    ).toEqual([])
  }
})
