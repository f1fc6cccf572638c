// One resource of the model: a table or view, and the rules that were declared for it.
import { type Column, getColumns, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { type PolicyNode, toPolicyNode } from '../declare/access.ts'
import type { ResourceDeclaration } from '../declare/declare.ts'
import { buildExport, type Export } from '../declare/export-rules.ts'
import type { Report } from '../declare/model-error.ts'
import { toKebab, toPascal } from '../declare/names.ts'
import type { Relations } from '../declare/types.ts'
import type { Field, Resource } from '../model/model.ts'
import { type AnyRules, buildFields, describe } from './build-fields.ts'
import {
  buildChecks,
  buildForeignKeys,
  buildPrimaryKey,
  buildUniqueKeys,
  configOf,
  primaryKeyColumns,
} from './build-keys.ts'
import { buildRelations } from './build-relations.ts'
import { buildSearch } from './build-search.ts'
import { buildVersion } from './build-version.ts'
import { noteUnserved } from './resource-notes.ts'

export interface ResourceContext {
  readonly relations: Relations
  /** The resource of each table that is declared as one, and its read policy. */
  readonly byTable: ReadonlyMap<string, { readonly key: string; readonly read: PolicyNode }>
  readonly report: Report
  readonly note: (line: string) => void
  /** The gateway's export rules. */
  readonly export: Export
  /** The gateway's. */
  readonly audit: boolean
}

/** What one resource is made of. */
interface Parts extends ResourceContext {
  readonly resource: string
  readonly tableKey: string
  readonly rules: AnyRules
  readonly table: PgTable
  readonly type: string
  readonly columns: Readonly<Record<string, Column>>
  readonly isKey: (column: Column) => boolean
  readonly keyOfTable: (table: PgTable) => string | null
}

/** Null where the relations do not have its table. */
export function buildResource(
  context: ResourceContext,
  key: string,
  declared: ResourceDeclaration,
): Resource | null {
  const entry = context.relations[declared.table]
  if (entry === undefined) return null
  const parts = toParts(context, key, declared, entry.table as PgTable) // or a view, which has columns and nothing else of a table
  const { rules, table } = parts
  const fields = buildFields(parts)
  const relations = buildRelations({
    ...parts,
    relations: entry.relations,
    resourceOf: (tableKey) => context.byTable.get(tableKey) ?? null,
    isTaken: (name) => fields.has(name),
  })
  const servedFields = served(fields)
  const keyNames = rules.key ?? keyNamesOf(parts)
  noteUnserved({
    ...parts,
    fields,
    key: keyNames.map((name) => servedFields.get(name)),
    isRead: rules.access.read !== undefined,
    isCreated: rules.access.create !== undefined,
  })
  const writable = is(table, PgTable) && primaryKeyColumns(table).length > 0 && !isOwnTable(table)
  return Object.freeze({
    ...namesOf(parts),
    table,
    writable,
    fields: servedFields,
    access: buildAccess(parts, writable),
    relations: served(relations),
    inner: Object.freeze({ fields, relations }),
    primaryKey: buildPrimaryKey(key, keyNames, servedFields, parts.report),
    ...constraintsOf(parts, servedFields),
    writes: Object.freeze([...(rules.writes ?? [])]),
    page: buildPage(parts),
    export: exportOf(parts),
    audit: auditOf(parts, writable),
    nested: Object.freeze([...(rules.nested ?? [])]),
    measured: false, // known when all resources are
    search: buildSearch({ ...parts, fields }),
    version: buildVersion({ ...parts, fields, isTable: is(table, PgTable) }),
  })
}

function toParts(
  context: ResourceContext,
  key: string,
  { table: tableKey, rules: declared }: ResourceDeclaration,
  table: PgTable,
): Parts {
  const { relations } = context
  const rules = declared as AnyRules // checked by the compiler where it was declared
  const keyColumns = primaryKeyColumns(table).map(({ name }) => name) // composite keys hold copies of columns
  return {
    ...context,
    resource: key,
    tableKey,
    rules,
    table,
    type: rules.names?.type ?? toPascal(key),
    columns: getColumns(table),
    isKey: ({ name }) => keyColumns.includes(name),
    keyOfTable: (other) =>
      Object.keys(relations).find((name) => relations[name]?.table === other) ?? null,
  }
}

/** What a resource is called, and says of itself. */
function namesOf({ resource, tableKey, type, rules }: Parts) {
  const plural = rules.names?.plural ?? tableKey
  return {
    key: resource,
    plural,
    type,
    tableKey,
    path: rules.names?.path ?? toKebab(plural),
    nodeId: rules.names?.nodeId ?? 'nodeId',
    ...describe(rules),
  }
}

/** The constraints of the table, on fields that are served. */
function constraintsOf({ table, keyOfTable, byTable }: Parts, fields: ReadonlyMap<string, Field>) {
  const fieldOf = ({ name }: { readonly name: string }): Field | undefined =>
    [...fields.values()].find(({ source }) => 'column' in source && source.column.name === name)
  const resourceOf = (other: PgTable): string | null =>
    byTable.get(keyOfTable(other) ?? '')?.key ?? null
  return {
    uniqueKeys: buildUniqueKeys(table, fieldOf),
    foreignKeys: buildForeignKeys(table, fieldOf, resourceOf),
    checks: buildChecks(table, fieldOf),
  }
}

/** The members of the table that are its primary key, in the key's order. */
const keyNamesOf = ({ table, columns }: Parts): readonly string[] =>
  primaryKeyColumns(table).flatMap((wanted) =>
    Object.keys(columns).filter((name) => columns[name]?.name === wanted.name),
  )

export const policyOf = (input: unknown): PolicyNode =>
  input === undefined ? { type: 'nobody' } : toPolicyNode(input)

function buildAccess(
  { resource, rules: { access: declared }, report, note }: Parts,
  writable: boolean,
): Resource['access'] {
  const access = Object.freeze({
    read: policyOf(declared.read),
    create: policyOf(declared.create),
    update: policyOf(declared.update),
    delete: policyOf(declared.delete),
  })
  if (
    !writable &&
    [access.create, access.update, access.delete].some((policy) => policy.type !== 'nobody')
  ) {
    report(
      `resources.${resource}.access`,
      "allows writes, but views, tables without a primary key and the gateway's own tables are read-only.",
    )
  }
  if (Object.values(access).every((policy) => policy.type === 'nobody'))
    note(`${resource} is not served: it names no access.`)
  return access
}

function exportOf({ resource, rules, export: byDefault, report }: Parts): Export {
  if (rules.export !== undefined && rules.access.read === undefined)
    report(
      `${resource}.export`,
      'is given, but `access` has no `read`: there are no rows to export.',
    )
  return buildExport({ where: resource, given: rules.export, byDefault, report })
}

/** Whether the gateway alone writes the table: its own tables are in a schema of this name. */
const isOwnTable = (table: PgTable): boolean => configOf(table).schema === 'bifrons'

function auditOf({ resource, rules, audit, report }: Parts, writable: boolean): boolean {
  if (rules.audit === true && !writable)
    report(`${resource}.audit`, 'is true, but no row of it is written.')
  return writable && (rules.audit ?? audit)
}

const served = <T extends { readonly served: boolean }>(
  all: ReadonlyMap<string, T>,
): ReadonlyMap<string, T> => new Map([...all].filter(([, one]) => one.served))

const isCount = (value: number, most: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= most

function buildPage({ resource, rules, report }: Parts): Resource['page'] {
  const max = rules.page?.max ?? 100
  const page = {
    default: rules.page?.default ?? Math.min(20, max),
    max,
    groups: rules.page?.groups ?? 1000,
  }
  for (const name of ['max', 'groups'] as const) {
    if (!isCount(page[name], 10_000))
      report(`resources.${resource}.page.${name}`, 'is a whole number from 1 to 10000.')
  }
  if (!isCount(page.default, page.max))
    report(`resources.${resource}.page.default`, 'is a whole number from 1 to the maximum.')
  return Object.freeze(page)
}
