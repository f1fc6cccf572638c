// A counter in this process: without Redis, or while Redis is away. Its clock is monotonic, since a wall clock that is set back would
// lengthen windows, and the number of its accounts is bounded.
import { openBoundedMap } from '../../bounded-map.ts'
import type { Counter, CounterOptions } from './counter.ts'

/** Accounts counted at once; about 250 bytes each. */
const MAX_ACCOUNTS = 50_000

interface Window {
  used: number
  begunMs: number
}

/** Opens a counter; accounts in use survive a flood of others. */
export function openMemoryCounter({ limit, windowMs }: Omit<CounterOptions, 'name'>): Counter {
  const windows = openBoundedMap<string, Window>({ maxEntries: MAX_ACCOUNTS })
  const begin = (account: string): Window => {
    const window = { used: 0, begunMs: performance.now() }
    windows.set(account, window)
    return window
  }
  const running = (account: string): Window | undefined => {
    const window = windows.get(account)
    return window === undefined || hasEnded(window) ? undefined : window
  }
  const hasEnded = ({ begunMs }: Window): boolean => begunMs + windowMs <= performance.now()
  return {
    limit,
    take(account, points) {
      const before = running(account)
      if (before === undefined && points === 0) return untouched(limit)
      const window = before ?? begin(account)
      const isTaken = window.used + points <= limit
      if (isTaken) window.used += points
      return {
        isTaken,
        limit,
        left: limit - window.used,
        endsInMs: window.begunMs + windowMs - performance.now(),
        giveBack(unused) {
          if (hasEnded(window)) return
          window.used = Math.max(0, window.used - unused)
          if (window.used === 0 && windows.get(account) === window) windows.delete(account)
        },
      }
    },
  }
}

const untouched = (limit: number) => ({
  isTaken: true,
  limit,
  left: limit,
  endsInMs: 0,
  giveBack: () => {},
})
