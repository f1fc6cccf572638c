// The frozen model: everything that exists, as plain values that both faces, the data layer and the engine walk.
import type { Column, SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { z } from 'zod'
import type { PolicyNode } from '../declare/access.ts'
import type { OperationDeclaration, OptionalWrite, VocabularyData } from '../declare/declare.ts'
import type { DeclaredError } from '../declare/declared-errors.ts'
import type { Kind, KindName } from '../values/kinds.ts'
import type { Export } from '../declare/export-rules.ts'
import type { SearchWeight } from '../declare/search.ts'

export interface Model {
  /** The gateway's name, for titles. */
  readonly name: string
  readonly description?: string
  /** By key, in the order of the declaration. */
  readonly resources: ReadonlyMap<string, Resource>
  /** Standard operations of every resource, then the team's own; what both faces walk. */
  readonly operations: readonly Operation[]
  /** Who may export, of resources without rules of their own. */
  readonly export: Export
  readonly vocabulary: VocabularyData
  /** What is declared and not served, in words, for `bifrons check`. */
  readonly notes: readonly string[]
}

export interface Resource {
  /** `orderItem`: the key in the gateway's `resources`; the name of the one on GraphQL. */
  readonly key: string
  /** `orderItems`: the key in Drizzle's relations; the name of the list on GraphQL. */
  readonly plural: string
  /** `OrderItem`: the type on both faces. */
  readonly type: string
  /** `order-items`: the path on REST. */
  readonly path: string
  readonly description?: string
  readonly deprecated?: string
  /** The table's key in Drizzle's relations, before any override of the plural. */
  readonly tableKey: string
  readonly table: PgTable
  /** False for views: no create, update, delete. */
  readonly writable: boolean
  readonly fields: ReadonlyMap<string, Field>
  readonly relations: ReadonlyMap<string, Relation>
  /** In the model of one caller: parts that inputs alone may name, because the caller may not read them (caller-model.ts). */
  readonly writeOnly?: {
    readonly fields: ReadonlyMap<string, Field>
    readonly relations: ReadonlyMap<string, Relation>
  }
  /** What policies may use: hidden columns and relations, and relations whose target nobody reads, included. */
  readonly inner: {
    readonly fields: ReadonlyMap<string, Field>
    readonly relations: ReadonlyMap<string, Relation>
  }
  readonly primaryKey: UniqueKey
  /** Other unique keys by which one row can be asked for. */
  readonly uniqueKeys: readonly UniqueKey[]
  readonly foreignKeys: readonly ForeignKey[]
  readonly checks: readonly Check[]
  readonly access: Readonly<Record<Verb, PolicyNode>>
  /** Writes that it opts into, beyond those that its access gives rise to. */
  readonly writes: readonly OptionalWrite[]
  /** `groups`: the most groups of an aggregate. */
  readonly page: { readonly default: number; readonly max: number; readonly groups: number }
  readonly export: Export
  /** Whether each write of a row appends an entry to the audit. */
  readonly audit: boolean
  /** Relations along which a create may write: see nested.ts. */
  readonly nested: readonly string[]
  /** Null: its lists take no search. */
  readonly search: Search | null
  /** Whether its lists can be sorted by what is nearest. */
  readonly measured: boolean
  /** The name of the global id on the GraphQL type: `nodeId` unless a column has that name. */
  readonly nodeId: string
  /** Null where rows have no version: views, and tables that say so. */
  readonly version: Version | null
}

/** How rows tell whether they have changed. */
export interface Version {
  /** The name on the GraphQL type: `version` unless a column has that name. */
  readonly name: string
  /** The column that an update counts up; null for what PostgreSQL itself knows of a row. */
  readonly column: Field | null
  /** An update or a delete must say which version it is about. */
  readonly required: boolean
}

export type Verb = 'read' | 'create' | 'update' | 'delete'

export interface UniqueKey {
  /** `Sku`, `CustomerIdAndProductId`: what follows `by` in names. */
  readonly name: string
  /** `sku`, `customer-id,product-id`: what follows `/by/` on REST. */
  readonly path: string
  readonly fields: readonly Field[]
  /** The database's name of the constraint or index, to name fields in a CONFLICT. */
  readonly constraint?: string
}

export interface ForeignKey {
  readonly constraint: string
  readonly fields: readonly Field[]
  /** The table referred to, if it is a resource; rows its read policy hides count as absent. */
  readonly target: string | null
  readonly targetColumns: readonly PgColumn[]
}

/** A rule of the table over some of its fields; the database says only its name when it is broken. */
export interface Check {
  readonly constraint: string
  readonly fields: readonly Field[]
}

export interface Field {
  readonly name: string
  readonly kind: Kind
  /** Arrays of the kind; elements may be null, as in PostgreSQL. */
  readonly list: boolean
  readonly nullable: boolean
  /** False: for policies only, see `inner`. */
  readonly served: boolean
  readonly enum: EnumType | null
  readonly description?: string
  readonly deprecated?: string
  /** The column, or an expression over the (aliased) columns of the row. */
  readonly source:
    | { readonly column: PgColumn }
    | { readonly sql: (columns: Readonly<Record<string, Column>>) => SQL }
  /** Null: as the resource is read. */
  readonly read: PolicyNode | null
  /** `never`: generated, identity, computed; else optional where the database has a default. `owned`: required of whom it is not filled in for. */
  readonly create: 'never' | 'optional' | 'required' | 'owned'
  /** A create fills it in with the caller's own, where the policy allows no other value (docs/decisions/0026). */
  readonly own: boolean
  readonly update: 'never' | 'optional'
  /** Null: as the resource is written. */
  readonly write: PolicyNode | null
  /** The value's schema in a create or update: kind, limits of the column, and the team's refinement. Null is handled around it. */
  readonly input: z.ZodType
  /** The value's schema in a filter or key: the kind alone. */
  readonly wire: z.ZodType
}

/** Full-text search of a resource: which columns make up the text that is searched. */
export interface Search {
  readonly parts: readonly SearchPart[]
  /** PostgreSQL's text search configuration. */
  readonly language: string
}

export interface SearchPart {
  /** A field of text, or a tsvector, which is no field of the resource. */
  readonly field: Field
  readonly vector: boolean
  /** Null: as PostgreSQL weighs what has no weight, which is as D. */
  readonly weight: SearchWeight | null
}

export interface EnumType {
  /** `OrderStatus`. */
  readonly name: string
  readonly values: readonly EnumValue[]
}
export interface EnumValue {
  readonly label: string
  /** The label where GraphQL allows it, else with `_` for other characters. */
  readonly graphql: string
}

export interface Relation {
  readonly name: string
  readonly many: boolean
  /** False: for policies only, see `inner`. */
  readonly served: boolean
  readonly description?: string
  /** The key of the target in the model. */
  readonly target: string
  /** A to-one is null where no row is found or the caller may not see it. */
  readonly nullable: boolean
  /** Pairs of columns that must be equal, source to target; through a junction, source to junction. */
  readonly from: readonly PgColumn[]
  readonly to: readonly PgColumn[]
  readonly through: null | {
    readonly table: PgTable
    /** Columns of the junction that equal `from`, and those that equal `to`. */
    readonly source: readonly PgColumn[]
    readonly target: readonly PgColumn[]
    /** The junction's own resource key, if it is one: its read policy holds on the way through. */
    readonly resource: string | null
  }
  /** To-one by columns that are not unique in the target: at most one row is taken, the first by its key. */
  readonly first: boolean
  /** Drizzle's own `where` of the relation, applied by db/. */
  readonly where: unknown
  readonly whereOnSource: boolean
}

export type StandardKind =
  | 'get'
  | 'list'
  | 'aggregate'
  | 'create'
  | 'update'
  | 'delete'
  | 'createMany'
  | OptionalWrite

/** Everything a caller can do. */
export type Operation = StandardOperation | CustomOperation

interface OperationBase {
  /** The GraphQL field, REST's operationId: unique in the model. */
  readonly name: string
  readonly kind: 'query' | 'mutation'
  readonly description?: string
  readonly deprecated?: string
}

export interface StandardOperation extends OperationBase {
  readonly standard: StandardKind
  readonly resource: Resource
  /** The key of a get, update, delete, upsert: the primary key, or for a get or an upsert a unique one. */
  readonly by: UniqueKey | null
}

export interface CustomOperation extends OperationBase {
  readonly standard: null
  readonly access: PolicyNode
  readonly input: z.ZodObject | null
  /** The input without its validators. */
  readonly inputShape: z.ZodObject | null
  readonly output: Output
  readonly rest: {
    readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
    readonly path: string
    readonly status: number
  }
  readonly only: { readonly face: 'graphql' | 'rest'; readonly reason: string } | null
  /** Whether each run appends an entry to the audit. */
  readonly audit: boolean
  /** Errors of its own, beside those of the catalogue. */
  readonly errors: readonly DeclaredError[]
  readonly handle: OperationDeclaration['handle']
}

export type Output =
  | { readonly type: 'row' | 'rows'; readonly resource: Resource }
  | { readonly type: 'value'; readonly schema: z.ZodObject }

/** The resource a relation leads to; every relation in the model has one (buildModel checks). */
export function targetOf(model: Pick<Model, 'resources'>, relation: Relation): Resource {
  const target = model.resources.get(relation.target)
  if (target === undefined) throw new Error(`The model has no resource ${relation.target}.`)
  return target
}

/** Kinds that PostgreSQL has no order for, or none that a caller could use. */
const unsortable: ReadonlySet<KindName> = new Set(['json', 'vector', 'geometry', 'other'])

export const isSortable = (field: Field): boolean => !field.list && !unsortable.has(field.kind.name)
