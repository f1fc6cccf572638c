// Places: how many requests of one caller run at a time, so that slow ones of one do not take all connections.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where its caller is not bounded, and before it has one. */
    place: Place | null
  }
}

/**
 * A request answered within it gives its caller one place more, unless a slow one of theirs is running; one that takes longer
 * than `SLOW_MS` takes half of them away.
 */
const QUICK_MS = 100
const SLOW_MS = 250
/** The most places that quick requests earn. */
const MOST = 256
/** Requests of one caller that wait for a place, and how long; the pool lets requests wait as long for a connection. */
const MAX_WAITING = 1000
const WAIT_MS = 2000
const RETRY_SECONDS = 1

/** Of one running request. */
export interface Place {
  /** By the clock of `performance.now()`. */
  readonly entered: number
  /** Whether its answer is being sent: how long that takes is up to the reader. */
  isAnswering: boolean
}

interface Waiting {
  readonly enter: (place: Place) => void
  readonly refuse: () => void
}

/** One caller with running requests; forgotten with the last of them. */
interface Places {
  /** When each running request has entered, the oldest first. */
  readonly running: Set<Place>
  limit: number
  readonly waiting: Set<Waiting>
}

export interface CallerPlaces {
  /** A place, or a promise of one. Rejects with RATE_LIMITED. */
  enter(key: string): Promise<Place> | Place
  /** @param milliseconds how long the request took */
  leave(key: string, place: Place, milliseconds: number): void
  /** Callers with running requests. */
  readonly size: () => number
}

/** @param share the places that a caller always has */
export function openPlaces(share: number): CallerPlaces {
  const callers = new Map<string, Places>()

  const take = ({ running }: Places): Place => {
    const place = { entered: performance.now(), isAnswering: false }
    running.add(place)
    return place
  }
  const admitWaiting = (places: Places): void => {
    for (const next of places.waiting) {
      if (places.running.size >= places.limit) return
      places.waiting.delete(next)
      next.enter(take(places))
    }
  }
  return {
    enter(key) {
      let places = callers.get(key)
      if (places === undefined) {
        places = { running: new Set(), limit: share, waiting: new Set() }
        callers.set(key, places)
      }
      if (places.running.size < places.limit) return take(places)
      return places.waiting.size >= MAX_WAITING
        ? Promise.reject(tooMany(share))
        : wait(places, share)
    },
    leave(key, place, milliseconds) {
      const places = callers.get(key)
      if (places === undefined) return
      places.running.delete(place)
      if (milliseconds > SLOW_MS) places.limit = Math.max(share, places.limit >> 1)
      else if (milliseconds <= QUICK_MS && !isSlow(places))
        places.limit = Math.min(MOST, places.limit + 1)
      admitWaiting(places)
      if (places.running.size === 0) callers.delete(key)
    },
    size: () => callers.size,
  }
}

/** Whether a request of the caller has been running for long, and has no answer yet. */
function isSlow({ running }: Places): boolean {
  for (const { entered, isAnswering } of running)
    if (!isAnswering) return performance.now() - entered > SLOW_MS
  return false
}

function wait(places: Places, share: number): Promise<Place> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => waiting.refuse(), WAIT_MS)
    const waiting: Waiting = {
      enter(place) {
        clearTimeout(timer)
        resolve(place)
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
  app.decorateRequest('place', null)
  app.addHook('onSend', ({ place }, _reply, _payload, done) => {
    if (place !== null) place.isAnswering = true
    done()
  })
  app.addHook('preValidation', async (request) => {
    if (request.routeOptions.config.quiet) return
    const key = toKey(request)
    const place = await places.enter(key)
    request.place = place
    request.work.onEnd(() => {
      places.leave(key, place, (request.facts.readyAt || performance.now()) - place.entered)
    })
  })
}
