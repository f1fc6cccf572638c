// Admission: who sends this request, and may it be served now? Runs once for every request, unknown addresses included.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'
import { accountOf, anonymous } from '../../schema/declare/caller.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import { accountOfAddress } from '../limits/account.ts'
import type { FloodGuard } from '../limits/rate-limit.ts'
import type { AuthContext, Authenticate, Authenticator, Credentials } from './authenticator.ts'
import { apiKeys } from './api-keys.ts'
import { invalidToken } from './claims.ts'
import { presentsCredentials, readCredentials } from './credentials.ts'
import { openGoodCredentials } from './good-credentials.ts'
import { jwt } from './jwt.ts'
import { openVerificationQuota } from './verification-quota.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, on every route: set before anything of the route runs. */
    caller: Caller
  }
  interface FastifyContextConfig {
    /** A route for the machinery around us (probes): no admission and no log line. */
    quiet?: boolean
  }
}

/** What a gateway accepts that declares no `auth`: tokens where a key for them is configured, and API keys always. */
function defaultAuthenticators({ config }: AuthContext): readonly Authenticator[] {
  const tokens =
    config.jwtSecret !== undefined ||
    config.jwtJwksUrl !== undefined ||
    config.jwtIssuers !== undefined
  return tokens ? [jwt(), apiKeys()] : [apiKeys()]
}

export function openAuthenticators(
  declared: readonly Authenticator[] | undefined,
  context: AuthContext,
): Authenticate[] {
  return (declared ?? defaultAuthenticators(context)).map((authenticator) =>
    authenticator.open(context),
  )
}

/**
 * Decorates every request with its caller. Anonymous requests count by address; credentials are checked, and only those that
 * are not found good count by address, so that callers behind one server do not share a limit. An address with too many of
 * them has a quota of verifications, which credentials that were good before do not need: see docs/decisions/0060.
 */
export function admitCallers(
  app: FastifyInstance,
  authenticators: readonly Authenticate[],
  guard: FloodGuard,
): void {
  const identify = buildIdentify(authenticators, guard)
  app.decorateRequest('caller')
  app.decorateRequest('account', '')
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.quiet) return
    if (!presentsCredentials(request.raw)) {
      request.caller = anonymous
      request.account = accountOfAddress(request.ip)
      return guard.count(request)
    }
    request.caller = await identify(request)
    request.account = accountOf(request.caller)
    await guard.count(request)
  })
}

function buildIdentify(authenticators: readonly Authenticate[], guard: FloodGuard) {
  const good = openGoodCredentials()
  const takeVerification = openVerificationQuota()

  const verify = async (request: FastifyRequest, credentials: Credentials): Promise<Caller> => {
    try {
      const caller = await attempt(credentials, authenticators, 0)
      good.add(credentials.token)
      return caller
    } catch (error) {
      if (isRefusal(error)) good.delete(credentials.token)
      await guard.countGuess(request) // also where keys cannot be fetched: such requests are no way around the limit
      throw error
    }
  }
  return async (request: FastifyRequest): Promise<Caller> => {
    let credentials: Credentials
    try {
      credentials = readCredentials(request.raw)
    } catch (error) {
      await guard.countGuess(request)
      throw error
    }
    const known = recall(credentials, authenticators)
    if (known !== undefined) return known
    if (
      (await guard.isGuessing(request)) &&
      !good.has(credentials.token) &&
      !takeVerification(accountOfAddress(request.ip))
    )
      throw tooManyGuesses()
    return verify(request, credentials)
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Problem && error.code === 'UNAUTHENTICATED'

const tooManyGuesses = (): Problem =>
  new Problem('RATE_LIMITED', 'Too many invalid credentials from this address; try again in 1 s.', {
    headers: { 'retry-after': '1' },
  })

function recall(
  credentials: Credentials,
  authenticators: readonly Authenticate[],
): Caller | undefined {
  for (const authenticator of authenticators) {
    const caller = authenticator.recall?.(credentials)
    if (caller !== undefined) return caller
  }
  return undefined
}

/** The first that knows such credentials says whose they are. */
function attempt(
  credentials: Credentials,
  authenticators: readonly Authenticate[],
  index: number,
): Caller | Promise<Caller> {
  const authenticator = authenticators[index]
  if (authenticator === undefined)
    throw invalidToken('Credentials of this kind are not accepted here.')
  const found = authenticator(credentials)
  const orNext = (caller: Caller | null): Caller | Promise<Caller> =>
    caller ?? attempt(credentials, authenticators, index + 1)
  return found !== null && 'then' in found ? found.then(orNext) : orNext(found)
}
