// What one of several workers has of what the configuration says of all of them together.
import type { Config } from './config.ts'

/**
 * A worker's share of the connections, and of the requests of a caller, whom the system may send to any of the workers: so all
 * together grant no more than was said. Whoever keeps to one connection meets one worker, and the limit the earlier.
 */
export function toWorkerConfig(config: Config): Config {
  const share = (total: number): number => (total === 0 ? 0 : Math.max(1, Math.floor(total / config.workers)))
  return Object.freeze({ ...config, databasePoolMax: share(config.databasePoolMax), rateLimitMax: share(config.rateLimitMax) })
}
