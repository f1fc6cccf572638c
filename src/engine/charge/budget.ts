// The budget that requests are charged to. The engine charges a request once, before its first statement.

/** The points of a caller's account, shared by both faces. */
export interface Budget {
  /**
   * Takes points before work. A budget in this process answers at once; one that asks another server answers a promise.
   * @param points a whole number from 1: see cost.ts
   * @param paid points that the same request has taken before
   * @throws Problem RATE_LIMITED when the account does not hold them
   */
  take(account: string, points: number, paid?: number): Receipt | Promise<Receipt>
}

export interface Receipt {
  /**
   * Gives back what completed work did not use.
   * @returns how many of the points were given back: at most what is left of those that were taken
   */
  giveBack(points: number): number
}
