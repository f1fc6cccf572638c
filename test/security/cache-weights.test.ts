// What the caches weigh is what they hold: the weights are compared with the heap that a process loses when it empties them.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Measured } from './cache-heap.ts'
import { type StoreProcess, startProcess } from './caches-support.ts'
import type { Kind } from './flood.ts'

let store: StoreProcess
beforeAll(async () => {
  store = await startProcess('./cache-heap.ts')
})
afterAll(() => store.close())

const kinds: readonly Kind[] = [
  'one field',
  'nested',
  'small documents',
  'filters',
  'REST includes',
  'writes',
]
/** Few entries of a few hundred bytes are lost in the noise of a heap. */
const LEAST_BYTES = 400_000

test.each(kinds)(
  '%s: weights are the heap that is held, give or take 30 %',
  async (kind) => {
    const caches = await store.ask<readonly Measured[]>({
      kind,
      count: kind === 'small documents' ? 30 : 150,
    })
    const sum = (of: 'weight' | 'heap'): number => caches.reduce((total, one) => total + one[of], 0)
    const measured = [...caches, { name: 'all', weight: sum('weight'), heap: sum('heap') }]
    const ratios = measured
      .filter(({ heap }) => heap > LEAST_BYTES)
      .map(({ name, weight, heap }) => [name, weight / heap] as const)
    expect(ratios.length).toBeGreaterThan(1)
    for (const [name, ratio] of ratios) {
      expect(ratio, name).toBeGreaterThan(0.7)
      expect(ratio, name).toBeLessThan(1.3)
    }
  },
  600_000,
)
