// What a caller may use: the flood guard and the budget, over counters in this process or in Redis.
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config/config.ts'
import { shareOf } from '../config/worker-config.ts'
import { type AccountBudget, openAccountBudget } from './budget.ts'
import type { Counter, CounterOptions } from './counter.ts'
import { openMemoryCounter } from './memory-counter.ts'
import { type FloodGuard, openFloodGuard } from './rate-limit.ts'
import { setRateLimitFields } from './rate-limit-fields.ts'
import { openRedisCounter } from './redis-counter.ts'
import { openSharedCounters, type SharedCounters } from './shared-counters.ts'

type Settings = Pick<
  Config,
  'mode' | 'workers' | 'rateLimitMax' | 'rateLimitWindow' | 'costBudget' | 'redisUrl'
>

declare module 'fastify' {
  interface FastifyInstance {
    /** The points of all accounts; its limit is 0 where work is free. */
    budget: AccountBudget
  }
}

/**
 * Opens the limits, and tells every caller of them in the RateLimit fields. `RATE_LIMIT_MAX=0` and `COST_BUDGET=0` switch one off.
 * @throws ConfigurationError when `REDIS_URL` is set and the package for it is not installed
 */
export async function openLimits(app: FastifyInstance, settings: Settings): Promise<FloodGuard> {
  const { rateLimitMax, costBudget, rateLimitWindow: windowMs } = settings
  const shared = await openShared(app, settings)
  const open = (name: string, limit: number): Counter =>
    openCounter({ name, limit, windowMs }, settings, shared)
  const requests = open('requests', rateLimitMax)
  const budget = openAccountBudget(open('cost', costBudget))
  app.decorate('budget', budget)
  setRateLimitFields(app, requests, budget, windowMs)
  return openFloodGuard(app, requests, open('guesses', rateLimitMax))
}

async function openShared(
  app: FastifyInstance,
  { rateLimitMax, costBudget, redisUrl }: Settings,
): Promise<SharedCounters | null> {
  if (redisUrl === undefined || (rateLimitMax === 0 && costBudget === 0)) return null
  const shared = await openSharedCounters(redisUrl, app.log)
  app.addHook('onClose', (_app, done) => {
    shared.close()
    done()
  })
  return shared
}

function openCounter(
  options: CounterOptions,
  settings: Settings,
  shared: SharedCounters | null,
): Counter {
  if (shared === null) return openMemoryCounter(options)
  const alone = openMemoryCounter({ ...options, limit: shareOf(settings, options.limit) })
  return openRedisCounter(shared, alone, options)
}
