// Hits are counted by key and window, for a bounded number of keys.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MemoryStore } from '../../src/server/limits/rate-limit-memory.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const WINDOW_MS = 100

function openStore() {
  const store = new MemoryStore()
  const call =
    (how: 'incr' | 'read') =>
    (key: string): unknown => {
      let seen: unknown
      store[how](
        key,
        (_error, result) => {
          seen = result
        },
        WINDOW_MS,
      )
      return seen
    }
  return { count: call('incr'), look: call('read') }
}

test('a window begins with its first hit and ends by itself', () => {
  const { count } = openStore()
  expect(count('a')).toEqual({ current: 1, ttl: 100 })
  vi.advanceTimersByTime(60)
  expect(count('a')).toEqual({ current: 2, ttl: 40 })
  vi.advanceTimersByTime(40)
  expect(count('a')).toEqual({ current: 1, ttl: 100 })
})

test('a look at the count does not count', () => {
  const { count, look } = openStore()
  expect(look('a')).toEqual({ current: 0, ttl: 0 })
  count('a')
  vi.advanceTimersByTime(30)
  expect([look('a'), look('a')]).toEqual([
    { current: 1, ttl: 70 },
    { current: 1, ttl: 70 },
  ])
  vi.advanceTimersByTime(70)
  expect(look('a')).toEqual({ current: 0, ttl: 0 })
})

test('a wall clock that is set back does not lengthen the window', () => {
  const { count } = openStore()
  count('a')
  vi.setSystemTime(Date.now() - 86_400_000)
  expect(count('a')).toEqual({ current: 2, ttl: 100 })
})

test('a flood of other keys does not evict a key in use', () => {
  const { count, look } = openStore()
  count('busy')
  count('busy')
  for (let i = 0; i < 120_000; i += 1) count(`once ${i}`)
  expect(look('busy')).toEqual({ current: 2, ttl: 100 })
  expect(look('once 0')).toEqual({ current: 0, ttl: 0 })
})
