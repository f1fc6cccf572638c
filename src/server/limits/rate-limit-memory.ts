// The rate limit's counters in this process: the store that @fastify/rate-limit counts in without Redis, or while Redis is away.
// Its own has the wall clock, which can be set back and then locks callers out, and forgets callers in a flood of addresses.
import { openBoundedMap } from '../../bounded-map.ts'

/** Addresses or callers counted at once; about 250 bytes each. */
const MAX_KEYS = 50_000

interface Window {
  hits: number
  begunMs: number
}

type Answer = (error: Error | null, result?: { current: number; ttl: number }) => void

/** What the plugin asks of a store: it wants a constructor. */
export class MemoryStore {
  readonly #windows = openBoundedMap<string, Window>({ maxEntries: MAX_KEYS })

  /** Counts a hit; the first one of a key, and the first after its window, begin a window. */
  incr(key: string, answer: Answer, windowMs: number): void {
    const nowMs = performance.now()
    let window = this.#windows.get(key)
    if (window === undefined) {
      window = { hits: 0, begunMs: nowMs }
      this.#windows.set(key, window)
    } else if (window.begunMs + windowMs <= nowMs) {
      window.hits = 0
      window.begunMs = nowMs
    }
    window.hits += 1
    answer(null, { current: window.hits, ttl: window.begunMs + windowMs - nowMs })
  }

  /** Tells what was counted, and counts nothing. */
  read(key: string, answer: Answer, windowMs: number): void {
    const window = this.#windows.get(key)
    const ttl = window === undefined ? 0 : window.begunMs + windowMs - performance.now()
    answer(
      null,
      window === undefined || ttl <= 0 ? { current: 0, ttl: 0 } : { current: window.hits, ttl },
    )
  }

  /** For routes with a limit of their own, which we have none of. */
  child(): MemoryStore {
    return new MemoryStore()
  }
}
