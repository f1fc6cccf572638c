// Places: how many requests of one caller run at a time, so that slow ones of one do not take all connections.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'

/** A request answered within it gives its caller one place more; one that takes longer than `SLOW_MS` takes half of them away. */
const QUICK_MS = 100
const SLOW_MS = 250
/** The most places that quick requests earn. */
const MOST = 256
/** Requests of one caller that wait for a place, and how long; the pool lets requests wait as long for a connection. */
const MAX_WAITING = 1000
const WAIT_MS = 2000
const RETRY_SECONDS = 1

interface Waiting {
  readonly enter: () => void
  readonly refuse: () => void
}

/** One caller with running requests; forgotten with the last of them. */
interface Places {
  running: number
  limit: number
  readonly waiting: Set<Waiting>
}

export interface CallerPlaces {
  /** Null at once where there is a place, else a promise of one. Rejects with RATE_LIMITED. */
  enter(key: string): Promise<void> | null
  /** @param milliseconds how long the request took */
  leave(key: string, milliseconds: number): void
  /** Callers with running requests. */
  readonly size: () => number
}

/** @param share the places that a caller always has */
export function openPlaces(share: number): CallerPlaces {
  const callers = new Map<string, Places>()

  const admitWaiting = (places: Places): void => {
    for (const next of places.waiting) {
      if (places.running >= places.limit) return
      places.waiting.delete(next)
      places.running += 1
      next.enter()
    }
  }

  return {
    enter(key) {
      const places = callers.get(key)
      if (places === undefined) {
        callers.set(key, { running: 1, limit: share, waiting: new Set() })
        return null
      }
      if (places.running < places.limit) {
        places.running += 1
        return null
      }
      return places.waiting.size >= MAX_WAITING
        ? Promise.reject(tooMany(share))
        : wait(places, share)
    },
    leave(key, milliseconds) {
      const places = callers.get(key)
      if (places === undefined) return
      places.running -= 1
      if (milliseconds <= QUICK_MS) places.limit = Math.min(MOST, places.limit + 1)
      else if (milliseconds > SLOW_MS) places.limit = Math.max(share, places.limit >> 1)
      admitWaiting(places)
      if (places.running === 0) callers.delete(key)
    },
    size: () => callers.size,
  }
}

function wait(places: Places, share: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => waiting.refuse(), WAIT_MS)
    const waiting: Waiting = {
      enter() {
        clearTimeout(timer)
        resolve()
      },
      refuse() {
        places.waiting.delete(waiting)
        reject(tooMany(share))
      },
    }
    places.waiting.add(waiting)
  })
}

const tooMany = (share: number): Problem =>
  new Problem(
    'RATE_LIMITED',
    `Too many requests of yours run at the same time; ${share} slow ones may. Try again in ${RETRY_SECONDS} s.`,
    { headers: { 'retry-after': String(RETRY_SECONDS) } },
  )

/** Comes after the admission of callers. @param share 0 lets each caller run as many as it likes */
export function boundCallers(
  app: FastifyInstance,
  share: number,
  toKey: (request: FastifyRequest) => string,
): void {
  if (share === 0) return
  const places = openPlaces(share)
  app.addHook('preValidation', async (request) => {
    if (request.routeOptions.config.quiet) return
    const key = toKey(request)
    await places.enter(key)
    const began = performance.now()
    request.work.onEnd(() => {
      places.leave(key, (request.facts.readyAt || performance.now()) - began)
    })
  })
}
