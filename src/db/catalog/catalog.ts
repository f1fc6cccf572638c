// The catalog of an existing database as plain data: the checked answers to the queries of read-catalog.ts.
import { z } from 'zod'

export const catalogColumn = z.object({
  name: z.string(),
  /** Its number in the table, which views name; not its place, where columns were dropped. */
  position: z.int(),
  comment: z.string().nullable(),
  notNull: z.boolean(),
  /** PostgreSQL's own short name of the type behind arrays and domains: `int4`, `varchar`, an enum's name. */
  type: z.string(),
  /** The schema of that type: `pg_catalog` for built-in ones. */
  typeSchema: z.string(),
  isEnum: z.boolean(),
  /** That type as it is written in SQL, with length and precision: `numeric(10,2)`. */
  sqlType: z.string(),
  /** Dimensions of an array; 0 for a single value. */
  dimensions: z.int(),
  /** The name of the domain that the column is of. */
  domain: z.string().nullable(),
  /** Default or generation expression, in SQL. */
  expression: z.string().nullable(),
  generated: z.boolean(),
  identity: z.enum(['', 'a', 'd']),
  /** Its default takes the next number of a sequence that belongs to the column. */
  serial: z.boolean(),
})

const key = z.object({ name: z.string(), columns: z.array(z.string()) })

const action = z.enum(['a', 'r', 'c', 'n', 'd'])

const foreignKey = key.extend({
  targetSchema: z.string(),
  target: z.string(),
  targetColumns: z.array(z.string()),
  onUpdate: action,
  onDelete: action,
  /** Every row is known to keep it; not so after NOT VALID or NOT ENFORCED. */
  certain: z.boolean(),
})

const indexPart = z.object({
  /** Null: an expression. */
  column: z.string().nullable(),
  sql: z.string(),
  descending: z.boolean(),
  nullsFirst: z.boolean(),
  /** Null: the type's own. */
  operatorClass: z.string().nullable(),
})

const index = z.object({
  name: z.string(),
  method: z.string(),
  unique: z.boolean(),
  condition: z.string().nullable(),
  parts: z.array(indexPart),
})

export const catalogTable = z.object({
  /** The table's number in the database, as views name it. */
  oid: z.string(),
  name: z.string(),
  kind: z.enum(['table', 'view', 'materializedView', 'foreignTable', 'partitionedTable']),
  comment: z.string().nullable(),
  columns: z.array(catalogColumn),
  primaryKey: key.nullable(),
  uniques: z.array(key.extend({ nullsNotDistinct: z.boolean() })),
  foreignKeys: z.array(foreignKey),
  checks: z.array(z.object({ name: z.string(), expression: z.string() })),
  indexes: z.array(index),
  /** Of a view that shows rows of one table as they are: where each plain column comes from. */
  origins: z.array(z.object({ column: z.string(), oid: z.string(), position: z.int() })),
})

export const catalogEnum = z.object({
  schema: z.string(),
  name: z.string(),
  labels: z.array(z.string()),
})

export type CatalogColumn = z.infer<typeof catalogColumn>
export type CatalogForeignKey = z.infer<typeof foreignKey>
export type CatalogIndex = z.infer<typeof index>
export type CatalogTable = z.infer<typeof catalogTable>
export type CatalogEnum = z.infer<typeof catalogEnum>

export interface Catalog {
  readonly database: string
  readonly schema: string
  readonly tables: readonly CatalogTable[]
  readonly enums: readonly CatalogEnum[]
}
