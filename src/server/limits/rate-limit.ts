// The flood guard: how many requests an account may send per window, and how many wrong credentials an address.
// It counts requests; what they cost is the budget's: budget.ts.
import type { FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'
import { accountOfAddress } from './account.ts'
import { type Count, type Counter, toSeconds } from './counter.ts'

export interface FloodGuard {
  /**
   * Counts a request against its account.
   * @throws Problem RATE_LIMITED when the account has sent too many
   */
  readonly count: (request: FastifyRequest) => Promise<void>
  /** Whether an address has sent too many bad credentials. */
  readonly isGuessing: (request: FastifyRequest) => Promise<boolean>
  readonly countGuess: (request: FastifyRequest) => Promise<void>
}

const off: FloodGuard = {
  async count() {},
  isGuessing: async () => false,
  async countGuess() {},
}

/** Opens the guard. Counters that grant nothing give one that lets everything pass. */
export function openFloodGuard(requests: Counter, guesses: Counter): FloodGuard {
  if (requests.limit === 0) return off
  return {
    async count(request) {
      const count = await requests.take(request.account, 1)
      request.counted = count
      if (!count.isTaken) throw toRefusal(count)
    },
    async isGuessing(request) {
      return (await guesses.take(accountOfAddress(request.ip), 0)).left <= 0
    },
    async countGuess(request) {
      await guesses.take(accountOfAddress(request.ip), 1)
    },
  }
}

function toRefusal({ endsInMs }: Count): Problem {
  const wait = toSeconds(endsInMs)
  return new Problem('RATE_LIMITED', `Too many requests; try again in ${wait} s.`, {
    headers: { 'retry-after': String(wait) },
  })
}
