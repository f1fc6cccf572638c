// A request's work ends at its deadline or with its caller, and not before.
import type { FastifyInstance } from 'fastify'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openTestDatabase, openTestServer } from './support.ts'

let database: Database
let app: FastifyInstance
let url: string
const reasons: unknown[] = []

async function mountWork(scope: FastifyInstance): Promise<void> {
  scope.post('/work', async (request) => {
    request.work.signal.addEventListener('abort', () => reasons.push(request.work.signal.reason))
    await delay((request.body as { ms: number }).ms)
    return { aborted: request.work.signal.aborted }
  })
  scope.post('/heeding', async (request) => {
    await delay(10_000, undefined, { signal: request.work.signal }).catch(() => {
      throw request.work.signal.reason
    })
  })
}

beforeAll(async () => {
  database = await openTestDatabase()
  const server = await openTestServer(database, {
    mounts: [mountWork],
    env: { REQUEST_TIMEOUT: '600', STATEMENT_TIMEOUT: '500' },
  })
  app = server.app
  url = await app.listen({ port: 0 })
})
afterAll(async () => {
  await app.close()
  await database.close()
})

const post = (path: string, ms: number, signal?: AbortSignal) =>
  fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ms }),
    ...(signal === undefined ? {} : { signal }),
  })

describe('the deadline of a request', () => {
  test('does not abort when the body has been read', async () => {
    const answer = await post('/work', 200)
    expect(await answer.json()).toEqual({ aborted: false })
  })

  test('ends work that listens to its signal with TIMEOUT', async () => {
    const answer = await post('/heeding', 0)
    expect(answer.status).toBe(504)
    expect(await answer.json()).toMatchObject({ code: 'TIMEOUT' })
  })

  test('answers TIMEOUT for work that does not listen', async () => {
    const answer = await post('/work', 2000)
    expect(answer.status).toBe(504)
    expect(await answer.json()).toMatchObject({ code: 'TIMEOUT' })
  })

  test('aborts when the caller disconnects', async () => {
    reasons.length = 0
    const leaving = new AbortController()
    const asked = post('/work', 400, leaving.signal).catch(() => 'gone')
    await delay(100)
    leaving.abort()
    expect(await asked).toBe('gone')
    await expect.poll(() => reasons).toMatchObject([{ code: 'UNAVAILABLE' }])
  })
})
