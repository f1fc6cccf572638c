// Metrics of costs and of the pool: what was charged, given back and refused, and what the connections do.
import { expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { openGateway } from '../../src/server/open-gateway.ts'
import { declaration, relations, statements } from '../graphql/library.ts'
import { eachDatabase, onDatabase } from '../support/databases.ts'

async function serve(database: Database, env: Readonly<Record<string, string>> = {}, cost = 1000) {
  for (const text of statements) await database.query({ text, values: [] })
  const { app } = await openGateway(
    { ...declaration, relations, limits: { cost } },
    readConfig({ DATABASE_URL: 'pglite:memory', LOG_LEVEL: 'silent', ...env }, 'development'),
    { database },
  )
  const figures = async (): Promise<Readonly<Record<string, number>>> => {
    const { body } = await app.inject('/metrics')
    const found = [...body.matchAll(/^(bifrons_(?:cost|database)_\w+(?:\{.*\})?) (\d+)$/gm)]
    return Object.fromEntries(found.map(([, name = '', count]) => [name, Number(count)]))
  }
  return { app, figures }
}

eachDatabase((_kind, open) => {
  test('points charged and given back, and refusals by their reason', async () => {
    const { app, figures } = await serve(await open(), { COST_BUDGET: '20' }, 8)
    const ask = async (path: string) => {
      const { statusCode, headers } = await app.inject(path)
      const points = /requested=(\d+)/.exec(String(headers['bifrons-cost']))?.[1]
      return { statusCode, points: Number(points) }
    }
    const one = await ask('/api/books?limit=20')
    expect(one.statusCode).toBe(200)
    const large = await ask('/api/books?limit=50&include=copies,sequels')
    expect(large.statusCode).toBe(400)
    expect(large.points).toBeGreaterThan(8)
    const charged = await figures()
    expect(charged['bifrons_cost_points_total{face="rest"}']).toBe(one.points) // what is refused is not charged
    expect(charged['bifrons_cost_points_given_back_total{face="rest"}']).toBeGreaterThan(0)
    expect(charged['bifrons_cost_points_given_back_total{face="rest"}']).toBeLessThan(one.points)
    let status = 200
    while (status === 200) ({ statusCode: status } = await ask('/api/books?limit=20'))
    expect(status).toBe(429)
    const payload = { query: '{ books(first: 20) { nodes { id } } }' }
    let body = ''
    while (!body.includes('RATE_LIMITED'))
      ({ body } = await app.inject({ method: 'POST', url: '/graphql', payload }))
    expect(await figures()).toMatchObject({
      'bifrons_cost_refusals_total{face="rest",reason="too_complex"}': 1,
      'bifrons_cost_refusals_total{face="rest",reason="budget"}': 1,
      'bifrons_cost_refusals_total{face="graphql",reason="budget"}': 1,
    })
    await app.close()
  })
})

/** For a busy machine. */
const patient = { connectTimeout: 20_000, idleInTransactionTimeout: 60_000 }

onDatabase('postgres', (open) => {
  test('the pool: its size, and how many of its connections are idle and in use', async () => {
    const database = await open({ ...patient, poolMax: 2 })
    const { app, figures } = await serve(database)
    expect(await figures()).toMatchObject({
      bifrons_database_pool_max: 2,
      bifrons_database_pool_in_use: 0,
      bifrons_database_waiting: 0,
    })
    const { promise: end, resolve } = Promise.withResolvers<void>()
    const hold = () =>
      database.transaction(async (tx) => {
        await tx.query({ text: 'select 1', values: [] })
        await end
      })
    const held = [hold(), hold()]
    await expect
      .poll(figures, { timeout: 15_000 })
      .toMatchObject({ bifrons_database_pool_in_use: 2 })
    const waiting = hold()
    await expect.poll(figures, { timeout: 15_000 }).toMatchObject({
      bifrons_database_pool_size: 2,
      bifrons_database_pool_idle: 0,
      bifrons_database_pool_in_use: 2,
      bifrons_database_waiting: 1,
    })
    resolve()
    await Promise.all([...held, waiting])
    await expect.poll(figures, { timeout: 15_000 }).toMatchObject({
      bifrons_database_pool_size: 2,
      bifrons_database_pool_idle: 2,
      bifrons_database_pool_in_use: 0,
    })
    await app.close()
  })
})

onDatabase('pglite', (open) => {
  test('the embedded database has no pool', async () => {
    const { app, figures } = await serve(await open())
    expect(Object.keys(await figures()).filter((name) => name.includes('pool'))).toEqual([])
    await app.close()
  })
})
