// What one of several workers has of what the configuration says of all of them together.
import type { Config } from './config.ts'

/** A part of a total, for each of several workers; `dev` has one process whatever WORKERS says. 0 stays 0. */
export function shareOf(
  { mode, workers }: Pick<Config, 'mode' | 'workers'>,
  total: number,
): number {
  if (mode === 'development' || total === 0) return total
  return Math.max(1, Math.floor(total / workers))
}

/**
 * A worker's share of the connections, and of the requests and points of a caller, whom the system may send to any of the workers: so all
 * together grant no more than was said. Whoever keeps to one connection meets one worker, and the limit the earlier. With Redis,
 * workers count together, and each has the whole limit.
 */
export function toWorkerConfig(config: Config): Config {
  const grant = (total: number): number =>
    config.redisUrl === undefined ? shareOf(config, total) : total
  return Object.freeze({
    ...config,
    databasePoolMax: shareOf(config, config.databasePoolMax),
    rateLimitMax: grant(config.rateLimitMax),
    costBudget: grant(config.costBudget),
  })
}
