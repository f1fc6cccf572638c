// Overload: a request that would wait too long is refused at once, so that those which are admitted are answered in time.
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import type { Database } from '../../db/database.ts'
import { Problem } from '../../errors.ts'
import { type LoopWatch, watchLoop } from './loop-watch.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the request counts among those that are being answered. */
    isAdmitted: boolean
  }
}

/** As many requests do not wait for each other: fewer keep no process busy. */
const ALWAYS = 8
const RETRY_SECONDS = 1
/** Code runs several times slower until it has been compiled, so a process that has answered few requests is given more time. */
const YOUNG_MS = 10_000
const YOUNG_REQUESTS = 500
const YOUNG_FACTOR = 4

/** One for all, as a flood of refusals must be cheap. */
const overloaded = new Problem(
  'UNAVAILABLE',
  `The service is overloaded. Try again in ${RETRY_SECONDS} s.`,
  { headers: { 'retry-after': String(RETRY_SECONDS) } },
)
overloaded.stack = ''

interface Load {
  /** Requests that are admitted and not yet answered. */
  readonly running: number
  /** Milliseconds that one more request is expected to wait for them. */
  readonly wait: number
}

interface Admission {
  /** Counts a request as admitted. Refuses with UNAVAILABLE where it would wait too long. */
  enter(): void
  leave(): void
  /** @throws as `enter` */
  check(): void
}

interface AdmissionParts {
  readonly watch: LoopWatch
  /** The longest wait in milliseconds. */
  readonly longest: number
  /** Whether requests have been waiting for a connection to the database for a while. */
  readonly isQueued: () => boolean
  readonly onRefused: (load: Load) => void
}

/**
 * A request has waited for the loop already, and by Little's law it will wait for as long as those before it take: their
 * number, times the time of the loop for each.
 * Where they wait for the database, it is the time between two answers. A request that only waits for something else
 * takes no time of the loop, so many of them may run.
 */
function openAdmission({ watch, longest, isQueued, onRefused }: AdmissionParts): Admission {
  let running = 0
  let finished = 0
  const openedAt = performance.now()
  const isYoung = (now: number): boolean => finished < YOUNG_REQUESTS && now - openedAt < YOUNG_MS
  const check = (): void => {
    const now = performance.now()
    const isStanding = watch.isSaturated() || isQueued()
    if (running < ALWAYS && !isStanding) return
    const time = watch.loopTime(running)
    const each = isQueued() ? Math.max(time, watch.interval()) : time
    const ahead = running < ALWAYS ? 0 : running * each
    const wait = watch.delayAt(now) + ahead
    const allowed = isYoung(now) ? YOUNG_FACTOR * longest : longest
    if (wait <= (isStanding ? allowed : 2 * allowed)) return
    onRefused({ running, wait })
    throw overloaded
  }
  return {
    check,
    enter() {
      check()
      running += 1
    },
    leave() {
      running -= 1
      finished += 1
      watch.countFinished()
    },
  }
}

/** Looks at the database, one with every beat of the loop, that find requests waiting for a connection. */
const QUEUED_BEATS = 5

/** Whether requests have been waiting for a connection for a while; `look` is called with every beat. */
function watchQueue({ queued }: Pick<Database, 'queued'>) {
  let beats = 0
  return {
    look(): void {
      beats = (queued?.() ?? 0) > 0 ? beats + 1 : 0
    },
    isQueued: () => beats >= QUEUED_BEATS,
  }
}

export interface LoadWatch {
  readonly watch: LoopWatch
  readonly isQueued: () => boolean
}

/** Watches the loop and the database's queue until the app closes. */
export function watchLoad(app: FastifyInstance, database: Pick<Database, 'queued'>): LoadWatch {
  const queue = watchQueue(database)
  const watch = watchLoop(queue.look)
  app.addHook('onClose', (_app, done) => {
    watch.stop()
    done()
  })
  return { watch, isQueued: queue.isQueued }
}

/** Milliseconds between two lines of the log about overload. */
const TELL_MS = 1000

/** One line for all refusals of a second: each has its own line at `info`. */
function buildTell(log: () => FastifyBaseLogger): (load: Load) => void {
  let refused = 0
  let toldAt = Number.NEGATIVE_INFINITY
  return ({ running, wait }) => {
    refused += 1
    const now = performance.now()
    if (now - toldAt < TELL_MS) return
    log().warn({ refused, running, wait_ms: Math.round(wait) }, 'overloaded')
    toldAt = now
    refused = 0
  }
}

interface Shedding extends LoadWatch {
  /** `OVERLOAD_WAIT`; 0 refuses no request. */
  readonly longest: number
}

/** A request without a body counts from its head on, any other from the moment when its body has come, until its answer begins. */
export function shedOverload(app: FastifyInstance, { watch, isQueued, longest }: Shedding): void {
  if (longest === 0) return
  app.decorateRequest('isAdmitted', false)
  const onRefused = buildTell(() => app.log)
  const admission = openAdmission({ watch, longest, isQueued, onRefused })
  const attempt = (request: FastifyRequest, step: () => void): void => {
    request.facts.isShed = true
    step()
    request.facts.isShed = false
  }
  const leave = (request: FastifyRequest): void => {
    if (!request.isAdmitted) return
    request.isAdmitted = false
    admission.leave()
  }
  const enter = (request: FastifyRequest): void => {
    attempt(request, admission.enter)
    request.isAdmitted = true
    request.work.onEnd(() => leave(request))
  }
  app.addHook('onRequest', (request, _reply, done) => {
    if (!request.routeOptions.config.quiet) {
      if (hasBody(request)) attempt(request, admission.check)
      else enter(request)
    }
    done()
  })
  app.addHook('preValidation', (request, _reply, done) => {
    if (hasBody(request) && !request.routeOptions.config.quiet) enter(request)
    done()
  })
  app.addHook('onSend', (request, _reply, _payload, done) => {
    leave(request)
    done()
  })
}

/** By its head. */
export const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
