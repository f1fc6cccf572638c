// What the compiler knows of a team's tables: columns, values on the wire, filters. Types only.
import type { TablesRelationalConfig } from 'drizzle-orm'
import type { z } from 'zod'
import type { GeoJson } from '../values/geojson.ts'

export type Relations = TablesRelationalConfig
export type TableKey<R extends Relations> = keyof R & string

/** The columns of a table or view by their keys in TypeScript. */
export type ColumnsOf<R extends Relations, K extends TableKey<R>> = R[K]['table'] extends {
  _: { columns: infer C }
}
  ? C
  : R[K]['table'] extends { _: { selectedFields: infer C } }
    ? C
    : never

export type ColumnKey<R extends Relations, K extends TableKey<R>> = keyof ColumnsOf<R, K> & string

type ScalarWire<DataType, Enum, Data> = DataType extends 'number int53'
  ? string
  : DataType extends `number ${string}`
    ? number
    : DataType extends 'boolean'
      ? boolean
      : DataType extends 'object json'
        ? Data
        : Enum extends readonly string[]
          ? Enum[number]
          : string

/** A column's value on the wire: bigint and numeric are strings with all digits, times are ISO 8601 strings. */
export type Wire<C> = C extends { _: { dataType: infer D; enumValues: infer E; data: infer V } }
  ? D extends 'object json'
    ? V
    : D extends 'array vector'
      ? number[]
      : D extends `${string} geometry`
        ? GeoJson
        : V extends Uint8Array
          ? string
          : V extends readonly unknown[]
            ? ScalarWire<D, E, V>[]
            : ScalarWire<D, E, V>
  : never

interface Equality<V> {
  eq?: V
  ne?: V
  in?: readonly V[]
  notIn?: readonly V[]
  isNull?: boolean
}
interface Comparison<V> extends Equality<V> {
  gt?: V
  gte?: V
  lt?: V
  lte?: V
}
interface TextComparison extends Comparison<string> {
  like?: string
  ilike?: string
  contains?: string
  startsWith?: string
  endsWith?: string
  iContains?: string
  iStartsWith?: string
  iEndsWith?: string
}
interface ListComparison<E> {
  eq?: readonly E[]
  ne?: readonly E[]
  has?: E
  hasEvery?: readonly E[]
  hasSome?: readonly E[]
  isEmpty?: boolean
  isNull?: boolean
}

interface JsonComparison {
  contains?: unknown
  hasKey?: string
  path?: {
    at: readonly string[]
    eq?: unknown
    ne?: unknown
    in?: readonly unknown[]
    notIn?: readonly unknown[]
    isNull?: boolean
  } & { [O in 'gt' | 'gte' | 'lt' | 'lte']?: string | number }
  isNull?: boolean
}

interface SpatialComparison {
  distance?: { to: GeoJson; lt: number } | { to: GeoJson; lte: number }
  within?: GeoJson
  intersects?: GeoJson
  isNull?: boolean
}

type ComparisonOf<C> = C extends { _: { dataType: 'object json' } }
  ? JsonComparison
  : C extends { _: { dataType: 'array vector' } }
    ? { isNull?: boolean }
    : C extends { _: { dataType: `${string} geometry` } }
      ? SpatialComparison
      : Wire<C> extends readonly (infer E)[]
        ? ListComparison<E>
        : [Wire<C>] extends [boolean]
          ? Equality<Wire<C>>
          : string extends Wire<C>
            ? TextComparison
            : Comparison<Wire<C>>

type RelationFilter<R extends Relations, T> = T extends {
  relationType: 'one'
  targetTableName: infer N extends TableKey<R>
}
  ? FilterOf<R, N>
  : T extends { relationType: 'many'; targetTableName: infer N extends TableKey<R> }
    ? {
        some?: FilterOf<R, N>
        none?: FilterOf<R, N>
        every?: FilterOf<R, N>
        count?: Comparison<number>
      }
    : never

/** The filter language over one table (docs/guides/querying.md), with every name checked by the compiler. */
export type FilterOf<R extends Relations, K extends TableKey<R>> = {
  [C in ColumnKey<R, K>]?: ComparisonOf<ColumnsOf<R, K>[C]>
} & { [N in keyof R[K]['relations']]?: RelationFilter<R, R[K]['relations'][N]> } & {
  AND?: readonly FilterOf<R, K>[]
  OR?: readonly FilterOf<R, K>[]
  NOT?: FilterOf<R, K>
}

/** Columns that full-text search can look through: text, and types of the team's own, of which the model takes those that are text or tsvector. */
export type SearchableKey<R extends Relations, K extends TableKey<R>> = {
  [C in ColumnKey<R, K>]: ColumnsOf<R, K>[C] extends {
    _: { dataType: 'string' | 'string enum' | 'custom'; data: infer V }
  }
    ? V extends readonly unknown[]
      ? never
      : C
    : never
}[ColumnKey<R, K>]

/** Tables that have a column, as a union of their keys. */
export type TablesWith<R extends Relations, C extends string> = {
  [K in TableKey<R>]: C extends ColumnKey<R, K> ? K : never
}[TableKey<R>]

/** Every column key of any table. */
export type AnyColumnKey<R extends Relations> = { [K in TableKey<R>]: ColumnKey<R, K> }[TableKey<R>]

/** The Zod schema that a field's `validate` refines, by the field's value on the wire. Text is a format, without ZodString's `.email()`. */
export type WireSchema<V> = [V] extends [string]
  ? string extends V
    ? z.ZodCustomStringFormat
    : z.ZodType<V>
  : [V] extends [number]
    ? z.ZodNumber
    : [V] extends [boolean]
      ? z.ZodBoolean
      : V extends readonly (infer E)[]
        ? z.ZodArray<z.ZodType<E>>
        : z.ZodType<V>
