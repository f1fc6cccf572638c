// Extensions of the embedded database that a team's tables need. Each is a package of its own.
import { getColumns, is, type TablesRelationalConfig } from 'drizzle-orm'
import { PgColumn } from 'drizzle-orm/pg-core'
import type { PgliteExtension } from './pglite-worker.ts'

/** By the type of column that comes with each. */
const packages: Readonly<Record<string, { readonly name: string; readonly package: string }>> = {
  vector: { name: 'vector', package: '@electric-sql/pglite-pgvector' },
}

/**
 * What has to be loaded for the tables of `relations`; each is looked for among the packages that are installed.
 * @throws Error naming the package that is missing
 */
export function extensionsOf(relations: unknown): readonly PgliteExtension[] {
  const tables = Object.values((relations ?? {}) as TablesRelationalConfig) // DatabaseOptions knows no team's tables
  const types = tables.flatMap(({ table }) =>
    Object.values(getColumns(table)).flatMap((column) =>
      is(column, PgColumn) ? (/^\w+/.exec(column.getSQLType())?.[0] ?? []) : [],
    ),
  )
  return Object.entries(packages)
    .filter(([type]) => types.includes(type))
    .map(([type, { name, package: wanted }]) => {
      try {
        return { name, module: import.meta.resolve(wanted) }
      } catch (error) {
        throw new Error(
          `the tables have columns of the type ${type}, for which it needs the package ${wanted}; install it`,
          { cause: error },
        )
      }
    })
}
