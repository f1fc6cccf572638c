// One table or view as a file of Drizzle, with every constraint under the name it has in the database.
import type { CatalogTable } from '../../db/catalog/catalog.ts'
import { importLine, indent, oneLine, present, quote, when } from './code.ts'
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
  const toTableConstraints = (name: string): string =>
    when(!isView, toUnique(table, name)) + toReference(context, name)
  const columns = [...planned.columns.values()]
    .map((column) => {
      const { name, domain } = column.column
      const code = toColumnCode(column, plan, needs, isPrimaryColumn(table, name))
      const note = when(domain !== null, ` // the domain ${oneLine(domain ?? '')}`)
      return `  ${code}${toTableConstraints(name)},${note}\n`
    })
    .join('')
  const extra = isView ? [] : toExtra(context)
  const maker = toMaker(context)
  const sorted = extra.map((line) => `  ${indent(line).trimStart()},\n`).join('')
  const annotated = when(
    needs.drizzle.has('type PgTableExtraConfigValue'),
    ': PgTableExtraConfigValue[]',
  )
  const tail =
    extra.length === 0
      ? `})${when(isView, '.existing()')}`
      : `}, (table)${annotated} => [\n${sorted}])`
  const about = oneLine(table.comment ?? `The ${makers[table.kind].what} ${oneLine(table.name)}.`)
  return `// ${about}\n${toImports(context)}\nexport const ${tableConstant} = ${maker}(${quote(table.name)}, {\n${columns}${tail}\n`
}

const tableMaker = { what: 'table', ofSchema: 'table', maker: 'pgTable' }

/** What makes each kind, in Drizzle: by itself and in a schema; and what it is in words. */
const makers: Readonly<Record<CatalogTable['kind'], typeof tableMaker>> = {
  table: tableMaker,
  partitionedTable: tableMaker,
  foreignTable: tableMaker,
  view: { what: 'view', ofSchema: 'view', maker: 'pgView' },
  materializedView: { what: 'view', ofSchema: 'materializedView', maker: 'pgMaterializedView' },
}

function toMaker({ plan, planned, needs }: TableContext): string {
  const { maker, ofSchema } = makers[planned.table.kind]
  const schema = plan.schemas.get(plan.schema)
  if (schema !== undefined) return `${schema}.${ofSchema}`
  needs.drizzle.add(maker)
  return maker
}

function toImports({ plan, planned, needs, others }: TableContext): string {
  const schema = plan.schemas.get(plan.schema)
  const near = [
    ['./enums.ts', [...needs.enums]],
    ['./schemas.ts', present(schema ?? false)],
    ['./types.ts', [...needs.types]],
    ...[...others]
      .filter(([constant]) => constant !== planned.tableConstant)
      .map(([constant, file]): [string, string[]] => [`./${file}.ts`, [constant]]),
  ] satisfies [string, readonly string[]][]
  return (
    when(needs.sql, importLine(['sql'], 'drizzle-orm')) +
    importLine(needs.drizzle, 'drizzle-orm/pg-core') +
    near
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([from, names]) => importLine(names, from))
      .join('')
  )
}
