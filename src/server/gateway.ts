// A gateway as a team declares it: what exists, who is let in, what is written by hand, what it is configured with.
import type { Limits } from '../engine/parse/limits.ts'
import type { GraphqlExtension } from '../graphql/schema/builder.ts'
import type { RestExtension } from '../rest/routes/hand-written.ts'
import type { ModelDeclaration } from '../schema/build/build-model.ts'
import type { HandlerTransaction } from '../schema/declare/declare.ts'
import type { Relations } from '../schema/declare/types.ts'
import type { Authenticator } from './auth/authenticator.ts'
import type { ConfigOverrides } from './config/config.ts'

/** What a seed is told. */
export interface SeedOptions {
  /** How much data: 1 is enough to look at. */
  readonly scale: number
  /** Says what is going on, for anything over a second. */
  readonly progress: (line: string) => void
}

export interface GatewayDeclaration<R extends Relations = Relations> extends ModelDeclaration {
  /** What Drizzle's `defineRelations` returned; the same that `declare` was given. */
  readonly relations: R
  /** How callers prove who they are, tried in this order. Absent: JWTs where configured, and API keys. */
  readonly auth?: readonly Authenticator[]
  /** Hand-written GraphQL fields: trusted code, which reads past the policies. */
  readonly graphql?: GraphqlExtension<R>
  /** Hand-written REST routes, under the API's prefix: trusted code as well. */
  readonly rest?: RestExtension
  /** Fills an empty database; `bifrons dev` runs it. */
  readonly seed?: (tx: HandlerTransaction<R>, options: SeedOptions) => Promise<void>
  /** Settings of this gateway; the environment wins over them. */
  readonly config?: ConfigOverrides
  readonly limits?: Partial<Limits>
  /** What REST's paths begin with: `/api` unless said otherwise, such as `/api/v1`. */
  readonly apiPrefix?: `/${string}`
  /** The folder of the team's migrations, from the gateway's file: `./drizzle` unless said otherwise. */
  readonly migrations?: string
}

/** A gateway whose types have done their work: what the command line loads and the server serves. */
export type AnyGateway = Omit<GatewayDeclaration, 'graphql' | 'seed'> & {
  readonly graphql?: GraphqlExtension<never>
  readonly seed?: (tx: never, options: SeedOptions) => Promise<void>
}

/** Declares a gateway. The default export of the file that `bifrons dev` and `bifrons start` are given. */
export const gateway = <R extends Relations>(
  declaration: GatewayDeclaration<R>,
): GatewayDeclaration<R> => Object.freeze(declaration)
