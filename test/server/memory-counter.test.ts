// Points are counted by account and window, for a bounded number of accounts.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openMemoryCounter } from '../../src/server/limits/memory-counter.ts'
import { toStore } from '../../src/server/limits/rate-limit-store.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const open = (limit = 10) => openMemoryCounter({ limit, windowMs: 100 })

test('a window begins with the first points and ends by itself', async () => {
  const counter = open()
  expect(await counter.take('a', 4)).toMatchObject({ isTaken: true, left: 6, endsInMs: 100 })
  vi.advanceTimersByTime(60)
  expect(await counter.take('a', 6)).toMatchObject({ isTaken: true, left: 0, endsInMs: 40 })
  expect(await counter.take('b', 1)).toMatchObject({ isTaken: true, left: 9, endsInMs: 100 })
  vi.advanceTimersByTime(40)
  expect(await counter.take('a', 1)).toMatchObject({ isTaken: true, left: 9, endsInMs: 100 })
})

test('points that are refused are not taken', async () => {
  const counter = open()
  await counter.take('a', 8)
  expect(await counter.take('a', 3)).toMatchObject({ isTaken: false, left: 2, limit: 10 })
  expect(await counter.take('a', 2)).toMatchObject({ isTaken: true, left: 0 })
})

test('a look takes nothing and begins no window', async () => {
  const counter = open()
  expect(await counter.take('a', 0)).toMatchObject({ left: 10, endsInMs: 0 })
  await counter.take('a', 3)
  vi.advanceTimersByTime(30)
  expect(await counter.take('a', 0)).toMatchObject({ left: 7, endsInMs: 70 })
})

test('points are given back to their window alone, and never more than it took', async () => {
  const counter = open()
  const early = await counter.take('a', 4)
  early.giveBack(3)
  expect(await counter.take('a', 0)).toMatchObject({ left: 9 })
  early.giveBack(100)
  expect(await counter.take('a', 0)).toMatchObject({ left: 10 })
  vi.advanceTimersByTime(100)
  await counter.take('a', 5)
  early.giveBack(4)
  expect(await counter.take('a', 0)).toMatchObject({ left: 5 })
})

test('a wall clock that is set back does not lengthen the window', async () => {
  const counter = open()
  await counter.take('a', 1)
  vi.setSystemTime(Date.now() - 86_400_000)
  expect(await counter.take('a', 1)).toMatchObject({ left: 8, endsInMs: 100 })
})

test('a flood of other accounts does not evict an account in use', async () => {
  const counter = open()
  await counter.take('busy', 1)
  await counter.take('busy', 1)
  for (let i = 0; i < 120_000; i += 1) await counter.take(`once ${i}`, 1)
  expect(await counter.take('busy', 0)).toMatchObject({ left: 8 })
  expect(await counter.take('once 0', 0)).toMatchObject({ left: 10, endsInMs: 0 })
})

test('as the store of @fastify/rate-limit it tells what is left, also of a share of the limit', async () => {
  const Store = toStore(open(2))
  const store = new Store({})
  const count = (): Promise<unknown> =>
    new Promise((resolve) => {
      store.incr('a', (error, result) => resolve(error ?? result), 100, 4)
    })
  expect(await count()).toEqual({ current: 3, ttl: 100 })
  vi.advanceTimersByTime(40)
  expect(await count()).toEqual({ current: 4, ttl: 60 })
  expect(await count()).toEqual({ current: 5, ttl: 60 }) // over the limit of 4
})

test('as the store of @fastify/rate-limit it passes its failures on', async () => {
  const lost = new Error('lost')
  const Store = toStore({ limit: 2, take: () => Promise.reject(lost) })
  const seen = await new Promise((resolve) => {
    new Store({}).incr('a', resolve, 100, 2)
  })
  expect(seen).toBe(lost)
})
