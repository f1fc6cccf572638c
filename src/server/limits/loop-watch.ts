// Watches the event loop: how late it is, whether it rests, and how much of its time a finished request takes.

/** Milliseconds between two looks at the loop. */
export const BEAT_MS = 20
/** Looks in one of the two spans, of one second, that the figures are taken from. */
const SPAN_BEATS = 1000 / BEAT_MS
/** Fewer finished requests than these say nothing about the next one. */
const FEWEST = 20
/** A loop that was idle for less than this share of the time since the last look had no rest. */
const REST = 0.1
/** Looks in a row without rest, and the milliseconds between them, that a single collection of garbage does not give. */
const STANDING_BEATS = 2
const STANDING_MS = 100

interface Span {
  active: number
  finished: number
  elapsed: number
}

export interface LoopWatch {
  /** Milliseconds that an event which is read `now` has waited for the loop, at most. */
  delayAt(now: number): number
  /** Whether work has been waiting for the loop for a while. */
  isSaturated(): boolean
  /**
   * Milliseconds of the loop's time for one request, of the last one or two seconds; 0 while unknown.
   * @param running requests that are not finished, which have taken time too
   */
  loopTime(running: number): number
  /** Milliseconds between two finished requests of the same time; 0 while unknown. */
  interval(): number
  countFinished(): void
  stop(): void
}

/** @param onBeat called at every look, with the milliseconds by which it was late */
export function watchLoop(onBeat: (late: number) => void): LoopWatch {
  let before: Span = { active: 0, finished: 0, elapsed: 0 }
  let current: Span = { active: 0, finished: 0, elapsed: 0 }
  let at = performance.now()
  let late = 0
  let beats = 0
  let unrested = { beats: 0, ms: 0 }
  let usage = performance.eventLoopUtilization()

  const look = (): void => {
    const now = performance.now()
    const next = performance.eventLoopUtilization()
    const elapsed = now - at
    late = Math.max(0, elapsed - BEAT_MS)
    at = now
    const isRested = next.idle - usage.idle >= REST * elapsed
    unrested = isRested
      ? { beats: 0, ms: 0 }
      : { beats: unrested.beats + 1, ms: unrested.ms + elapsed }
    current.active += next.active - usage.active
    current.elapsed += elapsed
    usage = next
    beats += 1
    if (beats >= SPAN_BEATS || current.elapsed >= 1000) {
      before = current
      current = { active: 0, finished: 0, elapsed: 0 }
      beats = 0
    }
    onBeat(late)
  }
  const timer = setInterval(look, BEAT_MS)
  timer.unref()

  const per = (total: number, running: number): number => {
    const finished = before.finished + current.finished
    return finished < FEWEST ? 0 : total / (finished + running)
  }
  return {
    delayAt: (now) => Math.max(late, now - at - BEAT_MS, 0),
    isSaturated: () => unrested.beats >= STANDING_BEATS && unrested.ms >= STANDING_MS,
    loopTime: (running) => per(before.active + current.active, running),
    interval: () => per(before.elapsed + current.elapsed, 0),
    countFinished() {
      current.finished += 1
    },
    stop: () => clearInterval(timer),
  }
}
