/** The points of a caller's account, shared by both faces. */
export interface Budget {
  /** Takes points before work. @throws Problem RATE_LIMITED when the account does not hold them */
  take(account: string, points: number): Promise<Receipt>
}
export interface Receipt {
  /** Gives back what completed work did not use. */ giveBack(points: number): void
}
