// SQL of fields: the expression itself, and the form in which its text leaves the database (docs/concepts.md, Values).
import { type Column, getColumns, getTableName, type SQL, sql } from 'drizzle-orm'
import { alias as aliased, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import { countField } from '../../schema/model/counts.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import { asGeoJson } from './geometry.ts'

/** A resource's table under an alias: how every level, filter and policy speaks of its columns. */
export interface Aliased {
  readonly resource: Resource
  readonly name: string
  readonly columns: Readonly<Record<string, Column>>
}

export function aliasOf(resource: Resource, name: string): Aliased {
  return { resource, name, columns: getColumns(aliased(resource.table, name)) }
}

/** The table's own name in the database, as its errors say it. */
export const nameOfTable = ({ table }: Resource): string => getTableName(table)

/** `schema.table as alias`, for a from clause. */
export const fromTable = (table: PgTable, name: string): SQL =>
  sql`${table} as ${sql.identifier(name)}`

export const commas = (parts: readonly SQL[]): SQL => sql.join([...parts], sql`, `)

/** A column of a table under an alias, by the column's database name. */
export const columnAt = (name: string, column: PgColumn): SQL =>
  sql`${sql.identifier(name)}.${sql.identifier(column.name)}`

/** What a field is in SQL, for comparing and sorting. */
export function expressionOf(field: Field, table: Aliased): SQL {
  if (field === countField) return sql`count(*)`
  if ('sql' in field.source) return sql`(${field.source.sql(table.columns)})`
  return columnAt(table.name, field.source.column)
}

/** Types whose equality is missing, or about sizes: they are compared by their text. */
const withoutEquality = new Set(['xml', 'polygon', 'path', 'box', 'circle', 'lseg'])

/** What a field is where it is compared with a caller's value. */
export const comparedExpressionOf = (field: Field, table: Aliased): SQL =>
  'column' in field.source && withoutEquality.has(field.source.column.getSQLType())
    ? outputText(expressionOf(field, table))
    : expressionOf(field, table)

/** What a field is in a select list. Text in JSON form for lists; timestamptz in UTC, so that no session setting matters. */
export function readExpressionOf(field: Field, table: Aliased): SQL {
  const expression = expressionOf(field, table)
  return field.list ? readList(field, expression) : readScalar(field, expression)
}

function readScalar(field: Field, expression: SQL): SQL {
  switch (field.kind.name) {
    case 'dateTime':
      return sql`${expression} at time zone 'UTC'`
    case 'bytes':
      return sql`translate(encode(${expression}, 'base64'), chr(10), '')`
    case 'geometry':
      return asGeoJson(expression)
    case 'duration':
      return isoDuration(expression)
    case 'other':
      return outputText(expression)
    case 'text':
      return isPadded(field) ? outputText(expression) : expression
    default:
      return expression
  }
}

function readList(field: Field, expression: SQL): SQL {
  switch (field.kind.name) {
    case 'bigint':
    case 'decimal':
    case 'enum':
      return sql`to_json(${expression}::text[])`
    case 'float':
      return eachElement(
        expression,
        sql`case when u.v::text in ('NaN', 'Infinity', '-Infinity') then null else u.v end`,
      )
    case 'bytes':
      return eachElement(expression, sql`translate(encode(u.v, 'base64'), chr(10), '')`)
    case 'duration':
      return eachElement(expression, isoDuration(sql`u.v`))
    case 'other':
      return eachElement(expression, outputText(sql`u.v`))
    case 'localDateTime':
      return eachElement(expression, isoTimestamp(sql`u.v::text`, sql``))
    case 'dateTime':
      return eachElement(
        expression,
        isoTimestamp(sql`(u.v at time zone 'UTC')::text`, sql` || '+00:00'`),
      )
    default:
      return sql`to_json(${expression})`
  }
}

/** Text as the protocol has it: a cast to text drops the blanks of char(n), and writes inet with its mask. */
const outputText = (expression: SQL): SQL =>
  sql`case when ${expression} is null then null else format('%s', ${expression}) end`

const isPadded = (field: Field): boolean =>
  'column' in field.source &&
  /^(char|character|bpchar)\b(?! varying)/.test(field.source.column.getSQLType())

/** A JSON list of an expression over each element `u.v`, in order; null stays null. */
const eachElement = (list: SQL, element: SQL): SQL =>
  sql`case when ${list} is null then null else (select coalesce(json_agg(${element} order by u.n), '[]') from unnest(${list}) with ordinality as u(v, n)) end`

/** What the engine makes of a single timestamp's text, for elements of lists. */
const isoTimestamp = (text: SQL, offset: SQL): SQL =>
  sql`case when ${text} like '%y' then ${text} when ${text} like '%C' then left(${text}, -3)${offset} || ' BC' else replace(${text}, ' ', 'T')${offset} end`

/** ISO 8601 whatever the session's IntervalStyle; the same text that `iso_8601` gives. */
function isoDuration(interval: SQL): SQL {
  const part = (unit: string, letter: string) =>
    sql`coalesce(nullif(trim_scale(extract(${sql.raw(unit)} from ${interval})), 0) || ${sql.raw(`'${letter}'`)}, '')`
  const date = sql`${part('year', 'Y')} || ${part('month', 'M')} || ${part('day', 'D')}`
  const time = sql`${part('hour', 'H')} || ${part('minute', 'M')} || ${part('second', 'S')}`
  return sql`case when ${interval} is null then null when ${date} || ${time} = '' then 'PT0S'
    else 'P' || ${date} || case when ${time} = '' then '' else 'T' || ${time} end end`
}
