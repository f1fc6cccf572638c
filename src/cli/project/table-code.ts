// One table or view as a file of Drizzle, with every constraint under the name it has in the database.
import type { CatalogForeignKey, CatalogIndex, CatalogTable } from '../catalog/catalog.ts'
import { importLine, indent, list, object, oneLine, quote, sqlTemplate } from './code.ts'
import { type Needs, toColumnCode } from './column-code.ts'
import type { Plan, PlannedTable } from './plan.ts'

interface TableContext {
  readonly plan: Plan
  readonly planned: PlannedTable
  readonly needs: Needs
  /** Other tables' files, by their constants. */
  readonly others: Map<string, string>
  /** Tables that lead back here by foreign keys, this one included: the compiler cannot infer their types in a circle. */
  readonly circle: ReadonlySet<string>
}

const actions: Readonly<Record<CatalogForeignKey['onDelete'], string | null>> =
  { a: null, r: 'restrict', c: 'cascade', n: 'set null', d: 'set default' }

export function toTableFile(plan: Plan, planned: PlannedTable, circle: ReadonlySet<string>): string {
  const { table, tableConstant } = planned
  const needs: Needs = { drizzle: new Set(), enums: new Set(), types: new Set(), sql: false }
  const context: TableContext = { plan, planned, needs, circle, others: new Map() }
  const isView = table.kind === 'view' || table.kind === 'materializedView'
  const columns = [...planned.columns.values()].map((column) => {
    const code = toColumnCode(column, plan, needs, isPrimaryColumn(table, column.column.name))
    const domain = column.column.domain === null ? '' : ` // the domain ${oneLine(column.column.domain)}`
    return `  ${code}${isView ? '' : toUnique(table, column.column.name)}${toReference(context, column.column.name)},${domain}\n`
  }).join('')
  const extra = isView ? [] : toExtra(context)
  const maker = toMaker(context)
  const sorted = extra.map((line) => `  ${indent(line).trimStart()},\n`).join('')
  const annotated = needs.drizzle.has('type PgTableExtraConfigValue') ? ': PgTableExtraConfigValue[]' : ''
  const tail = isView ? '}).existing()' : extra.length === 0 ? '})' : `}, (table)${annotated} => [\n${sorted}])`
  const about = table.comment === null ? `The ${isView ? 'view' : 'table'} ${oneLine(table.name)}.` : oneLine(table.comment)
  return `// ${about}\n${toImports(context)}\nexport const ${tableConstant} = ${maker}(${quote(table.name)}, {\n${columns}${tail}\n`
}

/** The key is one column and has the name that PostgreSQL gives it. */
const isPrimaryColumn = ({ primaryKey, name }: CatalogTable, column: string): boolean =>
  primaryKey !== null && primaryKey.columns.length === 1 && primaryKey.columns[0] === column && primaryKey.name === `${name}_pkey`

function toMaker({ plan, planned, needs }: TableContext): string {
  const { kind } = planned.table
  const schema = plan.schemas.get(plan.schema)
  if (schema !== undefined) return `${schema}.${kind === 'view' ? 'view' : kind === 'materializedView' ? 'materializedView' : 'table'}`
  const maker = kind === 'view' ? 'pgView' : kind === 'materializedView' ? 'pgMaterializedView' : 'pgTable'
  needs.drizzle.add(maker)
  return maker
}

function toImports({ plan, planned, needs, others }: TableContext): string {
  const schema = plan.schemas.get(plan.schema)
  const near = [
    ['./enums.ts', [...needs.enums]], ['./schemas.ts', schema === undefined ? [] : [schema]], ['./types.ts', [...needs.types]],
    ...[...others].filter(([constant]) => constant !== planned.tableConstant).map(([constant, file]): [string, string[]] => [`./${file}.ts`, [constant]]),
  ] satisfies [string, string[]][]
  return (needs.sql ? importLine(['sql'], 'drizzle-orm') : '') + importLine(needs.drizzle, 'drizzle-orm/pg-core')
    + near.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([from, names]) => importLine(names, from)).join('')
}

/** `.unique('artist_name_key')` on the column, where the constraint is over it alone. */
function toUnique(table: CatalogTable, column: string): string {
  const constraint = table.uniques.find(({ columns }) => columns.length === 1 && columns[0] === column)
  if (constraint === undefined) return ''
  return `.unique(${quote(constraint.name)}${constraint.nullsNotDistinct ? ", { nulls: 'not distinct' }" : ''})`
}

/** The foreign keys whose targets are in the project. */
const foreignKeysOf = ({ plan, planned }: TableContext): readonly (readonly [CatalogForeignKey, PlannedTable])[] =>
  planned.table.foreignKeys.flatMap((foreignKey) => {
    const target = foreignKey.targetSchema === plan.schema ? plan.tables.get(foreignKey.target) : undefined
    return target === undefined || target.table.kind === 'view' ? [] : [[foreignKey, target] as const]
  })

/** `.references(() => artists.artistId, { name: … })` on the column, for its first foreign key over it alone. */
function toReference(context: TableContext, column: string): string {
  const [foreignKey, target] = foreignKeysOf(context).find(([{ columns }]) => columns.length === 1 && columns[0] === column) ?? []
  if (foreignKey === undefined || target === undefined) return ''
  context.others.set(target.tableConstant, target.tableFile)
  const isCircular = context.circle.has(target.table.name)
  if (isCircular) context.needs.drizzle.add('type AnyPgColumn')
  const options = [`name: ${quote(foreignKey.name)}`, ...toActions(foreignKey)]
  const to = `${target.tableConstant}.${target.columns.get(foreignKey.targetColumns[0] ?? '')?.key ?? ''}`
  return `.references(()${isCircular ? ': AnyPgColumn' : ''} => ${to}, ${object(options)})`
}

function toActions({ onDelete, onUpdate }: CatalogForeignKey): readonly string[] {
  const [removed, changed] = [actions[onDelete], actions[onUpdate]]
  return [...removed === null ? [] : [`onDelete: ${quote(removed)}`], ...changed === null ? [] : [`onUpdate: ${quote(changed)}`]]
}

/** What stands below the columns: keys over several of them, checks and indexes. */
function toExtra(context: TableContext): readonly string[] {
  const { planned: { table }, needs } = context
  const own = (names: readonly string[]) => names.map((name) => `table.${context.planned.columns.get(name)?.key ?? name}`)
  const use = (name: string) => (needs.drizzle.add(name), name)
  const lines: string[] = []
  const primary = table.primaryKey
  if (primary !== null && !isPrimaryColumn(table, primary.columns[0] ?? '')) {
    const name = primary.name === `${table.name}_pkey` ? [] : [`name: ${quote(primary.name)}`]
    lines.push(`${use('primaryKey')}(${object([...name, `columns: ${list(own(primary.columns))}`], 4)})`)
  }
  for (const constraint of severalOnes(table)) {
    lines.push(`${use('unique')}(${quote(constraint.name)}).on(${own(constraint.columns).join(', ')})${constraint.nullsNotDistinct ? '.nullsNotDistinct()' : ''}`)
  }
  const onColumns = new Set<string>()
  for (const [foreignKey, target] of foreignKeysOf(context)) {
    const [first = ''] = foreignKey.columns
    const stands = foreignKey.columns.length === 1 && !onColumns.has(first)
    if (foreignKey.columns.length === 1) onColumns.add(first)
    if (!stands) lines.push(toForeignKey(context, foreignKey, target, own))
  }
  for (const { name, expression } of table.checks) {
    needs.sql = true
    lines.push(`${use('check')}(${quote(name)}, ${sqlTemplate(expression)})`)
  }
  return [...lines, ...table.indexes.map((index) => toIndex(context, index))]
}

/** Constraints that do not stand on their column: over several, or a second one over the same. */
const severalOnes = ({ uniques }: CatalogTable) => uniques.filter((constraint, i) => constraint.columns.length > 1
  || uniques.findIndex(({ columns }) => columns.length === 1 && columns[0] === constraint.columns[0]) !== i)

function toForeignKey(context: TableContext, foreignKey: CatalogForeignKey, target: PlannedTable, own: (names: readonly string[]) => string[]): string {
  const { planned, needs, others, circle } = context
  needs.drizzle.add('foreignKey')
  others.set(target.tableConstant, target.tableFile)
  if (circle.has(target.table.name) && target !== planned) needs.drizzle.add('type PgTableExtraConfigValue')
  const foreign = target === planned ? own(foreignKey.targetColumns)
    : foreignKey.targetColumns.map((name) => `${target.tableConstant}.${target.columns.get(name)?.key ?? name}`)
  const then = toActions(foreignKey).map((action) => `.${action.replace(': ', '(')})`).join('')
  return `foreignKey(${object([`name: ${quote(foreignKey.name)}`, `columns: ${list(own(foreignKey.columns))}`, `foreignColumns: ${list(foreign)}`], 4)})${then}`
}

function toIndex({ planned, needs }: TableContext, index: CatalogIndex): string {
  const maker = index.unique ? 'uniqueIndex' : 'index'
  needs.drizzle.add(maker)
  const parts = index.parts.map((part) => {
    const key = part.column === null ? undefined : planned.columns.get(part.column)?.key
    if (key === undefined) {
      needs.sql = true
      return sqlTemplate(part.sql + (part.descending ? ' desc' : ''))
    }
    const order = part.descending ? `.desc()${part.nullsFirst ? '.nullsFirst()' : ''}` : part.nullsFirst ? '.nullsFirst()' : ''
    return `table.${key}${order}${part.operatorClass === null ? '' : `.op(${quote(part.operatorClass)})`}`
  })
  if (index.condition !== null) needs.sql = true
  const on = index.method === 'btree' ? `.on(${parts.join(', ')})` : `.using(${quote(index.method)}, ${parts.join(', ')})`
  return `${maker}(${quote(index.name)})${on}${index.condition === null ? '' : `.where(${sqlTemplate(index.condition)})`}`
}
