// By which columns the rows of a table or view are told apart; one without such columns cannot be served.
import type { CatalogIndex, CatalogTable } from '../../db/catalog/catalog.ts'

type Keys = ReadonlyMap<string, readonly string[] | null>

/**
 * For each table or view that can be served, by oid: null where its primary key serves, else the columns that stand in for one.
 * What cannot be served is said in `notes`.
 */
export function planKeys(tables: readonly CatalogTable[], notes: string[]): Keys {
  const byOid = new Map(tables.map((table) => [table.oid, table]))
  const keys = new Map<string, readonly string[] | null>()
  for (const table of tables) {
    const key = table.primaryKey === null ? standIn(table, byOid, 0) : null
    const nothing = key === null && table.primaryKey === null
    if (table.columns.length === 0) notes.push(`${label(table)} is left out: it has no columns.`)
    else if (nothing) notes.push(`${label(table)} is left out: ${reasons[table.kind]}`)
    else keys.set(table.oid, key)
    if (key !== null)
      notes.push(`${label(table)} is read-only; ${key.join(', ')} tells its rows apart.`)
  }
  return keys
}

const label = (table: CatalogTable): string => `${words[table.kind]} ${table.name}`

const words = {
  table: 'table',
  partitionedTable: 'table',
  view: 'view',
  materializedView: 'materialized view',
  foreignTable: 'foreign table',
}

const keyless = 'it has neither a primary key nor a unique index over columns that are never null.'
const reasons = {
  table: keyless,
  partitionedTable: keyless,
  view: 'no unique columns are known of it. If you know some, declare it by hand with `key`.',
  materializedView:
    'it has no unique index over columns. If you know unique columns, declare it by hand with `key`.',
  foreignTable:
    'no unique columns are known of it. If you know some, declare it by hand with `key`.',
}

/** Views of views, no deeper than this. */
const DEEPEST = 8

function standIn(
  table: CatalogTable,
  byOid: ReadonlyMap<string, CatalogTable>,
  depth: number,
): readonly string[] | null {
  if (table.kind === 'view') return depth < DEEPEST ? keyOfView(table, byOid, depth) : null
  const nullable = new Set(
    table.columns.filter((column) => !column.notNull).map((column) => column.name),
  )
  // a materialized view knows no NOT NULL: its unique index is taken at its word
  const isFit = (columns: readonly string[]) =>
    table.kind === 'materializedView' || columns.every((column) => !nullable.has(column))
  const constraint = table.uniques.find(({ columns }) => isFit(columns))
  if (constraint !== undefined) return constraint.columns
  return (
    table.indexes.map(plainUniqueColumns).find((columns) => columns !== null && isFit(columns)) ??
    null
  )
}

function plainUniqueColumns(index: CatalogIndex): readonly string[] | null {
  if (!index.unique || index.condition !== null) return null
  const columns = index.parts.map(({ column }) => column).filter((column) => column !== null)
  return columns.length === index.parts.length ? columns : null
}

/** A view that shows each row of one table once has that table's key, if it shows all its columns. */
function keyOfView(
  view: CatalogTable,
  byOid: ReadonlyMap<string, CatalogTable>,
  depth: number,
): readonly string[] | null {
  const source = byOid.get(view.origins[0]?.oid ?? '')
  if (source === undefined) return null
  const key = source.primaryKey?.columns ?? standIn(source, byOid, depth + 1)
  const shown = (key ?? []).map((name) => originOf(view, source, name))
  const columns = shown.filter((column) => column !== undefined)
  return key !== null && columns.length === key.length ? columns : null
}

function originOf(view: CatalogTable, source: CatalogTable, name: string): string | undefined {
  const position = source.columns.find((column) => column.name === name)?.position
  return view.origins.find((origin) => origin.oid === source.oid && origin.position === position)
    ?.column
}
