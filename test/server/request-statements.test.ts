// The line of a request tells how many statements it sent to the database, and how long they took.
import { sql } from 'drizzle-orm'
import type { InjectOptions } from 'fastify'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { declare } from '../../src/schema/declare/declare.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { openGateway } from '../../src/server/open-gateway.ts'
import { declaration, relations, statements } from '../graphql/library.ts'
import { eachDatabase } from '../support/databases.ts'

const { operation, access } = declare({ relations })
const nap = operation({
  kind: 'mutation',
  rest: 'POST /nap',
  access: access.everyone,
  input: z.object({ fail: z.boolean().optional() }),
  output: z.object({ done: z.boolean() }),
  async handle({ input, tx }) {
    await tx.execute(sql`select pg_sleep(0.15)`)
    await tx.execute(sql`select pg_sleep(0.15)`)
    if (input.fail === true) throw new Error('The handler failed.')
    return { done: true }
  },
})

eachDatabase((_kind, open) => {
  test('its own statements, and COMMIT or ROLLBACK', async () => {
    const database = await open()
    for (const text of statements) await database.query({ text, values: [] })
    const lines: Record<string, unknown>[] = []
    const { app } = await openGateway(
      { ...declaration, relations, operations: { ...declaration.operations, nap } },
      readConfig(
        { DATABASE_URL: 'pglite:memory', LOG_LEVEL: 'info', SLOW_REQUEST: '200' },
        'development',
      ),
      { database, logStream: { write: (line) => void lines.push(JSON.parse(line)) } },
    )
    const lineOf = async (asked: string | InjectOptions) => {
      lines.length = 0
      await app.inject(asked)
      return lines.find(({ msg }) => msg === 'request') ?? {}
    }
    const graphql = (query: string) => ({
      method: 'POST' as const,
      url: '/graphql',
      payload: { query },
    })
    const rest = (payload: object) => ({ method: 'POST' as const, url: '/api/nap', payload })

    expect(await lineOf('/api/books?limit=1')).toMatchObject({
      statements: 1,
      db_ms: expect.any(Number),
    })
    const two = '{ books(first: 1) { nodes { id } } authors(first: 1) { nodes { id } } }'
    expect(await lineOf(graphql(two))).toMatchObject({ statements: 2 })
    expect(await lineOf('/api/books?limit=1000')).toMatchObject({ statements: 0, db_ms: 0 })
    expect(await lineOf('/unknown')).not.toHaveProperty('statements')

    const napped = await lineOf(rest({}))
    const sent = Number(napped['statements'])
    expect(sent).toBeGreaterThanOrEqual(3) // two and COMMIT; BEGIN may go with a statement of its own
    expect(sent).toBeLessThanOrEqual(4)
    expect(napped['db_ms']).toBeGreaterThanOrEqual(290)
    expect(napped['db_ms']).toBeLessThanOrEqual(Number(napped['ms']) + 1) // one after another
    expect(await lineOf(rest({ fail: true }))).toMatchObject({ status: 500, statements: sent })

    await app.listen({ port: 0, host: '127.0.0.1' })
    const headers = { 'content-type': 'application/json' }
    await fetch(`${app.listeningOrigin}/api/nap`, { method: 'POST', headers, body: '{}' })
    await expect
      .poll(() => lines.find(({ msg }) => msg === 'slow'))
      .toMatchObject({ statements: sent, db_ms: expect.any(Number) })
    await app.close()
  })
})
