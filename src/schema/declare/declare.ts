// The vocabulary of a declaration: `declare` ties it to a team's tables, so that every name is checked by the compiler.
import type { SQL } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { z } from 'zod'
import { type Access, type CallerPolicyInput, defineAccess, type PolicyInput } from './access.ts'
import type { AuditEntry } from './audit-entry.ts'
import type { Caller } from './caller.ts'
import type { AnyErrors, ErrorRules, Fail } from './declared-errors.ts'
import type { KindName } from '../values/kinds.ts'
import type { SearchLanguage, SearchWeight } from './search.ts'
import type {
  ColumnKey,
  ColumnsOf,
  Relations,
  SearchableKey,
  TableKey,
  Wire,
  WireSchema,
} from './types.ts'

/** Rules about one column. Everything is optional; a column without rules is read and written as its resource is. */
export interface FieldRules<R extends Relations, K extends TableKey<R>, C, V> {
  readonly description?: string
  readonly deprecated?: string
  /** Not served at all, neither read nor written by a caller. */
  readonly hidden?: true
  readonly read?: PolicyInput<R, K, C>
  /** Who may give the column in a create or an update; a yes or no about the caller. */
  readonly write?: CallerPolicyInput<C>
  /** Identity by default, serial columns and those with `$onUpdateFn` are settable only where this says so. */
  readonly settable?: true
  /** Refines the validator that is derived from the column. */
  readonly validate?: (schema: WireSchema<V>) => z.ZodType<V>
}

/** A field that is an SQL expression over its row. */
export interface ComputedField<R extends Relations, K extends TableKey<R>, C> {
  readonly type: Exclude<KindName, 'enum'>
  readonly sql: (columns: ColumnsOf<R, K>) => SQL
  readonly nullable?: boolean
  readonly description?: string
  readonly deprecated?: string
  readonly read?: PolicyInput<R, K, C>
}

/** Columns of text that are searched as one, or a tsvector column of the table's own. */
export type SearchRules<R extends Relations, K extends TableKey<R>> =
  | readonly [SearchableKey<R, K>, ...SearchableKey<R, K>[]]
  | {
      readonly columns: readonly [SearchableKey<R, K>, ...SearchableKey<R, K>[]]
      /** Whose words are told apart and brought to their stems: `english` unless told, `simple` for words as they are. */
      readonly language?: SearchLanguage
      /** What counts more, from A to D; without a weight it is D. */
      readonly weights?: { readonly [C in SearchableKey<R, K>]?: SearchWeight }
    }

/**
 * Who may export lists of rows, and how many rows one export may have. A policy alone leaves the rows as they are by default.
 * Both are the gateway's unless given here; without those, callers who are signed in may export 1,000,000 rows.
 */
export type ExportRules<C> =
  | CallerPolicyInput<C>
  | { readonly access?: CallerPolicyInput<C>; readonly rows?: number }

/** Writes that a resource opts into. */
export type OptionalWrite = 'upsert' | 'updateMany' | 'deleteMany'

/** What the world may see and do of one table. What is not named under `access` is closed. */
export interface ResourceRules<R extends Relations, K extends TableKey<R>, C> {
  readonly description?: string
  readonly deprecated?: string
  readonly access: {
    readonly read?: PolicyInput<R, K, C>
    readonly create?: PolicyInput<R, K, C>
    readonly update?: PolicyInput<R, K, C>
    readonly delete?: PolicyInput<R, K, C>
  }
  readonly fields?: {
    readonly [F in ColumnKey<R, K>]?: FieldRules<R, K, C, Wire<ColumnsOf<R, K>[F]>>
  }
  readonly computed?: { readonly [name: string]: ComputedField<R, K, C> }
  /** Rules about Drizzle's relations of the table. */
  readonly relations?: {
    readonly [N in keyof R[K]['relations']]?: {
      readonly hidden?: true
      readonly description?: string
    }
  }
  /** The unique columns that stand for a key, for views and tables without a primary key. */
  readonly key?: readonly [ColumnKey<R, K>, ...ColumnKey<R, K>[]]
  /** Overrides of the names derived from the gateway's keys. */
  readonly names?: {
    readonly plural?: string
    readonly type?: string
    readonly path?: string
    readonly nodeId?: string
    readonly version?: string
  }
  /** Relations along which a create may write too: new rows, under their own resource's policy, or references to rows that are there. */
  readonly nested?: readonly (keyof R[K]['relations'] & string)[]
  /** Gives lists the argument `search`: full-text search in these columns. Nobody who may not read them all may search. */
  readonly search?: SearchRules<R, K>
  /**
   * The column that a row's version is made of, an integer or a timestamp, which every update of the gateway counts up. Without
   * it PostgreSQL's own books tell; partitioned and foreign tables have none that can be used, and say `false`.
   */
  readonly version?: ColumnKey<R, K> | false
  /** An update or a delete must say which version of the row it is about; without, it is PRECONDITION_REQUIRED. */
  readonly requireVersion?: true
  /**
   * Writes that are on no face unless they are named here: `upsert` by every unique key that callers may give, `updateMany` and
   * `deleteMany` of the rows that a filter finds.
   */
  readonly writes?: readonly OptionalWrite[]
  /** Who may export the rows that they may read, as CSV or NDJSON, and how many at a time. */
  readonly export?: ExportRules<C>
  /**
   * Whether each write of a row appends an entry to the gateway's table `bifrons.audit`, in the write's own transaction: who
   * wrote which row, which fields, on which face, by which request. The gateway's `audit` unless given here.
   */
  readonly audit?: boolean
  /** Rows of a page, and of one write: 20 unless asked, 100 at most; groups of an aggregate: 1,000 at most. */
  readonly page?: { readonly default?: number; readonly max?: number; readonly groups?: number }
}

/** A declared resource: a table plus rules. Its name is its key in the gateway's `resources`. */
export interface ResourceDeclaration<K extends string = string> {
  readonly declares: 'resource'
  readonly table: K
  readonly rules: unknown // ResourceRules, checked where it was declared; build-model reads it
  readonly vocabulary: VocabularyData
}

/** Many rows of a resource, as an operation's output. */
export interface ListOutput {
  readonly declares: 'list'
  readonly of: ResourceDeclaration
}
export const list = (of: ResourceDeclaration): ListOutput => Object.freeze({ declares: 'list', of })

export type OutputDeclaration = ResourceDeclaration | ListOutput | z.ZodObject

type KeyValues = { readonly [column: string]: string | number | bigint }
type HandlerResult<O> = O extends ResourceDeclaration
  ? KeyValues | null
  : O extends ListOutput
    ? readonly KeyValues[]
    : O extends z.ZodObject
      ? z.input<O>
      : never

/** The database inside an operation's transaction: Drizzle, with the team's relations. A helper of a handler takes it without an argument. */
export type HandlerTransaction<R extends Relations = Relations> = Omit<NodePgDatabase<R>, '$client'>

interface HandlerContext<Input, R extends Relations, C, D> {
  readonly input: Input
  readonly caller: Caller<C>
  readonly tx: HandlerTransaction<R>
  /** Appends an entry to the audit, in the transaction of `tx`: the audit sees nothing of what is written through that. */
  readonly audit: (entry: AuditEntry) => Promise<void>
  /** Aborts when the caller goes away or the request's deadline passes. */
  readonly signal: AbortSignal
  /** Makes the errors that the operation declares, to be thrown: what is not declared is a compile error. */
  readonly fail: Fail<D>
}

type RestPlace = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`

/** A team's own operation: one function, both faces. */
export interface OperationRules<I extends z.ZodObject, O extends OutputDeclaration> {
  readonly kind: 'query' | 'mutation'
  readonly description?: string
  readonly deprecated?: string
  readonly input?: I
  /** A resource or `list(resource)`, read back as the client asked and under the read policy, or a Zod object. */
  readonly output: O
  /** Method and path under the API's prefix. A query's is GET, its input the query string; other inputs are the body. */
  readonly rest: RestPlace
  /** The status of success on REST: 200 unless it says otherwise. */
  readonly status?: 200 | 201 | 202
  /** Whether each run of a mutation appends an entry to the audit, as on a resource. The gateway's `audit` unless given here. */
  readonly audit?: boolean
  /** Serves the operation on one face only, and says why. */
  readonly only?: { readonly face: 'graphql' | 'rest'; readonly reason: string }
}

export interface OperationDeclaration {
  readonly declares: 'operation'
  readonly rules: OperationRules<z.ZodObject, OutputDeclaration> & { readonly errors?: AnyErrors }
  readonly access: unknown // CallerPolicyInput
  /** What was declared, as it was written: check-declaration.ts looks at it. */
  readonly given: unknown
  /** May run again after a serialization failure, so it has no effect outside `tx`. */
  readonly handle: (context: HandlerContext<never, never, never, never>) => Promise<unknown>
}

/** What a vocabulary was declared over, as data. */
export interface VocabularyData {
  readonly relations: Relations
  readonly caller: z.ZodObject
  /** The options as they were written: check-declaration.ts looks at them. */
  readonly given: unknown
}

/** What `declare` takes. */
export interface VocabularyOptions {
  readonly relations: Relations
  readonly caller?: z.ZodObject
}

/** The words a team declares with. */
export interface Vocabulary<R extends Relations, C> {
  readonly access: Access<R, C>
  /** Declares what the world may see and do of one table. */
  resource<K extends TableKey<R>>(table: K, rules: ResourceRules<R, K, C>): ResourceDeclaration<K>
  /** Declares an operation of the team's own. */
  operation<
    I extends z.ZodObject = z.ZodObject<Record<never, never>>,
    O extends OutputDeclaration = OutputDeclaration,
    D = Record<never, never>,
  >(
    rules: OperationRules<I, O> & {
      readonly access: CallerPolicyInput<C>
      /** Errors of its own, by their codes: what both faces answer when the handler throws `fail.CODE(details)`. */
      readonly errors?: { readonly [Code in keyof D]: ErrorRules<D[Code]> }
      handle(context: HandlerContext<z.infer<I>, R, C, D>): Promise<HandlerResult<NoInfer<O>>>
    },
  ): OperationDeclaration
}

/**
 * Ties the vocabulary to a team's tables and callers.
 * @param options.relations what Drizzle's `defineRelations` returned
 * @param options.caller the claims of a token or key that policies and handlers may use; unknown claims are left out
 */
export function declare<
  R extends Relations,
  S extends z.ZodObject = z.ZodObject<Record<never, never>>,
>(options: { readonly relations: R; readonly caller?: S }): Vocabulary<R, z.infer<S>> {
  const { relations, caller }: VocabularyOptions = Object(options)
  const vocabulary: VocabularyData = Object.freeze({
    relations,
    caller: caller instanceof z.ZodObject ? caller : z.object({}),
    given: options,
  })
  return Object.freeze({
    access: defineAccess<R, z.infer<S>>(),
    resource: <K extends TableKey<R>>(
      table: K,
      rules: ResourceRules<R, K, z.infer<S>>,
    ): ResourceDeclaration<K> => Object.freeze({ declares: 'resource', table, rules, vocabulary }),
    operation: toOperation,
  })
}

/** Types are checked by `Vocabulary.operation`; from here on an operation is data. */
function toOperation(declared: unknown): OperationDeclaration {
  const { access, handle, ...rules } = Object(declared) as {
    // the erased form of what Vocabulary.operation takes
    access: unknown
    handle: OperationDeclaration['handle']
  } & OperationDeclaration['rules']
  return Object.freeze({ declares: 'operation', rules, access, handle, given: declared })
}
