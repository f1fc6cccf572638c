// One table or view as a file of Drizzle, with every constraint under the name it has in the database.
import { importLine, indent, oneLine, quote } from './code.ts'
import { type Needs, toColumnCode } from './column-code.ts'
import {
  isPrimaryColumn,
  type TableContext,
  toExtra,
  toReference,
  toUnique,
} from './constraint-code.ts'
import type { Plan, PlannedTable } from './plan.ts'

export function toTableFile(
  plan: Plan,
  planned: PlannedTable,
  circle: ReadonlySet<string>,
): string {
  const { table, tableConstant } = planned
  const needs: Needs = { drizzle: new Set(), enums: new Set(), types: new Set(), sql: false }
  const context: TableContext = { plan, planned, needs, circle, others: new Map() }
  const isView = table.kind === 'view' || table.kind === 'materializedView'
  const columns = [...planned.columns.values()]
    .map((column) => {
      const code = toColumnCode(column, plan, needs, isPrimaryColumn(table, column.column.name))
      const domain =
        column.column.domain === null ? '' : ` // the domain ${oneLine(column.column.domain)}`
      return `  ${code}${isView ? '' : toUnique(table, column.column.name)}${toReference(context, column.column.name)},${domain}\n`
    })
    .join('')
  const extra = isView ? [] : toExtra(context)
  const maker = toMaker(context)
  const sorted = extra.map((line) => `  ${indent(line).trimStart()},\n`).join('')
  const annotated = needs.drizzle.has('type PgTableExtraConfigValue')
    ? ': PgTableExtraConfigValue[]'
    : ''
  const tail = isView
    ? '}).existing()'
    : extra.length === 0
      ? '})'
      : `}, (table)${annotated} => [\n${sorted}])`
  const about =
    table.comment === null
      ? `The ${isView ? 'view' : 'table'} ${oneLine(table.name)}.`
      : oneLine(table.comment)
  return `// ${about}\n${toImports(context)}\nexport const ${tableConstant} = ${maker}(${quote(table.name)}, {\n${columns}${tail}\n`
}

function toMaker({ plan, planned, needs }: TableContext): string {
  const { kind } = planned.table
  const schema = plan.schemas.get(plan.schema)
  if (schema !== undefined)
    return `${schema}.${kind === 'view' ? 'view' : kind === 'materializedView' ? 'materializedView' : 'table'}`
  const maker =
    kind === 'view' ? 'pgView' : kind === 'materializedView' ? 'pgMaterializedView' : 'pgTable'
  needs.drizzle.add(maker)
  return maker
}

function toImports({ plan, planned, needs, others }: TableContext): string {
  const schema = plan.schemas.get(plan.schema)
  const near = [
    ['./enums.ts', [...needs.enums]],
    ['./schemas.ts', schema === undefined ? [] : [schema]],
    ['./types.ts', [...needs.types]],
    ...[...others]
      .filter(([constant]) => constant !== planned.tableConstant)
      .map(([constant, file]): [string, string[]] => [`./${file}.ts`, [constant]]),
  ] satisfies [string, string[]][]
  return (
    (needs.sql ? importLine(['sql'], 'drizzle-orm') : '') +
    importLine(needs.drizzle, 'drizzle-orm/pg-core') +
    near
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([from, names]) => importLine(names, from))
      .join('')
  )
}
