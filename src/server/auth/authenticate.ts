// Admission: who sends this request, and may it be served now? Runs once for every request, unknown addresses included.
import type { FastifyInstance } from 'fastify'
import { Problem } from '../../errors.ts'
import { anonymous } from '../../schema/declare/caller.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import { accountOf, accountOfAddress } from '../limits/account.ts'
import type { FloodGuard } from '../limits/rate-limit.ts'
import type { AuthContext, Authenticate, Authenticator, Credentials } from './authenticator.ts'
import { apiKeys } from './api-keys.ts'
import { invalidToken } from './claims.ts'
import { presentsCredentials, readCredentials } from './credentials.ts'
import { jwt } from './jwt.ts'

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
  const tokens = config.jwtSecret !== undefined || config.jwtJwksUrl !== undefined
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
 * Decorates every request with its caller. Anonymous requests count by address; credentials are checked, and only bad
 * ones count by address, so that callers behind one server do not share a limit and guessing is still bounded.
 */
export function admitCallers(
  app: FastifyInstance,
  authenticators: readonly Authenticate[],
  guard: FloodGuard,
): void {
  app.decorateRequest('caller')
  app.decorateRequest('account', '')
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.quiet) return
    if (!presentsCredentials(request.raw)) {
      request.caller = anonymous
      request.account = accountOfAddress(request.ip)
      return guard.count(request)
    }
    await guard.refuseGuessing(request)
    try {
      request.caller = await attempt(readCredentials(request.raw), authenticators, 0)
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'UNAVAILABLE')
        await guard.countGuess(request)
      throw error
    }
    request.account = accountOf(request.caller)
    await guard.count(request)
  })
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
