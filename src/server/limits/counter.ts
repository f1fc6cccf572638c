// Counters of points by account, in fixed windows. The flood guard counts requests with one, the budget the cost of work with another.

/** How an account stands in its window. */
export interface Count {
  /** Whether the account held the points that were asked for. If not, none were taken. */
  readonly isTaken: boolean
  /** The points of an account in each window, by the counter that answered. */
  readonly limit: number
  /** Points that the account still holds. */
  readonly left: number
  /** Milliseconds until the window ends; 0 when no window has begun. */
  readonly endsInMs: number
}

export interface Counter {
  /** The points of an account in each window. */
  readonly limit: number
  /**
   * Takes points; the first ones begin a window. 0 points look at the account and begin none.
   * A counter in this process answers at once; one that asks another server answers a promise.
   */
  take(account: string, points: number): Taken | Promise<Taken>
}

export interface Taken extends Count {
  /** Returns points to the account, in the window they were taken in: once that is over, the account holds them anyway. */
  giveBack(points: number): void
}

export interface CounterOptions {
  /** A name of its own in Redis. */
  readonly name: string
  readonly limit: number
  readonly windowMs: number
}

/** Whole seconds to wait, at least 1: what ends at once may end a little later at another instance. */
export const toSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000))
