// A process with a heap of 256 MB lives on through floods of requests that are all different, and keeps what is popular.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inTier } from '../support/tier.ts'
import type { Flooded } from './cache-flood.ts'
import { type StoreProcess, startProcess } from './caches-support.ts'
import type { Kind } from './flood.ts'

let store: StoreProcess
beforeAll(async () => {
  store = await startProcess('./cache-flood.ts', 256)
})
afterAll(() => store.close())

const MB = 1024 * 1024
const BUDGET = 64 * MB

const floods: readonly (readonly [Kind, Kind, number])[] = [
  ['large documents', 'REST includes', inTier({ short: 60, long: 600, nightly: 20_000 })],
  ['small documents', 'nested', inTier({ short: 250, long: 1000, nightly: 20_000 })],
  ['REST', 'nested', inTier({ short: 300, long: 1000, nightly: 20_000 })],
]

test.each(floods)(
  '%s: the second half adds nothing to the heap, and a popular request (%s) stays cached',
  async (kind, popular, count) => {
    const { middle, end, caches, popularMisses } = await store.ask<Flooded>({
      kind,
      popular,
      count,
    })
    process.stdout.write(
      `${count} ${kind}: heap ${Math.round(middle / MB)} MB, then ${Math.round(end / MB)} MB\n`,
    )
    expect(end - middle).toBeLessThan(
      inTier({ short: BUDGET / 2, long: BUDGET / 2, nightly: 8 * MB }),
    )
    expect(caches.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(BUDGET)
    expect(popularMisses).toBe(0)
  },
  3_600_000,
)
