// Reads the catalog of an existing database. PostgreSQL itself answers: the same on every run, and without another tool.
import { Problem } from '../../errors.ts'
import type { Database } from '../database.ts'
import { type Catalog, catalogEnum, catalogTable } from './catalog.ts'
import { ENUMS, TABLES, WHERE_WE_ARE } from './queries.ts'

/** The tables, views and enums of one schema. Throws a Problem for the operator when there is no such schema. */
export async function readCatalog(
  database: Pick<Database, 'query'>,
  schema: string,
): Promise<Catalog> {
  const [[name, exists, schemas] = []] = (
    await database.query({ text: WHERE_WE_ARE, values: [schema] })
  ).rows
  if (exists !== 't') {
    throw new Problem(
      'NOT_FOUND',
      `The database ${name} has no schema "${schema}"; it has ${schemas}. Name one with --schema.`,
    )
  }
  const tables = await database.query({ text: TABLES, values: [schema] })
  const enums = await database.query({ text: ENUMS, values: [] })
  return {
    database: name ?? '',
    schema,
    tables: tables.rows.map(([text]) => catalogTable.parse(JSON.parse(text ?? ''))),
    enums: enums.rows.map(([text]) => catalogEnum.parse(JSON.parse(text ?? ''))),
  }
}
