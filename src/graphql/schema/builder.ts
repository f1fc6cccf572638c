// The Pothos builder: what our own types are built with, and what a team's `graphql: (builder) => …` gets.
import SchemaBuilder from '@pothos/core'
import drizzlePlugin from '@pothos/plugin-drizzle'
import type { Engine } from '../../engine/engine.ts'
import type { Bill } from '../../engine/request.ts'
import type { EngineResult } from '../../engine/result.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import type { HandlerTransaction } from '../../schema/declare/declare.ts'
import type { Relations } from '../../schema/declare/types.ts'
import { handWrittenPlugin, type ReadBack } from './hand-written.ts'

/** Who asks, and until when. */
export interface GraphqlContext {
  readonly caller: Caller
  /** Aborts when the caller goes away or the request's deadline passes. */
  readonly signal: AbortSignal
  readonly requestId: string
  /** Whether a type of rows is one that the caller may know. */
  readonly isKnownType: (type: string) => boolean
  /** Whose budget pays: see openBill. */
  readonly account?: string
  /** What the HTTP request costs. */
  readonly bill: Bill
  /** Whether the root fields of the model stand on it: they are charged together, before any of them runs. */
  readonly isCharged?: boolean
  /** Root fields that were executed before graphql-js was asked: see execute/run.ts. */
  readonly done?: ReadonlyMap<string, Promise<EngineResult>>
  /** The mutations of a document, all or nothing: see shared-transaction.ts. */
  readonly together?: Together
}

/** What the server knows of a request. */
export type RequestContext = Pick<GraphqlContext, 'caller' | 'signal' | 'requestId' | 'account'>

export interface Together {
  /** The engine inside of their transaction. */
  readonly engine: Engine
  /** Once one of them has failed, those after it are not begun. */
  failed: boolean
}

/** What every resolver of one request shares. */
export interface ResolverContext<R extends Relations> extends GraphqlContext {
  /** The database as Drizzle sees it: single statements, past the policies. */
  readonly drizzle: HandlerTransaction<R>
}

/** Text on the wire, with all digits (docs/concepts.md, Values). */
interface TextScalar {
  Input: string
  Output: string
}

type GatewayScalars = {
  BigInt: TextScalar
  Decimal: TextScalar
  UUID: TextScalar
  Date: TextScalar
  Time: TextScalar
  LocalDateTime: TextScalar
  DateTime: TextScalar
  Duration: TextScalar
  Bytes: TextScalar
  JSON: { Input: unknown; Output: unknown }
  GeoJSON: { Input: unknown; Output: unknown }
}

export type GatewayTypes<R extends Relations> = PothosSchemaTypes.ExtendDefaultTypes<{
  DrizzleRelations: R
  Context: ResolverContext<R>
  Scalars: GatewayScalars
}>

/** The same of any tables. */
export type Types = GatewayTypes<Relations>

export type GatewayBuilder<R extends Relations = Relations> = PothosSchemaTypes.SchemaBuilder<
  GatewayTypes<R>
>

/**
 * A team's hand-written fields: `builder.drizzleObjectField('products', 'label', (t) => t.string({ select, resolve }))`,
 * `builder.queryField(…)`. They are trusted code: what they read through Drizzle no policy filters.
 */
export type GraphqlExtension<R extends Relations = Relations> = (
  builder: [R] extends [never] ? never : GatewayBuilder<R>,
) => void

/** An extension of whatever tables, once its types have done their work. */
export type AnyExtension = GraphqlExtension<never>

/** What @pothos/plugin-drizzle needs of Drizzle, handed in by the composition root. */
export interface DrizzleParts {
  /** Runs the `select` of hand-written fields: `database.drizzle`. */
  readonly client: unknown
  /** Drizzle's `getTableConfig` of its PostgreSQL dialect. */
  readonly getTableConfig: unknown
  readonly relations: Relations
}

export function openBuilder(drizzle: DrizzleParts, readBack: ReadBack): GatewayBuilder {
  return new SchemaBuilder<{
    DrizzleRelations: Relations
    Context: ResolverContext<Relations>
    Scalars: GatewayScalars
  }>({
    plugins: [handWrittenPlugin, drizzlePlugin],
    readBack,
    drizzle: drizzle as never, // opaque here: this folder does not know Drizzle
  })
}
