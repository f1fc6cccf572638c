// Configuration: read once from the environment, all faults at once, frozen. Nothing else reads the environment.
import { coversTheWorld } from './whole-world.ts'
import {
  docsOf,
  type Key,
  keys,
  type Mode,
  schema,
  type Settings,
  type VariableDocs,
} from './variables.ts'

export type Config = Settings & { readonly mode: Mode }
const environmentOnly = [
  'jwtSecret',
  'jwtIssuers',
  'redisUrl',
  'metricsToken',
] as const satisfies readonly Key[]
/** What a team can set in `gateway({ … })`: the environment wins, and secrets stay there. */
export type ConfigOverrides = Partial<Omit<Settings, (typeof environmentOnly)[number]>>
/** Secrets stay out of the declaration. */
export const isOnlyInEnvironment = (key: Key): boolean => environmentOnly.some((one) => one === key)

/** Every variable with its documentation, for `.env.example` and the reference. */
export const configReference: readonly (VariableDocs & { readonly key: Key })[] = Object.freeze(
  keys.map((key) => ({ key, ...docsOf(key) })),
)

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
  return Object.freeze({ ...config, docs: config.docs && config.introspection }) // the document has every name
}

/** What `bifrons access --mutate` tells tests: a policy to take away, and a file that shows that it was. Only bifrons/testing asks. */
export const testedWithout = (): {
  readonly place?: string | undefined
  readonly seen?: string | undefined
} => ({
  place: process.env['BIFRONS_TEST_WITHOUT_POLICY'],
  seen: process.env['BIFRONS_TEST_POLICY_SEEN'],
})

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
  if (
    config.statementTimeout !== undefined &&
    config.requestTimeout !== undefined &&
    config.statementTimeout > config.requestTimeout
  ) {
    faults.push('STATEMENT_TIMEOUT must not be longer than REQUEST_TIMEOUT.')
  }
  return [
    ...tokenFaults(config),
    ...rangeFaults(config),
    ...faults,
    ...workerFaults(config),
    ...adminFaults(config),
  ]
}

/** Ranges of addresses that are everybody's. */
function rangeFaults({ mode, trustProxy = [], metricsFrom = [] }: Partial<Config>): string[] {
  if (mode === 'development') return []
  const faults: string[] = []
  if (coversTheWorld(trustProxy))
    faults.push(
      'TRUST_PROXY must name the proxies in production: trusting everyone lets any caller forge its address.',
    )
  if (coversTheWorld(metricsFrom))
    faults.push(
      'METRICS_FROM must name the addresses of what collects metrics in production; METRICS_TOKEN serves them to any address.',
    )
  return faults
}

function tokenFaults(config: Partial<Config>): string[] {
  const faults: string[] = []
  const production = config.mode === 'production'
  if (config.jwtSecret !== undefined && config.jwtJwksUrl !== undefined) {
    faults.push('JWT_SECRET and JWT_JWKS_URL exclude each other: set one of them.')
  }
  if (production && !isSafeUrl(config.jwtJwksUrl)) {
    faults.push('JWT_JWKS_URL must be an https:// URL in production.')
  }
  if (production && config.jwtIssuers?.some(({ jwksUrl }) => !isSafeUrl(jwksUrl))) {
    faults.push('JWT_ISSUERS must have https:// URLs in production.')
  }
  return faults
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

function adminFaults({ mode, adminPort, workers = 1 }: Partial<Config>): string[] {
  if (mode === 'development' || adminPort === undefined || workers === 1) return []
  return [`ADMIN_PORT needs WORKERS=1, as it answers for one process; it is ${workers}.`]
}

function isSafeUrl(text: string | undefined): boolean {
  if (text === undefined) return true
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
