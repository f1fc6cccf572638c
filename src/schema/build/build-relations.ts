// Relations of a resource: Drizzle's own, as columns that must be equal, with what their targets promise.
import type { AnyRelation } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { PolicyNode } from '../declare/access.ts'
import type { AnyRules } from './build-fields.ts'
import { configOf, isUniqueBy } from './build-keys.ts'
import { didYouMean } from '../declare/did-you-mean.ts'
import type { Report } from '../declare/model-error.ts'
import type { Relation } from '../model/model.ts'
import { isFilterWord, isGraphqlName } from '../declare/names.ts'
import { defined } from '../../defined.ts'

interface RelationContext {
  readonly resource: string
  readonly table: PgTable
  readonly relations: Readonly<Record<string, AnyRelation>>
  readonly rules: AnyRules
  /** The resource of a table's key, and its read policy; null when it is none or nobody reads it. */
  readonly resourceOf: (
    tableKey: string,
  ) => { readonly key: string; readonly read: PolicyNode } | null
  readonly keyOfTable: (table: PgTable) => string | null
  readonly isTaken: (name: string) => boolean
  readonly report: Report
  readonly note: (line: string) => void
}

export function buildRelations(context: RelationContext): ReadonlyMap<string, Relation> {
  const { resource, relations, rules, report } = context
  for (const name of Object.keys(rules.relations ?? {})) {
    if (relations[name] === undefined)
      report(
        `${resource}.relations.${name}`,
        `is no relation of the table; it has ${Object.keys(relations).join(', ') || 'none'}.${didYouMean(name, Object.keys(relations))}`,
      )
  }
  const built = new Map<string, Relation>()
  for (const [name, relation] of Object.entries(relations)) {
    const target = targetOf(context, name, relation)
    if (target === null) continue
    if (context.isTaken(name))
      report(`${resource}.${name}`, 'is both a field and a relation; rename the relation.')
    if (!isGraphqlName(name))
      report(`${resource}.${name}`, 'is no name that GraphQL allows; rename the relation.')
    if (isFilterWord(name))
      report(`${resource}.${name}`, 'is a word of the filter language; rename the relation.')
    built.set(name, buildRelation(context, name, relation, target))
  }
  return built
}

/** The resource that a relation leads to, and whether the relation is served; null where there is none, for policies either. */
function targetOf(context: RelationContext, name: string, relation: AnyRelation): Target | null {
  const hidden = context.rules.relations?.[name]?.hidden === true
  const target = context.resourceOf(relation.targetTableName)
  const readable = target !== null && target.read.type !== 'nobody'
  if (!hidden && !readable)
    context.note(
      `${context.resource}.${name} is not served: ${relation.targetTableName} is no resource that anybody may read.`,
    )
  return target === null ? null : { ...target, served: !hidden && readable }
}

interface Target {
  readonly key: string
  readonly read: PolicyNode
  readonly served: boolean
}

function buildRelation(
  context: RelationContext,
  name: string,
  relation: AnyRelation,
  target: Target,
): Relation {
  const from = relation.sourceColumns.map(columnOf)
  const to = relation.targetColumns.map(columnOf)
  const many = relation.relationType === 'many'
  const description = context.rules.relations?.[name]?.description
  const table = relation.targetTable as PgTable // tables here are PostgreSQL's
  const always =
    from.every((column) => column.notNull) &&
    refersTo(context.table, from) &&
    !isFiltered(relation) &&
    target.read.type === 'everyone'
  return Object.freeze({
    name,
    many,
    from,
    to,
    ...defined({ description }),
    target: target.key,
    served: target.served,
    nullable: !always,
    through: buildThrough(context, relation),
    first: !many && !isUniqueBy(table, to),
    where: relation.where,
    whereOnSource: relation.isFilterReversed === true,
  })
}

function buildThrough(context: RelationContext, relation: AnyRelation): Relation['through'] {
  if (relation.through === undefined || relation.throughTable === undefined) return null
  const table = relation.throughTable as PgTable // as above
  const tableKey = context.keyOfTable(table)
  return Object.freeze({
    table,
    source: relation.through.source.map(columnOf),
    target: relation.through.target.map(columnOf),
    resource: tableKey === null ? null : (context.resourceOf(tableKey)?.key ?? null),
  })
}

const columnOf = (entry: unknown): PgColumn => {
  const holder = entry as { readonly column?: PgColumn; readonly _?: { readonly column: PgColumn } } // Drizzle's two forms of a relation's column
  const column = holder.column ?? holder._?.column
  if (column === undefined)
    throw new Error('A relation of Drizzle without its column: is drizzle-orm the pinned version?')
  return column
}

/** Only a foreign key promises that the row is there. */
const refersTo = (table: PgTable, from: readonly PgColumn[]): boolean =>
  foreignKeyColumns(table).some(
    (columns) =>
      columns.length === from.length &&
      columns.every((column) => from.some((own) => own.name === column)),
  )

const foreignKeyColumns = (table: PgTable): readonly (readonly string[])[] =>
  configOf(table).foreignKeys.map((foreignKey) =>
    foreignKey.reference().columns.map((column) => column.name),
  )

const isFiltered = (relation: AnyRelation): boolean => typeof relation.where === 'object'
