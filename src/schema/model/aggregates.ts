// Aggregates: what groups of a resource's rows can be told by and asked for, from the kinds of its fields (docs/guides/querying.md).
import { type SQL, sql } from 'drizzle-orm'
import { COUNT, countField } from './counts.ts'
import { type KindName, kinds } from '../values/kinds.ts'
import { type Field, isSortable, type Resource } from './model.ts'

/** A part of a date or timestamp; a value's part is the moment that it begins with, in UTC. */
export type DatePart = 'Year' | 'Month' | 'Week' | 'Day' | 'Hour'

export type FieldFunction = 'countDistinct' | 'sum' | 'avg' | 'min' | 'max'

/** What rows are grouped by: a field, or a part of one. */
export interface GroupKey {
  /** `categoryId`, `createdAtMonth`. */
  readonly name: string
  readonly of: Field
  readonly part: DatePart | null
  /** The key as a field of the group: see `valueOf`. */
  readonly value: Field
}

/** One value of a group. */
export interface Aggregate {
  /** `['count']`, `['sum', 'price']`: where it stands in a group. */
  readonly path: readonly string[]
  readonly does: 'count' | FieldFunction
  /** Null for the count of rows. */
  readonly of: Field | null
  /** As a field of the group: see `valueOf`. */
  readonly value: Field
}

/** Everything that can be asked of groups of one resource's rows. */
export interface Aggregation {
  readonly keys: ReadonlyMap<string, GroupKey>
  readonly count: Aggregate
  /** Functions that have a field to work on, each with its aggregates by the names of fields. */
  readonly functions: ReadonlyMap<FieldFunction, ReadonlyMap<string, Aggregate>>
}

export const descriptionOf: Readonly<Record<'key' | 'count' | FieldFunction, string>> =
  Object.freeze({
    key: 'What the rows of the group have in common: the values that they were grouped by.',
    count: 'How many rows there are.',
    countDistinct: 'How many different values there are; null is none.',
    sum: 'The sum; null where there is no value.',
    avg: 'The mean; null where there is no value.',
    min: 'The least value; null where there is none.',
    max: 'The greatest value; null where there is none.',
  })

/** The parts of each kind; the day of a date is the date. */
const partsOf: Readonly<Partial<Record<KindName, readonly DatePart[]>>> = {
  date: ['Year', 'Month', 'Week'],
  localDateTime: ['Year', 'Month', 'Week', 'Day', 'Hour'],
  dateTime: ['Year', 'Month', 'Week', 'Day', 'Hour'],
}

/** What each kind comes to, as in PostgreSQL: a sum of whole numbers is one that holds more of them, a mean is no whole number. */
const sums: Readonly<Partial<Record<KindName, KindName>>> = {
  smallint: 'bigint',
  integer: 'bigint',
  bigint: 'decimal',
  decimal: 'decimal',
  float: 'float',
  duration: 'duration',
}
const means: Readonly<Partial<Record<KindName, KindName>>> = {
  smallint: 'decimal',
  integer: 'decimal',
  bigint: 'decimal',
  decimal: 'decimal',
  float: 'float',
  duration: 'duration',
}

/** The kind that a function makes of a field; null where it takes no such field, `own` where it is the field's. */
const resultOf: Readonly<Record<FieldFunction, (field: Field) => KindName | 'own' | null>> = {
  countDistinct: () => 'integer',
  sum: ({ kind }) => sums[kind.name] ?? null,
  avg: ({ kind }) => means[kind.name] ?? null,
  min: ({ kind }) => (kind.ordered ? 'own' : null),
  max: ({ kind }) => (kind.ordered ? 'own' : null),
}

export const fieldFunctions: readonly FieldFunction[] = [
  'countDistinct',
  'sum',
  'avg',
  'min',
  'max',
]

const known = new WeakMap<Resource, Aggregation>()

/** Worked out once for each resource. */
export function aggregationOf(resource: Resource): Aggregation {
  const made = known.get(resource) ?? buildAggregation(resource)
  known.set(resource, made)
  return made
}

function buildAggregation({ fields }: Resource): Aggregation {
  const groupable = [...fields.values()].filter(isSortable)
  const keys = new Map(
    groupable.filter(({ name }) => !noEnumValue.has(name)).map((of) => [of.name, toKey(of, null)]),
  )
  for (const of of groupable) {
    for (const part of partsOf[of.kind.name] ?? [])
      if (!fields.has(of.name + part)) keys.set(of.name + part, toKey(of, part))
  }
  const functions = new Map(
    fieldFunctions
      .map(
        (does) =>
          [
            does,
            new Map(
              groupable.flatMap((of) => {
                const aggregate = toAggregate(does, of)
                return aggregate === null ? [] : [[of.name, aggregate] as const]
              }),
            ),
          ] as const,
      )
      .filter(([, aggregates]) => aggregates.size > 0),
  )
  return Object.freeze({ keys, functions, count: countOfRows })
}

/** Words that GraphQL has no enum value of. */
const noEnumValue: ReadonlySet<string> = new Set(['true', 'false', 'null'])

/** Parts of dates whose names are taken by fields of the resource. */
export function hiddenParts(fields: Resource['fields']): readonly string[] {
  return [...fields.values()]
    .filter(isSortable)
    .flatMap((of) =>
      (partsOf[of.kind.name] ?? [])
        .map((part) => of.name + part)
        .filter((name) => fields.has(name)),
    )
}

const toKey = (of: Field, part: DatePart | null): GroupKey =>
  Object.freeze({
    name: of.name + (part ?? ''),
    of,
    part,
    value: valueOf(of, `key.${of.name}${part ?? ''}`, {}),
  })

function toAggregate(does: FieldFunction, of: Field): Aggregate | null {
  const kind = resultOf[does](of)
  if (kind === null) return null
  const result = kind === 'own' ? {} : { kind: kinds[kind], wire: kinds[kind].wire, enum: null }
  const value = valueOf(
    does === 'countDistinct' ? withoutDescription(of) : of,
    `${does}.${of.name}`,
    { ...result, nullable: does !== 'countDistinct' },
  )
  return Object.freeze({ path: Object.freeze([does, of.name]), does, of, value })
}

const withoutDescription = ({ description: _description, ...of }: Field): Field => of

/**
 * A value of a group as a field, so that it is compared, sorted, checked and written as every other one is. Its expression
 * is a column of the group, by the field's name; who may see it is asked of the field that it is made of.
 */
const valueOf = (of: Field, name: string, more: Partial<Field>): Field =>
  Object.freeze({ ...of, read: null, ...more, name, source: columnOf(name) })

const columnOf = (name: string): Field['source'] => ({
  sql: (columns): SQL => sql`${columns[name]}`,
})

const countOfRows: Aggregate = Object.freeze({
  path: Object.freeze([COUNT]),
  does: 'count',
  of: null,
  value: Object.freeze({
    ...countField,
    description: descriptionOf.count,
    source: columnOf(COUNT),
  }),
})

/** What the types of functions are called behind the resource's type: those of equal members are one. */
export const typeSuffixOf: Readonly<
  Record<FieldFunction, { readonly output: string; readonly order: string }>
> = {
  countDistinct: { output: 'CountDistinct', order: 'CountDistinctOrder' },
  sum: { output: 'Sum', order: 'SumAvgOrder' },
  avg: { output: 'Avg', order: 'SumAvgOrder' },
  min: { output: 'MinMax', order: 'MinMaxOrder' },
  max: { output: 'MinMax', order: 'MinMaxOrder' },
}

/** What stands behind a resource's type in the names of the types that its aggregate needs. */
export const aggregateSuffixes: readonly string[] = [
  ...new Set([
    'Aggregate',
    'AggregateOrder',
    'GroupBy',
    'GroupKey',
    'GroupKeyOrder',
    'Having',
    ...Object.values(typeSuffixOf).flatMap(({ output, order }) => [
      output,
      `${output}Having`,
      order,
    ]),
  ]),
]

/** Every aggregate of a resource by its path: `count`, `sum.price`. */
export function aggregatesByPath({
  count,
  functions,
}: Aggregation): ReadonlyMap<string, Aggregate> {
  const all = [count, ...[...functions.values()].flatMap((aggregates) => [...aggregates.values()])]
  return new Map(all.map((aggregate) => [aggregate.path.join('.'), aggregate]))
}

/** Every value that a filter on groups compares. */
export const comparedIn = (resource: Resource): readonly Field[] =>
  [...aggregatesByPath(aggregationOf(resource)).values()].map(({ value }) => value)
