// The flood guard: how many requests an account may send per window, and how many wrong credentials an address.
// It counts requests, by @fastify/rate-limit (docs/decisions/0046); what they cost is the budget's: budget.ts.
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'
import { accountOfAddress } from './account.ts'
import { type Counter, toSeconds } from './counter.ts'
import { toStore } from './rate-limit-store.ts'

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
export async function openFloodGuard(
  app: FastifyInstance,
  requests: Counter,
  guesses: Counter,
): Promise<FloodGuard> {
  if (requests.limit === 0) return off
  const countRequest = await openHandle(app, requests, ({ account }) => account)
  const countGuess = await openHandle(app, guesses, ({ ip }) => accountOfAddress(ip))
  return {
    async count(request) {
      const count = await countRequest(request)
      if (count.isAllowed) return // never: we give the plugin no list of keys that are always allowed
      request.counted = { left: count.remaining, endsInMs: count.ttl }
      if (count.isExceeded) throw toRefusal(count.ttl)
    },
    async isGuessing(request) {
      const count = await countGuess(request, LOOK)
      return !count.isAllowed && count.remaining === 0
    },
    async countGuess(request) {
      await countGuess(request)
    },
  }
}

/** Asks for a count without adding to it. */
const LOOK = { increment: false }

type Handle = ReturnType<FastifyInstance['createRateLimit']>

/** A handle in a scope of its own, as the plugin has one store for each scope. It adds no hook and writes no header. */
async function openHandle(
  app: FastifyInstance,
  counter: Counter,
  keyGenerator: (request: FastifyRequest) => string,
): Promise<Handle> {
  const { promise, resolve } = Promise.withResolvers<Handle>()
  await app.register(async (scope) => {
    await scope.register(rateLimit, {
      global: false,
      max: counter.limit,
      keyGenerator,
      store: toStore(counter),
    })
    resolve(scope.createRateLimit())
  })
  return promise
}

function toRefusal(endsInMs: number): Problem {
  const wait = toSeconds(endsInMs)
  return new Problem('RATE_LIMITED', `Too many requests; try again in ${wait} s.`, {
    headers: { 'retry-after': String(wait) },
  })
}
