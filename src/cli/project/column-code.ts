// One column in Drizzle's words: its type, its default, and what stands on it.
import type { CatalogColumn } from '../../db/catalog/catalog.ts'
import { object, present, quote, sqlTemplate, when } from './code.ts'
import { toDefault } from './default-code.ts'
import type { Plan, PlannedColumn } from './plan.ts'

/** What a piece of code needs to be imported: from Drizzle, and from this project's enums, types and schemas. */
export interface Needs {
  readonly drizzle: Set<string>
  readonly enums: Set<string>
  readonly types: Set<string>
  sql: boolean
}

interface ColumnType {
  readonly builder: string
  /** What stands in the parentheses behind the name. */
  readonly options: readonly string[]
}

const noOptions = (): readonly string[] => []
const option = (name: string, value: string | undefined): readonly string[] =>
  present(value !== undefined && `${name}: ${value}`)
const firstNumber = (column: CatalogColumn): string | undefined =>
  /\((\d+)/.exec(column.sqlType)?.[1]
const precision = (column: CatalogColumn): readonly string[] =>
  option('precision', firstNumber(column))
const length = (column: CatalogColumn): readonly string[] => option('length', firstNumber(column))
const zone = 'withTimezone: true'
const text = "mode: 'string'" // a JavaScript Date would drop the microseconds

/** PostgreSQL's own types that Drizzle has a column for. */
const builtIn: Readonly<
  Record<string, readonly [string, (column: CatalogColumn) => readonly string[]]>
> = {
  int2: ['smallint', noOptions],
  int4: ['integer', noOptions],
  int8: ['bigint', () => ["mode: 'bigint'"]],
  numeric: [
    'numeric',
    (column) => [
      ...precision(column),
      ...option('scale', /,\s*(-?\d+)\)/.exec(column.sqlType)?.[1]),
    ],
  ],
  float4: ['real', noOptions],
  float8: ['doublePrecision', noOptions],
  bool: ['boolean', noOptions],
  text: ['text', noOptions],
  varchar: ['varchar', length],
  bpchar: ['char', length],
  uuid: ['uuid', noOptions],
  date: ['date', noOptions],
  time: ['time', precision],
  timetz: ['time', (column) => [...precision(column), zone]],
  timestamp: ['timestamp', (column) => [...precision(column), text]],
  timestamptz: ['timestamp', (column) => [...precision(column), zone, text]],
  interval: [
    'interval',
    (column) => [...option('fields', intervalFields(column)), ...precision(column)],
  ],
  json: ['json', noOptions],
  jsonb: ['jsonb', noOptions],
  bytea: ['bytea', noOptions],
  inet: ['inet', noOptions],
  cidr: ['cidr', noOptions],
  macaddr: ['macaddr', noOptions],
  macaddr8: ['macaddr8', noOptions],
}

const serials: Readonly<Record<string, string>> = {
  int2: 'smallserial',
  int4: 'serial',
  int8: 'bigserial',
}

function intervalFields({ sqlType }: CatalogColumn): string | undefined {
  const fields = /^interval ([a-z ]+)/.exec(sqlType)?.[1]?.trim()
  return fields === undefined || fields === '' ? undefined : quote(fields)
}

/** Whether Drizzle has a column for it; `bpchar` without a length is no `char`, which would be one character. */
export const isBuiltIn = (column: CatalogColumn): boolean =>
  column.typeSchema === 'pg_catalog' &&
  column.type in builtIn &&
  !(column.type === 'bpchar' && firstNumber(column) === undefined)

const findEnum = (column: CatalogColumn, plan: Plan) =>
  plan.enums.find(
    ({ type }) => column.isEnum && type.name === column.type && type.schema === column.typeSchema,
  )

function toColumnType(column: CatalogColumn, plan: Plan, needs: Needs): ColumnType {
  const named = findEnum(column, plan)
  if (named !== undefined) {
    needs.enums.add(named.constant)
    return { builder: named.constant, options: [] }
  }
  const [builder, options] = isBuiltIn(column) ? (builtIn[column.type] ?? []) : []
  if (builder === undefined || options === undefined) {
    const custom = plan.customTypes.get(column.sqlType) ?? column.sqlType
    needs.types.add(custom)
    return { builder: custom, options: [] }
  }
  const serial = isSerial(column) ? serials[column.type] : undefined
  needs.drizzle.add(serial ?? builder)
  return {
    builder: serial ?? builder,
    options: serial !== undefined && serial !== 'bigserial' ? [] : options(column),
  }
}

/** A sequence of its own and never null: Drizzle's serial types are both. */
const isSerial = (column: CatalogColumn): boolean =>
  column.serial && column.notNull && column.dimensions === 0 && column.type in serials

/** Where a value comes from when none is given. */
function toOrigin(column: CatalogColumn, plan: Plan): string {
  if (column.identity === 'a') return '.generatedAlwaysAsIdentity()'
  if (column.identity === 'd') return '.generatedByDefaultAsIdentity()'
  if (column.expression === null || isSerial(column)) return ''
  if (column.generated) return `.generatedAlwaysAs(${sqlTemplate(column.expression)})`
  return toDefault(column, column.expression, findEnum(column, plan)?.type.labels ?? [])
}

/**
 * `albumId: integer('album_id').notNull()`, without what refers to other columns.
 * @param isPrimary the column is the whole primary key, under PostgreSQL's own name for it
 */
export function toColumnCode(
  planned: PlannedColumn,
  plan: Plan,
  needs: Needs,
  isPrimary: boolean,
): string {
  const { column, key, inKey } = planned
  const { builder, options } = toColumnType(column, plan, needs)
  const parameters = present(
    key !== column.name && quote(column.name),
    options.length > 0 && object(options),
  )
  const { dimensions } = column
  const brackets = when(dimensions > 1, quote('[]'.repeat(Math.min(dimensions, 5))))
  const array = when(dimensions > 0, `.array(${brackets})`)
  const origin = toOrigin(column, plan)
  if (origin.includes('sql`')) needs.sql = true
  const isNeverNull =
    (column.notNull || inKey) && !isPrimary && !isSerial(column) && column.identity === ''
  return `${key}: ${builder}(${parameters.join(', ')})${array}${when(isPrimary, '.primaryKey()')}${when(isNeverNull, '.notNull()')}${origin}`
}
