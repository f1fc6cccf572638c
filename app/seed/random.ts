// Random numbers that are the same on every machine and in every run: mulberry32, a generator of 32 bits.

export interface Random {
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number
  /** True with a probability between 0 and 1. */
  chance(probability: number): boolean
  pick<const T>(list: readonly T[]): T
}

/** Each table has its own stream (`start`), so that a change of one table leaves the others unchanged. */
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

/** A timestamp by its seconds after the beginning of 2026, in the wire format. The clock is never read. */
export const moment = (seconds: number): string => new Date(firstDay + seconds * 1000).toISOString()

export const day = 86_400

/** Cents as a numeric. */
export const money = (cents: number): string => (cents / 100).toFixed(2)

/** A uuid made from a kind of row and its number. */
export const uuidOf = (kind: 'customer' | 'order', number: number): string =>
  `${kind === 'customer' ? 'c0000000' : 'd0000000'}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
