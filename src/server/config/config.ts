// Configuration: every environment variable in one schema, read once, all faults at once, frozen. Nothing else reads the environment.
import { availableParallelism } from 'node:os'
import * as z from 'zod'
import { toTrustedRanges, trustsEveryone } from './trusted-proxies.ts'

export type Mode = 'development' | 'production'

interface VariableDocs {
  readonly name: string
  readonly description: string
  /** What a value must look like, said after "must be". */
  readonly allowed: string
  /** The value when the variable is absent or empty, as it would be written; per mode where they differ. */
  readonly default?: string | Partial<Record<Mode, string>>
  readonly example: string
  /** The value never appears in a message. */
  readonly secret?: true
}

const documented = z.registry<VariableDocs>()

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))
const wholeText = (min: number, max: number) => `a whole number from ${min} to ${max}`
// a new schema for each: the registry knows them by identity
const toggle = () => z.enum(['true', 'false']).transform((text) => text === 'true')
const hour = 3_600_000
const workerCount = z
  .string()
  .transform((text) => (text === 'auto' ? String(availableParallelism()) : text))
  .pipe(whole(1, 256))

const databaseUrl = z
  .string()
  .refine(
    (text) => /^pglite:.+/.test(text) || (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)),
  )
const jwksUrl = z.string().refine((text) => /^https?:\/\//.test(text) && URL.canParse(text))
const redisUrl = z.string().refine((text) => /^rediss?:\/\//.test(text) && URL.canParse(text))
const origins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .refine((list) => (list.length === 1 && list[0] === '*') || list.every(isOrigin))
const trustedRanges = z.string().transform((text, context) => {
  const ranges = toTrustedRanges(text)
  if (ranges === null) context.addIssue({ code: 'custom' })
  return ranges ?? []
})

function isOrigin(text: string): boolean {
  return (
    URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text
  )
}

const perMode = (development: string, production: string) => ({ development, production })
const offInProduction = perMode('true', 'false')

const schema = z.object({
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
  host: z
    .string()
    .regex(/^[\w.:-]{1,253}$/)
    .register(documented, {
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
      'The proxies whose `X-Forwarded-*` and `X-Request-Id` are believed. Unset: nobody is.',
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
    description: 'The length of that window in milliseconds.',
  }),
  redisUrl: redisUrl.optional().register(documented, {
    name: 'REDIS_URL',
    secret: true,
    example: 'redis://localhost:6379/0',
    allowed: 'redis://USER:PASSWORD@HOST:PORT/DATABASE, or rediss:// for TLS',
    description:
      'The Redis in which all instances and workers of one gateway share the counters of the rate limit; it needs the package `ioredis`. ' +
      'While Redis is away, and where this is unset, each counts by itself.',
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
      'The longest a request may take, from its first byte to the answer, in milliseconds; then 504.',
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
  jwtSecret: z
    .string()
    .refine((text) => Buffer.byteLength(text) >= 32)
    .optional()
    .register(documented, {
      name: 'JWT_SECRET',
      secret: true,
      example: 'at-least-32-bytes-of-real-randomness',
      allowed: 'at least 32 bytes',
      description:
        "The secret that signs callers' tokens with HS256. `openssl rand -base64 48` makes one. Not together with `JWT_JWKS_URL`.",
    }),
  jwtJwksUrl: jwksUrl.optional().register(documented, {
    name: 'JWT_JWKS_URL',
    example: 'https://id.example/.well-known/jwks.json',
    allowed: 'an https:// URL (http:// only in development or to this machine)',
    description:
      "Where the public keys that sign callers' tokens are. Not together with `JWT_SECRET`.",
  }),
  jwtIssuer: z.string().optional().register(documented, {
    name: 'JWT_ISSUER',
    example: 'https://id.example/',
    allowed: 'text',
    description: 'The `iss` that a token must have.',
  }),
  jwtAudience: z.string().optional().register(documented, {
    name: 'JWT_AUDIENCE',
    example: 'store-api',
    allowed: 'text',
    description: 'The `aud` that a token must have.',
  }),
  introspection: toggle().register(documented, {
    name: 'INTROSPECTION',
    default: offInProduction,
    example: 'true',
    allowed: 'true or false',
    description:
      'Whether GraphQL answers questions about its schema, and `/schema.graphql` is served.',
  }),
  graphiql: toggle().register(documented, {
    name: 'GRAPHIQL',
    default: offInProduction,
    example: 'true',
    allowed: 'true or false',
    description: 'Whether `/graphiql` is served. It needs `INTROSPECTION` to know the schema.',
  }),
  docs: toggle().register(documented, {
    name: 'DOCS',
    default: offInProduction,
    example: 'true',
    allowed: 'true or false',
    description:
      'Whether the REST reference at `/docs` and its document `/openapi.json` are served.',
  }),
  shutdownGrace: whole(0, hour).register(documented, {
    name: 'SHUTDOWN_GRACE',
    default: perMode('0', '5000'),
    example: '10000',
    allowed: `${wholeText(0, hour)} (milliseconds)`,
    description:
      'How long the listener stays after SIGTERM with `/readyz` failing, so that balancers look elsewhere, in milliseconds.',
  }),
})

type Values = Readonly<z.output<typeof schema>>
export type Config = Values & { readonly mode: Mode }
/** What a team can set in `gateway({ … })`: the environment wins, and secrets stay there. */
export type ConfigOverrides = Partial<Omit<Values, 'jwtSecret' | 'redisUrl'>>
type Key = keyof Values

const keys = Object.keys(schema.shape) as Key[] // Object.keys forgets what the schema knows

/** Every variable with its documentation, for `.env.example` and the reference. */
export const configReference: readonly (VariableDocs & { readonly key: Key })[] = Object.freeze(
  keys.map((key) => ({ key, ...docsOf(key) })),
)

function docsOf(key: Key): VariableDocs {
  const docs = documented.get(schema.shape[key])
  if (docs === undefined) throw new TypeError(`The variable behind ${key} has no documentation.`)
  return docs
}

/** What is wrong with the configuration: one line a fault, each with the variable's name and no secret. */
export class ConfigurationError extends Error {
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(['The configuration is not usable:', ...faults.map((fault) => `  ${fault}`)].join('\n'))
    this.name = 'ConfigurationError'
    this.faults = faults
  }
}

/**
 * Reads and checks the whole configuration. Unknown variables are somebody else's and are left alone.
 * Throws ConfigurationError with every fault.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  mode: Mode,
  overrides: ConfigOverrides = {},
): Config {
  const values: Record<string, unknown> = { mode }
  const faults: string[] = []
  for (const key of keys) {
    const docs = docsOf(key)
    const { text, from } = find(docs, overrides[key as keyof ConfigOverrides], { env, mode })
    const read = schema.shape[key].safeParse(text)
    if (read.success) values[key] = Array.isArray(read.data) ? Object.freeze(read.data) : read.data
    else faults.push(toFault(docs, from, text))
  }
  const config = values as Config // each key was read by its own schema; where one failed, we throw below
  for (const fault of crossChecks(config)) faults.push(fault)
  if (faults.length > 0) throw new ConfigurationError(faults)
  return Object.freeze(config)
}

function find(
  docs: VariableDocs,
  override: ConfigOverrides[keyof ConfigOverrides],
  at: { env: Readonly<Record<string, string | undefined>>; mode: Mode },
) {
  const set = at.env[docs.name]
  if (set !== undefined && set !== '') return { text: set, from: docs.name }
  if (override !== undefined) {
    return {
      text: typeof override === 'object' ? override.join(',') : String(override),
      from: `${docs.name} (set in gateway)`,
    }
  }
  return {
    text: typeof docs.default === 'object' ? docs.default[at.mode] : docs.default,
    from: docs.name,
  }
}

function toFault(docs: VariableDocs, from: string, text: string | undefined): string {
  if (text === undefined) return `${from} is required: ${docs.allowed}.`
  const shown = docs.secret ? '' : `; it is ${JSON.stringify(text.slice(0, 80))}`
  return `${from} must be ${docs.allowed}${shown}.`
}

/** Rules over several variables. A value that did not parse is absent here and has its own fault. */
function crossChecks(config: Partial<Config>): string[] {
  const faults: string[] = []
  const production = config.mode === 'production'
  if (config.jwtSecret !== undefined && config.jwtJwksUrl !== undefined) {
    faults.push('JWT_SECRET and JWT_JWKS_URL exclude each other: set one of them.')
  }
  if (production && config.jwtJwksUrl !== undefined && !isSafeUrl(new URL(config.jwtJwksUrl))) {
    faults.push('JWT_JWKS_URL must be an https:// URL in production.')
  }
  if (production && config.trustProxy !== undefined && trustsEveryone(config.trustProxy)) {
    faults.push(
      'TRUST_PROXY must name the proxies in production: trusting everyone lets any caller forge its address.',
    )
  }
  if (
    config.statementTimeout !== undefined &&
    config.requestTimeout !== undefined &&
    config.statementTimeout > config.requestTimeout
  ) {
    faults.push('STATEMENT_TIMEOUT must not be longer than REQUEST_TIMEOUT.')
  }
  return [...faults, ...workerFaults(config)]
}

/** What several workers cannot have; `dev` and its embedded database have one whatever WORKERS says. */
function workerFaults({
  mode,
  workers = 1,
  databaseUrl: url = '',
  databasePoolMax: connections = workers,
}: Partial<Config>): string[] {
  if (mode === 'development' || workers === 1) return []
  if (url.startsWith('pglite:'))
    return [
      `WORKERS must be 1 with the embedded database, which one process alone can have; it is ${workers}.`,
    ]
  if (workers <= connections) return []
  return [
    `WORKERS must not be more than DATABASE_POOL_MAX, as each worker needs a connection: they are ${workers} and ${connections}.`,
  ]
}

const isSafeUrl = (url: URL): boolean =>
  url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
