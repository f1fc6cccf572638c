// The cache of plans: bounded by count and by the memory of a plan, and plans in use stay.
import { expect, test } from 'vitest'
import { openBudget } from '../../../src/cache-budget.ts'
import { createPlanCache, weighPlan } from '../../../src/db/plan/cache.ts'

const plan = (bytes: number) => ({ text: 'x'.repeat(bytes) })

test('20,000 plans leave at most the bounded number', () => {
  const cache = createPlanCache({ plans: 1000 })
  for (let i = 0; i < 20_000; i += 1) cache.get(`shape ${i}`, () => plan(20))
  expect(cache.size).toBe(1000)
})

test('a few enormous plans leave at most the bounded bytes', () => {
  const most = 3 * weighPlan('1', plan(3000)) + 1000
  const cache = createPlanCache({ budget: openBudget(most) })
  for (let i = 0; i < 50; i += 1) cache.get(`${i}`, () => plan(3000))
  expect(cache.size).toBe(3)
  expect(cache.bytes).toBeLessThanOrEqual(most)
  expect(cache.get('huge', () => plan(50_000)).text).toHaveLength(50_000)
  expect(cache.bytes).toBeLessThanOrEqual(most)
  expect(cache.size, 'one that cannot be kept displaces no other').toBe(3)
})

test('a plan in use stays', () => {
  const cache = createPlanCache({ plans: 3 })
  const built: string[] = []
  const use = (key: string) =>
    cache.get(key, () => {
      built.push(key)
      return plan(1)
    })
  for (const key of ['a', 'b', 'c', 'a', 'd', 'a', 'b']) use(key)
  expect(built).toEqual(['a', 'b', 'c', 'd', 'b'])
})
