// The keys of an identity provider (JWKS): fetched by one request at a time, and kept while the provider is down.
// jose chooses and imports the key. Its own fetching has no back-off, forgets keys while the provider is down, and reads answers of any size.
import { createLocalJWKSet, errors } from 'jose'
import type { JWTVerifyGetKey } from 'jose'
import { Problem } from '../../errors.ts'
import { defined } from '../../defined.ts'

/** Keys are fetched again after this time: so long a key that the provider withdrew is still taken. */
const FRESH_MS = 600_000
/** The longest that keys are taken while the provider is down. */
const LONGEST_MS = 24 * 3_600_000
/** Between two fetches for unknown keys. */
const COOL_DOWN_MS = 30_000
const FIRST_BACK_OFF_MS = 1000
const LONGEST_BACK_OFF_MS = 60_000
const FETCH_TIMEOUT_MS = 3000
const MAX_ANSWER_BYTES = 512 * 1024

export interface KeySetOptions {
  readonly url: string
  /** Called when the provider goes down, with the error, and when it is back. */
  readonly warn: (message: string, error?: unknown) => void
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number
  /** From 0 to 1: how much of a back-off's second half is waited. */
  readonly random?: () => number
}

interface Keys {
  readonly find: JWTVerifyGetKey
  readonly since: number
}

/**
 * Finds the key of a token. A stale set is fetched anew, and so is one that lacks the key, at most once per cool-down.
 * After a failure the provider is left alone for a time that grows, and known keys are used meanwhile.
 * @throws Problem UNAVAILABLE where the key cannot be known, JWKSNoMatchingKey where the provider has no such key
 */
export function openKeySet(options: KeySetOptions): JWTVerifyGetKey {
  const { now = () => performance.now() } = options
  const source = openSource({ ...options, now })
  const known = (): Keys => {
    const { keys } = source
    if (keys === null || now() - keys.since >= LONGEST_MS) throw source.toUnavailable()
    return keys
  }
  return async (header, token) => {
    const age = now() - (source.keys?.since ?? -Infinity)
    if (age >= FRESH_MS && source.mayFetch()) {
      const fetched = source.fetch()
      if (age >= LONGEST_MS || !source.hasFailed()) await fetched // else the known keys serve
    }
    try {
      return await known().find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      if (source.mayFetch()) await source.fetch()
      if (source.hasFailed()) throw source.toUnavailable() // the key may be a new one
      return known().find(header, token)
    }
  }
}

/** The provider: its last keys, and when it may be asked again. */
function openSource({
  url,
  warn,
  now,
  random = Math.random,
}: Required<Pick<KeySetOptions, 'now'>> & KeySetOptions) {
  let keys: Keys | null = null
  let failures = 0
  let lastFailure: unknown
  let mayFetchAt = -Infinity
  let running: Promise<void> | null = null

  const succeed = (find: JWTVerifyGetKey): void => {
    if (failures > 0) warn('The keys of an issuer are back.')
    failures = 0
    lastFailure = undefined
    keys = { find, since: now() }
    mayFetchAt = now() + COOL_DOWN_MS
  }
  const fail = (error: unknown): void => {
    failures += 1
    lastFailure = error
    const longest = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (failures - 1))
    mayFetchAt = now() + longest * (0.5 + random() / 2) // instances do not return together
    if (failures === 1) warn('The keys of an issuer cannot be fetched.', error)
  }
  return {
    get keys() {
      return keys
    },
    hasFailed: () => failures > 0,
    mayFetch: () => running !== null || now() >= mayFetchAt,
    /** Joins the fetch that runs. Never rejects. */
    fetch: (): Promise<void> =>
      (running ??= fetchKeys(url)
        .then(succeed, fail)
        .finally(() => {
          running = null
        })),
    toUnavailable(): Problem {
      const seconds = Math.max(1, Math.ceil((mayFetchAt - now()) / 1000))
      const headers = { 'retry-after': String(seconds) }
      return new Problem(
        'UNAVAILABLE',
        'Tokens cannot be checked just now.',
        defined({ headers, cause: lastFailure }),
      )
    },
  }
}

/** One request of bounded time and size. A redirect is a failure: keys of another host are not those of the configured one. */
async function fetchKeys(url: string): Promise<JWTVerifyGetKey> {
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    headers: { accept: 'application/json, application/jwk-set+json' },
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`The server of the keys answered with the status ${response.status}.`)
  }
  return createLocalJWKSet(JSON.parse(await readBounded(response)))
}

async function readBounded({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES)
      throw new Error(`The answer with the keys is longer than ${MAX_ANSWER_BYTES} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
