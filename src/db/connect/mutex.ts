// The queue for the one connection of the embedded database: first come, first served, for a bounded time.
import { Problem } from '../../errors.ts'
import { poolExhausted } from './pool-exhausted.ts'

/** A turn. Whoever has it is alone until `leave`. */
export interface Place {
  /** Gives the turn to the next; only the first call counts. */
  readonly leave: () => void
  /** The promise's value, or UNAVAILABLE when it takes longer than the line's timeout. */
  inTime<T>(promise: Promise<T>): Promise<T>
}

export interface Queue {
  /** Waits for a turn, at most the timeout: then UNAVAILABLE. */
  enter(): Promise<Place>
  /** How many are in line. */
  waiting(): number
  isTaken(): boolean
  /** Admits no one any more, and waits for those who are in or in line. */
  closeAndEnter(): Promise<Place>
}

const unavailable = (message: string): Problem =>
  new Problem('UNAVAILABLE', message, { headers: { 'retry-after': '1' } })

export function openQueue(timeout: number): Queue {
  const waiting: (() => void)[] = []
  let taken = false
  let closed = false

  function toPlace(): Place {
    let left = false
    return {
      leave() {
        if (left) return
        left = true
        const next = waiting.shift()
        if (next === undefined) taken = false
        else next()
      },
      inTime: (promise) => inTime(promise, timeout),
    }
  }

  function wait(limit: number): Promise<Place> {
    if (!taken) {
      taken = true
      return Promise.resolve(toPlace())
    }
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        clearTimeout(timer)
        resolve(toPlace())
      }
      const onTimeout = (): void => {
        waiting.splice(waiting.indexOf(enter), 1)
        const figures = { open: 1, idle: 0, waiting: waiting.length + 1 }
        reject(poolExhausted('The database is busy. Try again.', figures))
      }
      const timer = limit > 0 ? setTimeout(onTimeout, limit) : undefined
      waiting.push(enter)
    })
  }

  return {
    waiting: () => waiting.length,
    enter: () => (closed ? Promise.reject(unavailable('The database is closed.')) : wait(timeout)),
    isTaken: () => taken,
    closeAndEnter() {
      closed = true
      return wait(0)
    },
  }
}

async function inTime<T>(promise: Promise<T>, timeout: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(unavailable('The database is starting again. Try again.')),
    timeout,
  )
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
