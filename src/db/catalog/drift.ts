// Drift: what the model declares and the database lacks, by names and types. PostgreSQL's catalog says what is there.
import { getColumns, sql } from 'drizzle-orm'
import { PgDialect, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import type { Field, Model, Relation, Resource } from '../../schema/model/model.ts'
import { kindOf, type KindName, kindOfType } from '../../schema/values/kinds.ts'
import type { Session } from '../database.ts'
import { catalogColumn, type CatalogColumn } from './catalog.ts'
import { COLUMNS_OF } from './queries.ts'

export interface Drift {
  /** A sentence for the operator about each table, column and type; empty where the database fits. */
  readonly lines: readonly string[]
  /** Tables that have a column of another type, as SQL has them: their values must not be served. */
  readonly mistyped: readonly string[]
}

const columnsThere = z.array(catalogColumn)
const dialect = new PgDialect()

/** Asks the catalog about all tables of the model at once. Throws a Problem where the database does not answer. */
export const findDrift = (session: Pick<Session, 'query'>, model: Model): Promise<Drift> =>
  compare(session, neededTables(model))

/** The same of tables that are no resources, with all of their columns. */
export async function findTableDrift(
  session: Pick<Session, 'query'>,
  tables: readonly PgTable[],
): Promise<Drift> {
  const needed = newNeeds()
  for (const table of tables) needed.add(table, Object.values(getColumns(table)))
  return compare(session, needed.all())
}

async function compare(
  session: Pick<Session, 'query'>,
  needed: readonly NeededTable[],
): Promise<Drift> {
  const { rows } = await session.query({
    text: COLUMNS_OF,
    values: [needed.map(({ name }) => name)],
  })
  const lines: string[] = []
  const mistyped: string[] = []
  for (const [at, { name, columns }] of needed.entries()) {
    const found = rows[at]?.[1]
    if (found == null) {
      lines.push(`The database has no table or view ${name}.`)
      continue
    }
    const columnsFound = columnsThere.parse(JSON.parse(found))
    const there = new Map(columnsFound.map((column) => [column.name, column]))
    const faults = columns.flatMap((column) => faultOf(name, column, there.get(column.name)))
    for (const { line } of faults) lines.push(line)
    if (faults.some(({ isType }) => isType)) mistyped.push(name)
  }
  return { lines, mistyped }
}

interface Fault {
  readonly line: string
  readonly isType: boolean
}

function faultOf(
  table: string,
  declared: PgColumn,
  there: CatalogColumn | undefined,
): readonly Fault[] {
  if (there === undefined)
    return [{ line: `${table} has no column "${declared.name}".`, isType: false }]
  if (fits(declared, there)) return []
  const is = there.sqlType + '[]'.repeat(there.dimensions)
  const said = declared.getSQLType() + '[]'.repeat(declared.dimensions)
  return [
    {
      line: `${table} has a column "${declared.name}" of ${is}, declared as ${said}.`,
      isType: true,
    },
  ]
}

/** A smaller whole number is served like a larger one. */
const narrower: Readonly<Partial<Record<KindName, readonly KindName[]>>> = {
  integer: ['smallint'],
  bigint: ['smallint', 'integer'],
}

/** Whether values of the column look as the faces write them. What is served as PostgreSQL's text may have any type. */
function fits(declared: PgColumn, there: CatalogColumn): boolean {
  const expected = kindOf(declared)?.name ?? 'other'
  if (expected === 'other') return true
  if (declared.dimensions > 0 !== there.dimensions > 0) return false
  const isBuiltIn = there.typeSchema === 'pg_catalog'
  const kind = kindOfType(isBuiltIn ? there.sqlType : there.type, there.isEnum)
  return kind === expected || narrower[expected]?.includes(kind) === true
}

/** A table by its quoted name, and the columns that plans may name. */
interface NeededTable {
  readonly name: string
  readonly columns: readonly PgColumn[]
}

function newNeeds() {
  const tables = new Map<string, Map<string, PgColumn>>()
  return {
    add(table: PgTable, columns: readonly PgColumn[]): void {
      const { sql: name } = dialect.sqlToQuery(sql`${table}`)
      const known = tables.get(name) ?? new Map<string, PgColumn>()
      tables.set(name, known)
      for (const column of columns) known.set(column.name, column)
    },
    all: (): readonly NeededTable[] =>
      [...tables].map(([name, columns]) => ({ name, columns: [...columns.values()] })),
  }
}

function neededTables(model: Model): readonly NeededTable[] {
  const needed = newNeeds()
  for (const resource of model.resources.values()) {
    needed.add(resource.table, columnsOf(resource))
    for (const { through } of relationsOf(resource))
      if (through !== null) needed.add(through.table, [...through.source, ...through.target])
  }
  return needed.all()
}

const relationsOf = ({ relations, inner }: Resource): readonly Relation[] => [
  ...relations.values(),
  ...inner.relations.values(),
]

const columnOf = ({ source }: Field): readonly PgColumn[] =>
  'column' in source ? [source.column] : []

const columnsOf = ({ fields, inner, search, version, primaryKey }: Resource): readonly PgColumn[] =>
  [
    ...fields.values(),
    ...inner.fields.values(),
    ...primaryKey.fields,
    ...(search?.parts.map(({ field }) => field) ?? []),
    ...(version?.column == null ? [] : [version.column]),
  ].flatMap(columnOf)
