// Every setting: its environment variable, its schema and its documentation.
import * as z from 'zod'
import { documented, hour, perMode, type VariableDocs } from './documented.ts'
import { loadSettings } from './load-settings.ts'
import { observationSettings } from './observation-settings.ts'
import { pageSettings } from './page-settings.ts'
import { tokenSettings } from './token-settings.ts'
import {
  databaseUrl,
  hostName,
  origins,
  redisUrl,
  trustedRanges,
  whole,
  wholeText,
  workerCount,
} from './value-forms.ts'

export type { Mode, VariableDocs } from './documented.ts'

export const schema = z.object({
  databaseUrl: databaseUrl.register(documented, {
    name: 'DATABASE_URL',
    secret: true,
    default: { development: 'pglite:.bifrons/db' },
    example: 'postgres://store@localhost:5432/store',
    description:
      'Where the rows live: a PostgreSQL server (15 or newer), or the embedded database in a folder or in memory. Required in production.',
    allowed: 'postgres://USER:PASSWORD@HOST:PORT/DATABASE, pglite:FOLDER or pglite:memory',
  }),
  databasePoolMax: whole(1, 1000).register(documented, {
    name: 'DATABASE_POOL_MAX',
    default: '10',
    example: '20',
    allowed: wholeText(1, 1000),
    description:
      'The most connections to PostgreSQL that `bifrons start` opens, shared out evenly among its workers.',
  }),
  databasePrepare: z.enum(['auto', 'off']).register(documented, {
    name: 'DATABASE_PREPARE',
    default: 'auto',
    example: 'off',
    allowed: 'auto or off',
    description:
      'Prepared statements. `auto` uses them and stops where a pooler refuses them; `off` never does.',
  }),
  host: hostName().register(documented, {
    name: 'HOST',
    default: perMode('127.0.0.1', '0.0.0.0'),
    example: '::',
    allowed: 'an address or a host name',
    description: 'The address to listen on.',
  }),
  port: whole(0, 65_535).register(documented, {
    name: 'PORT',
    default: '3000',
    example: '8080',
    allowed: wholeText(0, 65_535),
    description: 'The port to listen on. 0 takes any free one.',
  }),
  ...loadSettings,
  workers: workerCount.register(documented, {
    name: 'WORKERS',
    default: '1',
    example: 'auto',
    allowed: `${wholeText(1, 256)}, or auto`,
    description:
      'How many processes `bifrons start` serves with, on one port: one for each core that it shall use; `auto` is as many as there are. ' +
      'On PostgreSQL only. `bifrons dev` has one.',
  }),
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .register(documented, {
      name: 'LOG_LEVEL',
      default: perMode('warn', 'info'),
      example: 'debug',
      allowed: 'fatal, error, warn, info, debug, trace or silent',
      description:
        'The least severe log line that is written. Requests and refusals are at `info`.',
    }),
  trustProxy: trustedRanges.optional().register(documented, {
    name: 'TRUST_PROXY',
    example: 'loopback,10.1.0.0/16',
    allowed:
      'addresses, ranges such as 10.1.0.0/16 and presets (loopback, private, cloudflare, vercel), separated by commas; or, in development only, true',
    description:
      'The proxies whose `X-Forwarded-*` (or `Forwarded`, see `TRUST_PROXY_HEADER`) and `X-Request-Id` are believed. Unset: none.',
  }),
  trustProxyHeader: z.enum(['x-forwarded-for', 'forwarded']).register(documented, {
    name: 'TRUST_PROXY_HEADER',
    default: 'x-forwarded-for',
    example: 'forwarded',
    allowed: 'x-forwarded-for or forwarded',
    description:
      'The header in which these proxies name the caller: `X-Forwarded-For`, with `X-Forwarded-Proto` and `X-Forwarded-Host`, or `Forwarded` (RFC 7239). ' +
      'The other one is ignored, as a caller may have sent it.',
  }),
  corsOrigins: origins.optional().register(documented, {
    name: 'CORS_ORIGINS',
    example: 'https://shop.example,https://admin.shop.example',
    allowed:
      'origins such as https://shop.example (no path, no trailing slash), separated by commas; or * alone',
    description: 'The web origins whose pages may call from a browser. Unset: none but our own.',
  }),
  rateLimitMax: whole(0, 10_000_000).register(documented, {
    name: 'RATE_LIMIT_MAX',
    default: '1000',
    example: '300',
    allowed: `${wholeText(0, 10_000_000)} (0 switches the guard off)`,
    description:
      'Requests that one caller (an address, for the anonymous) may send per window. Each of `WORKERS` counts by itself and grants its share, without `REDIS_URL`.',
  }),
  rateLimitWindow: whole(1000, 24 * hour).register(documented, {
    name: 'RATE_LIMIT_WINDOW',
    default: '60000',
    example: '10000',
    allowed: `${wholeText(1000, 24 * hour)} (milliseconds)`,
    description: 'The length of that window in milliseconds, and of the window of `COST_BUDGET`.',
  }),
  costBudget: whole(0, 1_000_000_000_000).register(documented, {
    name: 'COST_BUDGET',
    default: perMode('0', '2000'),
    example: '20000',
    allowed: `${wholeText(0, 1_000_000_000_000)} (0 switches the budget off)`,
    description:
      'Points that the work of one caller (an address, for the anonymous) may cost per `RATE_LIMIT_WINDOW`, which is a minute by default. A request that costs more needs all of a window. ' +
      'Each of `WORKERS` counts by itself and grants its share, without `REDIS_URL`.',
  }),
  redisUrl: redisUrl.optional().register(documented, {
    name: 'REDIS_URL',
    secret: true,
    example: 'redis://localhost:6379/0',
    allowed: 'redis://USER:PASSWORD@HOST:PORT/DATABASE, or rediss:// for TLS',
    description:
      'The Redis in which all instances and workers of one gateway share the counters of the rate limit and of the cost budget; it needs the package `ioredis`. ' +
      'While Redis is away, and where this is unset, each counts by itself.',
  }),
  cacheMemory: whole(1_048_576, 4_294_967_296).register(documented, {
    name: 'CACHE_MEMORY',
    default: '67108864',
    example: '33554432',
    allowed: `${wholeText(1_048_576, 4_294_967_296)} (bytes)`,
    description:
      'The memory in bytes of all caches of documents, plans and read requests together, in each process: what was not used for longest makes room.',
  }),
  bodyLimit: whole(1024, 1_073_741_824).register(documented, {
    name: 'BODY_LIMIT',
    default: '1048576',
    example: '262144',
    allowed: `${wholeText(1024, 1_073_741_824)} (bytes)`,
    description: 'The largest request body in bytes; more is 413.',
  }),
  requestTimeout: whole(100, hour).register(documented, {
    name: 'REQUEST_TIMEOUT',
    default: '15000',
    example: '30000',
    allowed: `${wholeText(100, hour)} (milliseconds)`,
    description:
      'The longest a request may take, from its first byte to the answer, in milliseconds; then 504, or 408 where the request has not arrived.',
  }),
  statementTimeout: whole(100, hour).register(documented, {
    name: 'STATEMENT_TIMEOUT',
    default: '5000',
    example: '2000',
    allowed: `${wholeText(100, hour)} (milliseconds)`,
    description: 'The longest one SQL statement may take, in milliseconds; then 504.',
  }),
  exportTimeout: whole(100, 24 * hour).register(documented, {
    name: 'EXPORT_TIMEOUT',
    default: '300000',
    example: '60000',
    allowed: `${wholeText(100, 24 * hour)} (milliseconds)`,
    description:
      'The longest an export (CSV or NDJSON of a whole list) may take, in milliseconds, in place of `REQUEST_TIMEOUT`; then its stream is cut off. ' +
      'What is fetched for it, a few rows at a time, has `STATEMENT_TIMEOUT` each time.',
  }),
  exportsPerCaller: whole(1, 1000).register(documented, {
    name: 'EXPORTS_PER_CALLER',
    default: '2',
    example: '1',
    allowed: wholeText(1, 1000),
    description:
      'The most exports that one caller may run at a time; one more is 429. Callers who are not signed in are one caller together.',
  }),
  ...tokenSettings,
  ...pageSettings,
  ...observationSettings,
  shutdownGrace: whole(0, hour).register(documented, {
    name: 'SHUTDOWN_GRACE',
    default: perMode('0', '5000'),
    example: '10000',
    allowed: `${wholeText(0, hour)} (milliseconds)`,
    description:
      'How long the listener stays after SIGTERM with `/readyz` failing, so that balancers look elsewhere, in milliseconds.',
  }),
})

export type Settings = Readonly<z.output<typeof schema>>
export type Key = keyof Settings

export const keys = Object.keys(schema.shape) as Key[] // Object.keys forgets what the schema knows

export function docsOf(key: Key): VariableDocs {
  const docs = documented.get(schema.shape[key])
  if (docs === undefined) throw new TypeError(`The variable behind ${key} has no documentation.`)
  return docs
}
