// What @fastify/rate-limit counts in: a counter, which has a monotonic clock, bounded accounts and windows that instances share.
// The plugin's own stores have none of these: see docs/decisions/0046.
import type { FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import type { Counter, Taken } from './counter.ts'

type Answer = (error: Error | null, result?: { current: number; ttl: number }) => void

/** The store of one handle of the plugin. It wants a constructor. */
export function toStore(counter: Counter): FastifyRateLimitStoreCtor {
  /** The plugin compares hits with its limit. While Redis is away the counter has a smaller one, so they are told by what is left. */
  const take = (key: string, points: number, answer: Answer, max: number): void => {
    const tell = ({ isTaken, left, endsInMs }: Taken): void =>
      answer(null, { current: isTaken ? max - left : max + 1, ttl: endsInMs })
    const taking = counter.take(key, points)
    if (taking instanceof Promise) taking.then(tell, answer)
    else tell(taking)
  }
  return class CounterStore {
    incr(key: string, answer: Answer, _windowMs: number, max: number): void {
      take(key, 1, answer, max)
    }

    /** Tells what was counted, and counts nothing. */
    read(key: string, answer: Answer, _windowMs: number, max: number): void {
      take(key, 0, answer, max)
    }

    /** For routes with a limit of their own, which we have none of. */
    child(): CounterStore {
      return this
    }
  }
}
