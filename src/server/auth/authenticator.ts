// Authenticators: how a team says who may call. Plain values, declared without an environment, opened at start.
import type { ZodType } from 'zod'
import type { Database } from '../../db/database.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import type { Config } from '../config/config.ts'

/** What a request presents: the token of `Authorization: Bearer …`, or the value of `x-api-key`. */
export interface Credentials {
  readonly scheme: 'bearer' | 'apiKey'
  readonly token: string
}

export interface AuthContext {
  readonly config: Config
  readonly database: Database
  /** What makes the team's claims of a token's payload or a key's claims; none when the team declares none. */
  readonly callerSchema: ZodType<object> | undefined
  /** Writes a line of the log, for the operator: what works badly and goes on. */
  readonly warn: (message: string, error?: unknown) => void
}

/**
 * The caller, or null when these credentials are of another kind; at once where nothing is awaited.
 * Bad credentials are the Problem UNAUTHENTICATED.
 */
export interface Authenticate {
  (credentials: Credentials): Caller | null | Promise<Caller | null>
  /** The caller of credentials that were found good a moment ago. It is asked before the function, and never waits. */
  readonly recall?: (credentials: Credentials) => Caller | undefined
}

export interface Authenticator {
  readonly name: string
  /** Its options as they were written, and what they may be: mistakes in them are told with those of the model. */
  readonly options?: { readonly given: unknown; readonly members: ZodType }
  /** Called once at start; throws ConfigurationError when what it needs is not configured. */
  open(context: AuthContext): Authenticate
}
