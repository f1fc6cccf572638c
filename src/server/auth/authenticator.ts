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
}

/**
 * The caller, or null when these credentials are of another kind; at once where nothing has to be waited for.
 * Bad credentials are the Problem UNAUTHENTICATED.
 */
export type Authenticate = (credentials: Credentials) => Caller | null | Promise<Caller | null>

export interface Authenticator {
  readonly name: string
  /** Its options as they were written, and what they may be: mistakes in them are told with those of the model. */
  readonly options?: { readonly given: unknown; readonly members: ZodType }
  /** Called once at start; throws ConfigurationError when what it needs is not configured. */
  open(context: AuthContext): Authenticate
}
