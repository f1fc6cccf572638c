// The name of a resource's table or view as SQL has it, for questions to the catalog.
import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Resource } from '../../schema/model/model.ts'

const dialect = new PgDialect()

/** Quoted, with its schema where it has one: what `regclass` reads. */
export const tableName = ({ table }: Resource): string => dialect.sqlToQuery(sql`${table}`).sql
