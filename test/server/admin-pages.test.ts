// The admin port tells what the database lacks, and the metrics to those who may have them.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { type RunningServer, startServer } from '../../src/server/lifecycle.ts'
import { type OpenGateway, openGateway } from '../../src/server/open-gateway.ts'
import { declaration, relations, statements } from '../graphql/library.ts'
import { openTestDatabase } from './support.ts'

const token = 'a-token-for-metrics-of-forty-characters!'
let database: Database
beforeAll(async () => {
  database = await openTestDatabase()
  for (const text of statements) await database.query({ text, values: [] })
})
afterAll(() => database.close())

async function serve(
  env: Readonly<Record<string, string>>,
  use: (admin: string, opened: OpenGateway) => Promise<void>,
): Promise<void> {
  const settings = { PORT: '0', HOST: '127.0.0.1', ADMIN_PORT: '0', SHUTDOWN_GRACE: '0' }
  const config = readConfig(
    { DATABASE_URL: 'pglite:memory', LOG_LEVEL: 'silent', ...settings, ...env },
    'production',
  )
  const opened = await openGateway({ ...declaration, relations }, config, { database })
  await opened.drift.look()
  const kept = { ...database, close: async () => {} } // the other tests need it
  const running: RunningServer = await startServer({ ...opened, database: kept })
  try {
    await use(running.adminUrl ?? '', opened)
  } finally {
    await running.stop()
  }
}

test('the names of what the database lacks', async () => {
  await serve({}, async (admin, { drift }) => {
    const missing = async () => (await fetch(`${admin}/drift`)).json()
    expect(await missing()).toEqual({ missing: [] })
    await database.query({ text: 'alter table letters rename body to text', values: [] })
    await drift.look()
    expect(await missing()).toEqual({ missing: [expect.stringMatching(/letters.*body/)] })
    await database.query({ text: 'alter table letters rename text to body', values: [] })
    await drift.look()
    expect(await missing()).toEqual({ missing: [] })
    expect((await fetch(`${admin}/metrics`)).status).toBe(404) // they are not switched on
  })
})

test('metrics, by the token alone where one is set', async () => {
  await serve({ METRICS_TOKEN: token }, async (admin) => {
    const ask = (headers: Record<string, string>) => fetch(`${admin}/metrics`, { headers })
    for (const wrong of [{}, { authorization: `Bearer ${token}x` }]) {
      const refused = await ask(wrong)
      expect(refused.status).toBe(401)
      expect(await refused.text()).not.toContain('bifrons_')
    }
    const told = await ask({ authorization: `Bearer ${token}` })
    expect([told.status, told.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    expect(await told.text()).toContain('bifrons_cache_entries')
  })
})

test('metrics, to the addresses that are set', async () => {
  await serve({ METRICS_FROM: '127.0.0.1' }, async (admin) => {
    expect((await fetch(`${admin}/metrics`)).status).toBe(200)
  })
  await serve({ METRICS_FROM: '10.1.0.0/16' }, async (admin) => {
    expect((await fetch(`${admin}/metrics`)).status).toBe(403)
  })
})
