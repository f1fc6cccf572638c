// Redis, where instances share the counters of the rate limit. While it is away, each instance counts by itself.
import type { FastifyBaseLogger } from 'fastify'
import type { Redis } from 'ioredis'
import { ConfigurationError } from '../config/config.ts'

const CONNECT_TIMEOUT_MS = 1000
/** A count takes less than 1 ms; a Redis that hangs must not hold requests up. */
const COMMAND_TIMEOUT_MS = 250
const RETRY_MS = 500

export interface SharedCounters {
  readonly client: Redis
  /** Counts in Redis, or by `alone` while Redis is away. */
  readonly count: <T>(shared: () => Promise<T>, alone: () => T | Promise<T>) => T | Promise<T>
  readonly close: () => void
}

/**
 * Connects to Redis; one that is not there yet is waited for in the background.
 * @throws ConfigurationError when the package ioredis is not installed
 */
export async function openSharedCounters(
  url: string,
  log: FastifyBaseLogger,
): Promise<SharedCounters> {
  const Client = await loadClient()
  const client = new Client(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => RETRY_MS,
  })
  client.on('error', () => {}) // told by the command that fails for it; without a listener ioredis prints it
  const { count, leave, close } = buildFallback(client, log)
  await client.connect().catch(leave)
  return { client, count, close }
}

async function loadClient(): Promise<typeof Redis> {
  try {
    return (await import('ioredis')).Redis
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error // import throws Errors
    throw new ConfigurationError([
      'REDIS_URL needs the package ioredis, which is not installed: npm install ioredis.',
    ])
  }
}

/** What a count does: a Redis that only answers PING, such as a replica or a full one, is no use. */
const PROBE = 'return redis.call("SET", KEYS[1], "1", "PX", 1000)'

/** Leaves Redis at its first failure, and returns when it takes writes again. Each is logged once. */
function buildFallback(client: Redis, log: FastifyBaseLogger) {
  let isAway = false
  let timer: NodeJS.Timeout | undefined
  const probe = (): void => {
    client.eval(PROBE, 1, 'bifrons:probe').then(
      () => {
        isAway = false
        log.warn('Redis is back: instances share the counters of the rate limit again.')
      },
      () => {
        timer = setTimeout(probe, RETRY_MS).unref()
      },
    )
  }
  const leave = (error: unknown): void => {
    if (isAway) return
    isAway = true
    log.warn({ err: error }, 'Redis is away: this instance counts by itself for the rate limit.')
    timer = setTimeout(probe, RETRY_MS).unref()
  }
  const count: SharedCounters['count'] = (shared, alone) => {
    if (isAway) return alone()
    return shared().catch((error: unknown) => {
      leave(error)
      return alone()
    })
  }
  const close = (): void => {
    isAway = true // requests that still run count by themselves
    clearTimeout(timer)
    client.disconnect()
  }
  return { count, leave, close }
}
