// Chance that is the same on every machine and every run: mulberry32, a generator of 32 bits.

export interface Random {
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number
  /** True with a probability between 0 and 1. */
  chance(probability: number): boolean
  pick<const T>(list: readonly T[]): T
}

/** Each table has a stream of its own (`start`), so that a change in one leaves the others as they were. */
export function openRandom(start: number): Random {
  let state = start
  const next = () => {
    // between 0 and 1
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    int,
    chance: (probability) => next() < probability,
    pick: (list) => {
      const picked = list[int(0, list.length - 1)]
      if (picked === undefined) throw new Error('There is nothing to pick from.')
      return picked
    },
  }
}

const firstDay = Date.UTC(2026, 0, 1)

/** A moment so many seconds after the beginning of 2026, as PostgreSQL and the wire have it. Never the clock. */
export const moment = (seconds: number): string => new Date(firstDay + seconds * 1000).toISOString()

export const day = 86_400

/** Cents as a numeric. */
export const money = (cents: number): string => (cents / 100).toFixed(2)

/** A uuid that says what it is of, and which. */
export const uuidOf = (kind: 'customer' | 'order', number: number): string =>
  `${kind === 'customer' ? 'c0000000' : 'd0000000'}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
