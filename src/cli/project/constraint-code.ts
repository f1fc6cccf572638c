// Keys, checks and indexes of a table in Drizzle's words, under the names they have in the database: errors name them.
import type { CatalogForeignKey, CatalogIndex, CatalogTable } from '../../db/catalog/catalog.ts'
import { listCode, object, present, quote, sqlTemplate, when } from './code.ts'
import type { Needs } from './column-code.ts'
import type { Plan, PlannedTable } from './plan.ts'

export interface TableContext {
  readonly plan: Plan
  readonly planned: PlannedTable
  readonly needs: Needs
  /** Other tables' files, by their constants. */
  readonly others: Map<string, string>
  /** Tables that lead back here by foreign keys, this one included: the compiler cannot infer their types in a circle. */
  readonly circle: ReadonlySet<string>
}

const actions: Readonly<Record<CatalogForeignKey['onDelete'], string | null>> = {
  a: null,
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
}

/** The key is one column and has the name that PostgreSQL gives it. */
export const isPrimaryColumn = ({ primaryKey, name }: CatalogTable, column: string): boolean =>
  primaryKey !== null &&
  primaryKey.columns.length === 1 &&
  primaryKey.columns[0] === column &&
  primaryKey.name === `${name}_pkey`

/** `.unique('artist_name_key')` on the column, where the constraint is over it alone. */
export function toUnique(table: CatalogTable, column: string): string {
  const constraint = table.uniques.find(
    ({ columns }) => columns.length === 1 && columns[0] === column,
  )
  if (constraint === undefined) return ''
  return `.unique(${quote(constraint.name)}${when(constraint.nullsNotDistinct, ", { nulls: 'not distinct' }")})`
}

/** The foreign keys whose targets are in the project. */
const foreignKeysOf = ({
  plan,
  planned,
}: TableContext): readonly (readonly [CatalogForeignKey, PlannedTable])[] =>
  planned.table.foreignKeys.flatMap((foreignKey) => {
    const target =
      foreignKey.targetSchema === plan.schema ? plan.tables.get(foreignKey.target) : undefined
    return target === undefined || target.table.kind === 'view'
      ? []
      : [[foreignKey, target] as const]
  })

/** `.references(() => artists.artistId, { name: … })` on the column, for its first foreign key over it alone. */
export function toReference(context: TableContext, column: string): string {
  const [foreignKey, target] =
    foreignKeysOf(context).find(([{ columns }]) => columns.length === 1 && columns[0] === column) ??
    []
  if (foreignKey === undefined || target === undefined) return ''
  context.others.set(target.tableConstant, target.tableFile)
  const isCircular = context.circle.has(target.table.name)
  if (isCircular) context.needs.drizzle.add('type AnyPgColumn')
  const options = [`name: ${quote(foreignKey.name)}`, ...toActions(foreignKey)]
  const to = `${target.tableConstant}.${target.columns.get(foreignKey.targetColumns[0] ?? '')?.key ?? ''}`
  return `.references(()${when(isCircular, ': AnyPgColumn')} => ${to}, ${object(options)})`
}

function toActions({ onDelete, onUpdate }: CatalogForeignKey): readonly string[] {
  const [removed, changed] = [actions[onDelete], actions[onUpdate]]
  return present(
    removed !== null && `onDelete: ${quote(removed)}`,
    changed !== null && `onUpdate: ${quote(changed)}`,
  )
}

/** What stands below the columns: keys over several of them, checks and indexes. */
export function toExtra(context: TableContext): readonly string[] {
  const { table } = context.planned
  return [
    ...toPrimaryKey(context),
    ...severalOnes(table).map(
      (constraint) =>
        `${use(context, 'unique')}(${quote(constraint.name)}).on(${own(context, constraint.columns).join(', ')})` +
        when(constraint.nullsNotDistinct, '.nullsNotDistinct()'),
    ),
    ...foreignKeysOf(context)
      .filter((one, i, all) => !standsOnColumn(one, i, all))
      .map(([foreignKey, target]) => toForeignKey(context, foreignKey, target)),
    ...table.checks.map(
      ({ name, expression }) =>
        `${use(context, 'check')}(${quote(name)}, ${toSql(context, expression)})`,
    ),
    ...table.indexes.map((index) => toIndex(context, index)),
  ]
}

/** The columns as members of the callback's `table`. */
const own = ({ planned }: TableContext, names: readonly string[]): string[] =>
  names.map((name) => `table.${planned.columns.get(name)?.key ?? name}`)

function use({ needs }: TableContext, name: string): string {
  needs.drizzle.add(name)
  return name
}

function toSql({ needs }: TableContext, expression: string): string {
  needs.sql = true
  return sqlTemplate(expression)
}

function toPrimaryKey(context: TableContext): readonly string[] {
  const {
    table,
    table: { primaryKey: primary },
  } = context.planned
  if (primary === null || isPrimaryColumn(table, primary.columns[0] ?? '')) return []
  const name = present(primary.name !== `${table.name}_pkey` && `name: ${quote(primary.name)}`)
  return [
    `${use(context, 'primaryKey')}(${object([...name, `columns: ${listCode(own(context, primary.columns))}`], 4)})`,
  ]
}

/** Constraints that do not stand on their column: over several, or a second one over the same. */
const severalOnes = ({ uniques }: CatalogTable) =>
  uniques.filter(
    (constraint, i) =>
      constraint.columns.length > 1 ||
      uniques.findIndex(
        ({ columns }) => columns.length === 1 && columns[0] === constraint.columns[0],
      ) !== i,
  )

type Leading = readonly [CatalogForeignKey, PlannedTable]

/** The first foreign key over a single column is written on it. */
const standsOnColumn = ([{ columns }]: Leading, i: number, all: readonly Leading[]): boolean =>
  columns.length === 1 &&
  all.findIndex(([other]) => other.columns.length === 1 && other.columns[0] === columns[0]) === i

function toForeignKey(
  context: TableContext,
  foreignKey: CatalogForeignKey,
  target: PlannedTable,
): string {
  const { planned, needs, others, circle } = context
  others.set(target.tableConstant, target.tableFile)
  if (circle.has(target.table.name) && target !== planned)
    needs.drizzle.add('type PgTableExtraConfigValue')
  const foreign =
    target === planned
      ? own(context, foreignKey.targetColumns)
      : foreignKey.targetColumns.map(
          (name) => `${target.tableConstant}.${target.columns.get(name)?.key ?? name}`,
        )
  const then = toActions(foreignKey)
    .map((action) => `.${action.replace(': ', '(')})`)
    .join('')
  const members = [
    `name: ${quote(foreignKey.name)}`,
    `columns: ${listCode(own(context, foreignKey.columns))}`,
    `foreignColumns: ${listCode(foreign)}`,
  ]
  return `${use(context, 'foreignKey')}(${object(members, 4)})${then}`
}

function toIndex(context: TableContext, index: CatalogIndex): string {
  const maker = use(context, index.unique ? 'uniqueIndex' : 'index')
  const parts = index.parts.map((part) => toIndexPart(context, part)).join(', ')
  const on = index.method === 'btree' ? `.on(${parts})` : `.using(${quote(index.method)}, ${parts})`
  return `${maker}(${quote(index.name)})${on}${index.condition === null ? '' : `.where(${toSql(context, index.condition)})`}`
}

function toIndexPart(context: TableContext, part: CatalogIndex['parts'][number]): string {
  if (part.column === null) return toSql(context, part.sql + when(part.descending, ' desc'))
  const order = when(part.descending, '.desc()') + when(part.nullsFirst, '.nullsFirst()')
  return `${own(context, [part.column]).join('')}${order}${part.operatorClass === null ? '' : `.op(${quote(part.operatorClass)})`}`
}
