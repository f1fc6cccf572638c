// A counter in Redis, which all instances share. rate-limiter-flexible runs it, by a script of ours.
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { Counter, CounterOptions, Taken } from './counter.ts'
import type { SharedCounters } from './shared-counters.ts'

/**
 * In place of the package's script, which also counts points that it refuses, gives points back to a window that never took
 * them, and keeps a window for as long as Redis says, a day longer when the clock of Redis was set back a day.
 * It answers the points as if they had been taken, and the milliseconds that the window has left.
 */
const script = `
local points, seconds, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local used = tonumber(redis.call('get', KEYS[1]) or '0')
local ttl = redis.call('pttl', KEYS[1])
if ttl == -1 or ttl > seconds * 1000 then
  redis.call('expire', KEYS[1], seconds)
  ttl = seconds * 1000
end
if points == 0 or used + points > limit then return { used + points, math.max(0, ttl) } end
if points < 0 then
  if ttl < 0 then return { 0, 0 } end
  if used + points <= 0 then
    redis.call('del', KEYS[1])
    return { 0, 0 }
  end
  return { redis.call('decrby', KEYS[1], -points), ttl }
end
used = redis.call('incrby', KEYS[1], points)
if ttl < 0 then
  redis.call('expire', KEYS[1], seconds)
  ttl = seconds * 1000
end
return { used, ttl }`

/** Opens a counter that counts in Redis, and in `alone` while Redis is away. */
export function openRedisCounter(
  shared: SharedCounters,
  alone: Counter,
  { name, limit, windowMs }: CounterOptions,
): Counter {
  const limiter = new RateLimiterRedis({
    storeClient: shared.client,
    keyPrefix: `bifrons:${name}`,
    points: limit,
    duration: Math.ceil(windowMs / 1000), // it counts in whole seconds
    customIncrTtlLuaScript: script,
  })
  const take = async (account: string, points: number): Promise<Taken> => {
    const { consumedPoints, msBeforeNext } = await limiter.consume(account, points).catch(toRefusal)
    const isTaken = consumedPoints <= limit
    const endsAtMs = performance.now() + msBeforeNext
    return {
      isTaken,
      limit,
      left: limit - (isTaken ? consumedPoints : consumedPoints - points),
      endsInMs: msBeforeNext,
      giveBack(unused) {
        if (performance.now() >= endsAtMs) return
        // without an answer of Redis the points stay taken until the window ends
        void shared.count<unknown>(() => limiter.reward(account, unused), lost)
      },
    }
  }
  return {
    limit,
    take: (account, points) =>
      shared.count(
        () => take(account, points),
        () => alone.take(account, points),
      ),
  }
}

const lost = (): Promise<void> => Promise.resolve()

/** The package throws what it refuses. */
function toRefusal(thrown: unknown): RateLimiterRes {
  if (thrown instanceof RateLimiterRes) return thrown
  throw thrown
}
