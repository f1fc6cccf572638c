// Keys of a resource: primary, unique and foreign, read off the Drizzle table.
import { Column, getColumns, is, SQL } from 'drizzle-orm'
import { getTableConfig, type PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Check, Field, ForeignKey, Resource, UniqueKey } from '../model/model.ts'
import type { Report } from '../declare/model-error.ts'
import { toKebab, toPascal } from '../declare/names.ts'
import { defined } from '../../defined.ts'

type FieldOf = (column: Column) => Field | undefined

/** The table's constraints; a view has none. */
export const configOf = (table: PgTable) =>
  is(table, PgTable)
    ? getTableConfig(table)
    : {
        name: '',
        schema: undefined,
        columns: [],
        primaryKeys: [],
        uniqueConstraints: [],
        indexes: [],
        foreignKeys: [],
        checks: [],
      }

/** Columns of the primary key, in its order; empty without one. */
export function primaryKeyColumns(table: PgTable): readonly Column[] {
  const config = configOf(table)
  const composite = config.primaryKeys[0]
  return composite === undefined
    ? config.columns.filter((column) => column.primary)
    : composite.columns
}

function toUniqueKey(fields: readonly Field[], constraint?: string): UniqueKey {
  return Object.freeze({
    name: fields.map((field) => toPascal(field.name)).join('And'),
    path: fields.map((field) => toKebab(field.name)).join(','),
    fields,
    ...defined({ constraint }),
  })
}

/** Every set of columns that the database keeps unique: constraints, and indexes without a condition. */
function uniqueColumns(
  table: PgTable,
): readonly { readonly name: string; readonly columns: readonly Column[] }[] {
  const config = configOf(table)
  const single = config.columns
    .filter((column) => column.isUnique)
    .map((column) => ({
      name: column.uniqueName ?? `${config.name}_${column.name}_key`,
      columns: [column],
    }))
  const several = config.uniqueConstraints.map((unique) => ({
    name: unique.getName() ?? '',
    columns: unique.columns,
  }))
  const indexes = config.indexes
    .filter(({ config: index }) => index.unique && index.where === undefined)
    .map(({ config: index }) => ({
      name: index.name ?? '',
      columns: index.columns.map((column) => plainColumn(table, column)),
    }))
    .filter((index): index is { name: string; columns: Column[] } =>
      index.columns.every((column) => column !== null),
    )
  return [...single, ...several, ...indexes]
}

/** Indexes hold copies of columns, or expressions: find the table's own column by name. */
function plainColumn(table: PgTable, column: unknown): Column | null {
  const name = (column as { readonly name?: unknown }).name // an expression has none
  return Object.values(getColumns(table)).find((own) => own.name === name) ?? null
}

/** @param fields those that are served: cursors and ids show a key */
export function buildPrimaryKey(
  resource: string,
  names: readonly string[],
  fields: ReadonlyMap<string, Field>,
  report: Report,
): Resource['primaryKey'] {
  const keyFields = names.map((name) => fields.get(name)).filter((field) => field !== undefined)
  if (names.length === 0)
    report(`resources.${resource}`, 'has no primary key; name unique columns in `key`.')
  else if (keyFields.length < names.length) {
    const missing = names.filter((name) => !fields.has(name)).join(', ')
    report(
      `resources.${resource}`,
      `has ${missing} in its key, which is hidden or no column; a key is always served.`,
    )
  }
  for (const field of keyFields) {
    if (field.read !== null)
      report(
        `resources.${resource}.fields.${field.name}.read`,
        'stands on a column of the key, which cursors and ids show; restrict the resource instead.',
      )
  }
  return toUniqueKey(keyFields)
}

/** Unique keys beside the primary one whose columns are all served. */
export function buildUniqueKeys(table: PgTable, fieldOf: FieldOf): readonly UniqueKey[] {
  const keys = new Map<string, UniqueKey>()
  for (const { name, columns } of uniqueColumns(table)) {
    const fields = columns.map(fieldOf).filter((field) => field !== undefined)
    if (fields.length < columns.length) continue
    const key = toUniqueKey(fields, name)
    if (!keys.has(key.name)) keys.set(key.name, key)
  }
  return [...keys.values()]
}

export function buildForeignKeys(
  table: PgTable,
  fieldOf: FieldOf,
  resourceOf: (table: PgTable) => string | null,
): readonly ForeignKey[] {
  return configOf(table).foreignKeys.flatMap((foreignKey) => {
    const { columns, foreignColumns, foreignTable } = foreignKey.reference()
    const fields = columns.map(fieldOf).filter((field) => field !== undefined)
    if (fields.length < columns.length) return []
    return [
      Object.freeze({
        constraint: foreignKey.getName(),
        fields,
        target: resourceOf(foreignTable),
        targetColumns: foreignColumns as readonly PgColumn[], // a PostgreSQL table refers to PostgreSQL tables
      }),
    ]
  })
}

export function buildChecks(table: PgTable, fieldOf: FieldOf): readonly Check[] {
  return configOf(table).checks.map((check) => {
    const fields = columnsIn(check.value)
      .map(fieldOf)
      .filter((field) => field !== undefined)
    return Object.freeze({ constraint: check.name, fields: [...new Set(fields)] })
  })
}

const columnsIn = (expression: SQL): readonly Column[] =>
  expression.queryChunks.flatMap((chunk) =>
    is(chunk, Column) ? [chunk] : is(chunk, SQL) ? columnsIn(chunk) : [],
  )

/** Whether at most one row can have given values of these columns. */
export function isUniqueBy(table: PgTable, columns: readonly Column[]): boolean {
  const names = new Set(columns.map((column) => column.name))
  const sets = [primaryKeyColumns(table), ...uniqueColumns(table).map((unique) => unique.columns)]
  return sets.some((set) => set.length > 0 && set.every((column) => names.has(column.name)))
}
