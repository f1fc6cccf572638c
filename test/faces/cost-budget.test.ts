// The budget: a request pays for its worst case before anything is done, and gets back what completed work did not use.
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { relations } from '../../app/relations.ts'
import { getTableConfig } from '../../src/db/drizzle/drizzle-parts.ts'
import { answerBytesOf, boundAnswer } from '../../src/answer-bytes.ts'
import { chargeMore, openBill, settleBill } from '../../src/engine/charge/bill.ts'
import type { Budget } from '../../src/engine/charge/budget.ts'
import { openPaying } from '../../src/engine/charge/export-cost.ts'
import { Problem, toProblem } from '../../src/errors.ts'
import { graphqlPlugin } from '../../src/graphql/plugin.ts'
import { restPlugin } from '../../src/rest/plugin.ts'
import { openAccountBudget } from '../../src/server/limits/budget.ts'
import { openMemoryCounter } from '../../src/server/limits/memory-counter.ts'
import { anonymous, type Caller } from '../../src/schema/declare/caller.ts'
import { aliases, type CostlyStore, openCostlyStore } from './costly-store.ts'

describe('a budget', () => {
  const taken: [account: string, points: number, statements: number][] = []
  let opened: CostlyStore
  const given: number[] = []
  let left = Number.POSITIVE_INFINITY
  let isFar = false
  let caller: Caller = anonymous
  const stopping = { signal: new AbortController().signal }
  const budget: Budget = {
    take(account, points) {
      taken.push([account, points, opened.asked.statements])
      if (points > left) throw new Problem('RATE_LIMITED', 'The account is empty.')
      const receipt = { giveBack: (unused: number) => (given.push(unused), unused) }
      return isFar ? new Promise((resolve) => setTimeout(resolve, 5, receipt)) : receipt
    },
  }
  let app: FastifyInstance

  beforeAll(async () => {
    opened = await openCostlyStore()
    app = fastify()
    app.setErrorHandler((error, _request, reply) => {
      const { status, code } = toProblem(error)
      return reply.code(status).send({ code })
    })
    const { engine: shared, database } = opened.gateway
    const engine = { ...shared, budget }
    const contextOf = () => ({
      caller,
      requestId: 'r',
      account: 'ann',
      signal: stopping.signal,
    })
    const onProblem = () => {}
    const drizzle = { client: database.drizzle, getTableConfig, relations }
    await graphqlPlugin(app, { engine, contextOf, onProblem, drizzle, introspection: false })
    await restPlugin(app, { engine, contextOf, onProblem, docs: false, onExport: onProblem })
  })
  afterAll(async () => {
    await app.close()
    await opened.close()
  })

  async function pay(what: string, payload?: object) {
    taken.length = 0
    given.length = 0
    opened.asked.statements = 0
    const [method, url = ''] = what.split(' ')
    const answer = await app.inject({
      method: method as 'GET', // as the tests write it
      url,
      ...(payload === undefined ? {} : { payload }),
    })
    return {
      code: JSON.parse(answer.body).code ?? JSON.parse(answer.body).errors?.[0].extensions.code,
    }
  }

  const query = aliases(
    3,
    'products(first: 100) { nodes { id reviews(first: 99) { nodes { id } } } }',
  )
  const list = '/api/products?limit=100&include=reviews&reviews.limit=99'
  const batch = {
    requests: Array.from({ length: 4 }, () => ({ method: 'DELETE', path: '/api/reviews/1' })),
  }

  for (const far of [false, true]) {
    test(`pays once for a whole request, before its first statement; it is ${far ? 'far' : 'near'}`, async () => {
      isFar = far
      await pay('POST /graphql', { query })
      expect(taken).toEqual([['ann', expect.any(Number), 0]])
      const [, points = 0] = taken[0] ?? []
      expect(points).toBeGreaterThan(100)
      expect(given).toEqual([points - 3 - 1]) // no row was there: each field keeps a point, and so does the answer
      await pay(`GET ${list}`)
      expect([taken.length, taken[0]?.[2], given.length]).toEqual([1, 0, 1])
      await pay('POST /api/batch', batch)
      expect(taken).toEqual([['ann', 4, 0]])
      expect(given).toEqual([])
      await pay('POST /graphql', { query: `mutation ${aliases(4, 'deleteReview(id: 1) { id }')}` })
      expect(taken).toEqual([['ann', 4, 0]])
      isFar = false
    })
  }

  test('that is empty refuses the request, and nothing is done', async () => {
    left = 3
    expect(await pay('POST /graphql', { query })).toEqual({ code: 'RATE_LIMITED' })
    expect(await pay(`GET ${list}`)).toEqual({ code: 'RATE_LIMITED' })
    expect(await pay('POST /api/batch', batch)).toEqual({ code: 'RATE_LIMITED' })
    expect([opened.asked.statements, given]).toEqual([0, []])
    left = Number.POSITIVE_INFINITY
  })

  test('is given nothing back for work that did not end well', async () => {
    const stopped = new AbortController()
    stopping.signal = stopped.signal
    stopped.abort()
    await pay(`GET ${list}`)
    expect([taken.length, given]).toEqual([1, []])
    await pay('POST /graphql', { query })
    expect([taken.length, given]).toEqual([1, []])
    stopping.signal = new AbortController().signal
  })

  test('is given nothing back for a document of which a part failed', async () => {
    const failing = `${query.slice(0, -1)} wrong: products(after: "nothing") { nodes { id } } }`
    expect((await pay('POST /graphql', { query: failing })).code).toMatch(/^(?!FORBIDDEN)/)
    expect([taken.length, given]).toEqual([1, []])
  })

  test('pays for each row of an export', async () => {
    await opened.gateway.database.query({
      text: "insert into categories (name, slug) select 'n', 'export' || n from generate_series(1, 350) as n",
      values: [],
    })
    caller = { via: 'jwt', id: 'ann', roles: [], claims: {} }
    taken.length = 0
    const headers = { accept: 'application/x-ndjson' }
    const answer = await app.inject({ url: '/api/categories', headers })
    caller = anonymous
    expect([answer.statusCode, answer.body.trim().split('\n').length]).toEqual([200, 350])
    const [, page = 0] = taken[0] ?? []
    expect(taken.reduce((sum, [, points]) => sum + points, 0)).toBe(page + 1) // a point for the rows behind the first page
  })
})

test('an export ends when the budget is empty', async () => {
  let left = 20
  const budget: Budget = {
    take(_account, points) {
      if (points > left) throw new Problem('RATE_LIMITED', 'The account is empty.')
      left -= points
      return { giveBack: () => 0 }
    },
  }
  const charging = { limits: { cost: 5, roles: {} }, budget }
  const bill = openBill(charging, anonymous)
  const pay = openPaying(charging, bill, { pageRows: 100, pointsPerRow: 0.1 })
  await pay(100)
  expect([left, bill.requested]).toEqual([20, 0])
  await pay(150)
  expect([left, bill.requested]).toEqual([5, 15])
  await pay(50)
  await expect(pay(1)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
})

test('work that was charged in two parts gets back what it did not use of both', async () => {
  const budget = openAccountBudget(openMemoryCounter({ limit: 1000, windowMs: 60_000 }))
  const charging = { limits: { cost: 1000, roles: {} }, budget }
  const bill = openBill(charging, anonymous, 'ann')
  await chargeMore(charging, bill, 10)
  await chargeMore(charging, bill, 90)
  settleBill(bill, new AbortController().signal, 1)
  expect([bill.charged, bill.givenBack]).toEqual([100, 99])
  expect(budget.look('ann')?.left).toBe(999)
})

test('bytes that were read and not shown are paid for', async () => {
  const budget = openAccountBudget(openMemoryCounter({ limit: 1000, windowMs: 60_000 }))
  const charging = { limits: { cost: 1000, roles: {} }, budget }
  const bill = openBill(charging, anonymous, 'ann')
  await chargeMore(charging, bill, 100)
  const { signal } = new AbortController()
  boundAnswer(signal, 1_000_000)
  Object.assign(answerBytesOf(signal) ?? {}, { read: 60 * 8192 })
  settleBill(bill, signal, 1)
  expect(bill.givenBack).toBe(40)
})
