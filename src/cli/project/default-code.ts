// A column's default: a value of JavaScript where it is one, else the database's own SQL.
import type { CatalogColumn } from '../../db/catalog/catalog.ts'
import { quote, sqlTemplate } from './code.ts'

/** A default as PostgreSQL writes it: `5`, `(-1)`, `'5'::numeric`, `'it''s'::text`. */
interface Literal {
  readonly text: string | undefined
  readonly number: string | undefined
}

const whole = ({ number }: Literal): string | undefined =>
  number !== undefined && /^-?\d+$/.test(number) ? number : undefined

/** The argument of `default` for a built-in type, or undefined where only SQL says it. */
const byType: Readonly<
  Record<string, (literal: Literal, expression: string) => string | undefined>
> = {
  int2: whole,
  int4: whole,
  int8: (literal) => (whole(literal) === undefined ? undefined : `${whole(literal)}n`),
  float4: ({ number }) => number,
  float8: ({ number }) => number,
  numeric: ({ number }) => (number === undefined ? undefined : quote(number)),
  bool: (_, expression) =>
    expression === 'true' || expression === 'false' ? expression : undefined,
  text: ({ text }) => (text === undefined ? undefined : quote(text)),
  varchar: ({ text }) => (text === undefined ? undefined : quote(text)),
}

/** Functions that Drizzle has a word for. */
const calls: Readonly<Record<string, readonly [RegExp, string]>> = {
  timestamp: [/^(now\(\)|CURRENT_TIMESTAMP)$/, '.defaultNow()'],
  timestamptz: [/^(now\(\)|CURRENT_TIMESTAMP)$/, '.defaultNow()'],
  uuid: [/^gen_random_uuid\(\)$/, '.defaultRandom()'],
}

function toLiteral(expression: string): Literal {
  const text = /^'((?:[^']|'')*)'::[\w ."]+(?:\(\d+\))?$/
    .exec(expression)?.[1]
    ?.replaceAll("''", "'")
  const bare = /^\(?(-?\d+(?:\.\d+)?)\)?$/.exec(expression)?.[1]
  return {
    text,
    number: bare ?? (text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? text : undefined),
  }
}

/** @param labels of the column's enum, if it is one */
export function toDefault(
  column: CatalogColumn,
  expression: string,
  labels: readonly string[],
): string {
  const literal = toLiteral(expression)
  const asSql = `.default(${sqlTemplate(expression)})`
  if (column.dimensions > 0) return asSql
  if (literal.text !== undefined && labels.includes(literal.text))
    return `.default(${quote(literal.text)})`
  if (column.typeSchema !== 'pg_catalog') return asSql
  const [pattern, call] = calls[column.type] ?? []
  if (pattern?.test(expression) === true && call !== undefined) return call
  const value = byType[column.type]?.(literal, expression)
  return value === undefined ? asSql : `.default(${value})`
}
