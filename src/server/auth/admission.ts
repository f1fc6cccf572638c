// Admission: who sends this request, and may it be served now? Runs once for every request, unknown addresses included.
import type { FastifyInstance } from 'fastify'
import type { IncomingMessage } from 'node:http'
import { Problem } from '../../errors.ts'
import { anonymous } from '../../schema/caller.ts'
import type { Caller } from '../../schema/caller.ts'
import type { FloodGuard } from '../flood-guard.ts'
import type { AuthContext, Authenticate, Authenticator } from './authenticator.ts'
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

export function openAuthenticators(declared: readonly Authenticator[] | undefined, context: AuthContext): Authenticate[] {
  return (declared ?? defaultAuthenticators(context)).map((authenticator) => authenticator.open(context))
}

/**
 * Decorates every request with its caller. Anonymous requests count by address; credentials are checked, and only bad
 * ones count by address, so that callers behind one server do not share a limit and guessing is still bounded.
 */
export function admitCallers(app: FastifyInstance, authenticators: readonly Authenticate[], guard: FloodGuard): void {
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.quiet) return
    if (!presentsCredentials(request.raw)) {
      request.caller = anonymous
      return guard.countAddress(request, reply)
    }
    await guard.refuseGuessing(request, reply)
    request.caller = await authenticate(request.raw, authenticators).catch(async (error: unknown) => {
      if (!(error instanceof Problem) || error.code !== 'UNAVAILABLE') await guard.countGuess(request)
      throw error
    })
    return guard.countCaller(request, reply)
  })
}

async function authenticate(raw: IncomingMessage, authenticators: readonly Authenticate[]): Promise<Caller> {
  const credentials = readCredentials(raw)
  for (const attempt of authenticators) {
    const caller = await attempt(credentials)
    if (caller !== null) return caller
  }
  throw invalidToken('Credentials of this kind are not accepted here.')
}
