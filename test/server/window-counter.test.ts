// Hits are counted by key and window, for a bounded number of keys.
import { expect, test } from 'vitest'
import { buildWindowCounter } from '../../src/server/limits/window-counter.ts'

function openCounter() {
  const clock = { at: 1000 }
  return { clock, counter: buildWindowCounter({ milliseconds: 100, most: 4 }, () => clock.at) }
}

test('a window begins with its first hit and ends by itself', () => {
  const { clock, counter } = openCounter()
  expect(counter.count('a')).toEqual({ hits: 1, left: 100 })
  clock.at += 60
  expect(counter.count('a')).toEqual({ hits: 2, left: 40 })
  clock.at += 40
  expect(counter.count('a')).toEqual({ hits: 1, left: 100 })
})

test('looking counts nothing', () => {
  const { clock, counter } = openCounter()
  expect(counter.look('a')).toEqual({ hits: 0, left: 0 })
  counter.count('a')
  clock.at += 30
  expect([counter.look('a'), counter.look('a')]).toEqual([{ hits: 1, left: 70 }, { hits: 1, left: 70 }])
  clock.at += 70
  expect(counter.look('a')).toEqual({ hits: 0, left: 0 })
})

test('keys are forgotten that have not been seen for longest; those that come again stay', () => {
  const { counter } = openCounter()
  for (const key of ['a', 'b', 'c', 'a', 'd', 'a', 'e']) counter.count(key)
  expect(['a', 'b', 'c', 'd', 'e'].map((key) => counter.look(key).hits)).toEqual([3, 0, 0, 1, 1])
  for (let i = 0; i < 100; i += 1) counter.count(`new-${i}`)
  expect(Array.from({ length: 100 }, (_, i) => counter.look(`new-${i}`).hits).filter((hits) => hits > 0).length).toBeLessThanOrEqual(4)
})
