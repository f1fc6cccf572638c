// A process with a small heap that is flooded with requests that are all different, while one request comes again now and then.
import type { CacheFigures } from '../../src/cache-budget.ts'
import { type Kind, patient, requestOf } from './flood.ts'
import { openStore } from './support.ts'

/** What a flood has left. */
export interface Flooded {
  /** The heap after a collection, in bytes, in the middle and at the end. */
  readonly middle: number
  readonly end: number
  readonly caches: readonly CacheFigures[]
  /** Entries that were missing when the popular request came again. */
  readonly popularMisses: number
}

/** One of as many requests is the popular one. */
const EVERY = 50

const [, , snapshot = '', url = ''] = process.argv
const store = await openStore({ ...patient, DATABASE_URL: url }, snapshot)

async function send(sent: { readonly url: string; readonly body?: string }): Promise<void> {
  const { statusCode, body } = await store.app.inject(
    sent.body === undefined
      ? { method: 'GET', url: sent.url }
      : {
          method: 'POST',
          url: sent.url,
          headers: { 'content-type': 'application/json' },
          payload: JSON.stringify({ query: sent.body }),
        },
  )
  if (statusCode !== 200 || body.startsWith('{"errors"')) throw new Error(body)
}

const missesNow = (): number =>
  store.engine.cacheBudget.figures().reduce((sum, { misses }) => sum + misses, 0)

async function flood(kind: Kind, popular: Kind, count: number): Promise<Flooded> {
  const again = { ...requestOf(popular, 0) }
  for (let i = 0; i < 5; i += 1) await send(again)
  let popularMisses = 0
  let middle = 0
  for (let i = 1; i <= count; i += 1) {
    await send(requestOf(kind, i))
    if (i % EVERY === 0) {
      const before = missesNow()
      await send(again)
      popularMisses += missesNow() - before
    }
    if (i === Math.floor(count / 2)) middle = heapUsed()
  }
  return { middle, end: heapUsed(), caches: store.engine.cacheBudget.figures(), popularMisses }
}

function heapUsed(): number {
  for (let i = 0; i < 4; i += 1) globalThis.gc?.()
  const { heapUsed: heap, external } = process.memoryUsage()
  return heap + external
}

interface Asked {
  readonly kind: Kind
  readonly popular: Kind
  readonly count: number
}

process.on('message', ({ kind, popular, count }: Asked) => {
  void flood(kind, popular, count).then((flooded) => process.send?.(flooded))
})
process.send?.('ready')
