// From a declaration to the frozen model, with every mistake reported at once.
import { type Column, getColumns, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { type PolicyNode, toPolicyNode } from '../declare/access.ts'
import { type AnyRules, buildFields, describe } from './build-fields.ts'
import { hiddenParts } from '../model/aggregates.ts'
import {
  buildChecks,
  buildForeignKeys,
  buildUniqueKeys,
  primaryKeyColumns,
  toUniqueKey,
} from './build-keys.ts'
import { buildCustomOperation, buildStandardOperations } from './build-operations.ts'
import { buildRelations } from './build-relations.ts'
import { buildSearch } from './build-search.ts'
import { buildVersion } from './build-version.ts'
import { checkDeclaration } from './check-declaration.ts'
import { checkNames } from './check-names.ts'
import { checkWrites } from './build-writes.ts'
import { checkPolicies } from './check-policies.ts'
import { checkErrors } from '../declare/declared-errors.ts'
import type {
  OperationDeclaration,
  ResourceDeclaration,
  VocabularyData,
} from '../declare/declare.ts'
import { didYouMean } from '../declare/did-you-mean.ts'
import { collectingMistakes, type Report } from '../declare/model-error.ts'
import type { Field, Model, Operation, Resource } from '../model/model.ts'
import { measuredKeys } from '../model/nearest.ts'
import { reservedKeys, toKebab, toPascal } from '../declare/names.ts'
import { checkNested } from '../model/nested.ts'
import type { Relations } from '../declare/types.ts'

/** What a gateway says about what exists. */
export interface ModelDeclaration {
  readonly name: string
  readonly description?: string
  readonly relations: Relations
  readonly resources: Readonly<Record<string, ResourceDeclaration>>
  readonly operations?: Readonly<Record<string, OperationDeclaration>>
}

interface BuildContext {
  readonly declaration: ModelDeclaration
  readonly report: Report
  readonly note: (line: string) => void
}

/**
 * Builds the frozen model of a declaration.
 * @param more reports mistakes of what stands beside the model in the declaration
 * @throws ModelError with every mistake at once
 */
export function buildModel(
  given: ModelDeclaration,
  more: (report: Report) => void = () => {},
): Model {
  return collectingMistakes((report) => {
    more(report)
    const declaration = { ...given, ...checkDeclaration(given, report) }
    const notes: string[] = []
    const context: BuildContext = { declaration, report, note: (line) => notes.push(line) }
    const resources = buildResources(context)
    const operations: Operation[] = [...resources.values()].flatMap(buildStandardOperations)
    for (const [name, operation] of Object.entries(declaration.operations)) {
      for (const built of buildCustomOperation({
        name,
        operation,
        resources,
        report,
        note: context.note,
      }))
        operations.push(built)
    }
    const model: Model = Object.freeze({
      name: declaration.name,
      ...(declaration.description === undefined ? {} : { description: declaration.description }),
      resources,
      operations: Object.freeze(operations),
      vocabulary: vocabularyOf(context),
      notes: Object.freeze(notes),
    })
    for (const resource of resources.values()) checkWrites(resource, report)
    checkNames(model, report)
    checkPolicies(model, report)
    checkNested(model, report)
    checkErrors(declaration.operations, report)
    return model
  })
}

/** All resources speak the words of one `declare`. */
function vocabularyOf({ declaration, report }: BuildContext): VocabularyData {
  const [first, ...others] = Object.entries(declaration.resources)
  if (first === undefined) {
    report('resources', 'is empty; a gateway serves at least one resource.')
    throw new Error('unreachable: a reported mistake ends the build')
  }
  for (const [key, resource] of others) {
    if (resource.vocabulary !== first[1].vocabulary)
      report(`resources.${key}`, `was declared with another \`declare\` than ${first[0]}.`)
  }
  if (first[1].vocabulary.relations !== declaration.relations)
    report('relations', 'are not those that `declare` was given.')
  return first[1].vocabulary
}

function buildResources(context: BuildContext): ReadonlyMap<string, Resource> {
  const { declaration, report } = context
  const byTable = new Map<string, { key: string; read: PolicyNode }>()
  for (const [key, { table, rules }] of Object.entries(declaration.resources)) {
    const other = byTable.get(table)
    if (other !== undefined)
      report(`resources.${key}`, `is the table ${table}, which ${other.key} is already.`)
    byTable.set(table, { key, read: policyOf((rules as AnyRules).access.read) })
  }
  const built = new Map<string, Resource>()
  for (const [key, resource] of Object.entries(declaration.resources)) {
    if (declaration.relations[resource.table] === undefined) {
      report(
        `resources.${key}`,
        `is the table ${resource.table}, which the relations do not have.${didYouMean(resource.table, Object.keys(declaration.relations))}`,
      )
      continue
    }
    const one = buildResource(context, key, resource, byTable)
    if (one !== null) built.set(key, one)
  }
  const measured = measuredKeys(built)
  return new Map(
    [...built].map(([key, resource]) => [
      key,
      measured.has(key) ? Object.freeze({ ...resource, measured: true }) : resource,
    ]),
  )
}

const policyOf = (input: unknown): PolicyNode =>
  input === undefined ? { type: 'nobody' } : toPolicyNode(input)

function buildResource(
  context: BuildContext,
  key: string,
  declared: ResourceDeclaration,
  byTable: ReadonlyMap<string, { key: string; read: PolicyNode }>,
): Resource | null {
  const {
    declaration: { relations },
    report,
    note,
  } = context
  const rules = declared.rules as AnyRules // checked by the compiler where it was declared
  const entry = relations[declared.table]
  if (entry === undefined) return null
  const table = entry.table as PgTable // or a view, which has columns and nothing else of a table
  const type = rules.names?.type ?? toPascal(key)
  const columns = getColumns(table)
  const keyColumns = primaryKeyColumns(table).map((column) => column.name) // composite keys hold copies of columns
  const keyNames =
    rules.key ??
    keyColumns.flatMap((wanted) =>
      Object.keys(columns).filter((name) => columns[name]?.name === wanted),
    )
  const allFields = buildFields({
    resource: key,
    type,
    columns,
    rules,
    report,
    isKey: (column) => keyColumns.includes(column.name),
  })
  const fields = served(allFields)
  const fieldOf = (column: { name: string }) =>
    [...fields.values()].find(
      (field) => 'column' in field.source && field.source.column.name === column.name,
    )
  const keyOfTable = (other: PgTable) =>
    Object.keys(relations).find((name) => relations[name]?.table === other) ?? null
  const writable = is(table, PgTable) && keyColumns.length > 0
  const allRelations = buildRelations({
    resource: key,
    table,
    rules,
    report,
    note,
    keyOfTable,
    relations: entry.relations,
    resourceOf: (tableKey) => byTable.get(tableKey) ?? null,
    isTaken: (name) => allFields.has(name),
  })
  noteReserved(
    context,
    key,
    keyNames.map((name) => fields.get(name)),
  )
  noteHiddenParts(context, key, { fields, isRead: rules.access.read !== undefined })
  noteUnfillable(context, key, {
    columns,
    fields: allFields,
    creates: rules.access.create !== undefined,
  })
  const plural = rules.names?.plural ?? declared.table
  return Object.freeze({
    key,
    plural,
    type,
    table,
    writable,
    fields,
    access: buildAccess(context, key, rules, writable),
    relations: served(allRelations),
    inner: Object.freeze({ fields: allFields, relations: allRelations }),
    tableKey: declared.table,
    path: rules.names?.path ?? toKebab(plural),
    ...describe(rules),
    primaryKey: buildPrimaryKey(key, keyNames, fields, report),
    uniqueKeys: buildUniqueKeys(table, fieldOf),
    foreignKeys: buildForeignKeys(
      table,
      fieldOf,
      (other) => byTable.get(keyOfTable(other) ?? '')?.key ?? null,
    ),
    checks: buildChecks(table, fieldOf),
    writes: writesOf(rules),
    page: buildPage(rules, key, report),
    nested: nestedIn(rules),
    measured: false, // known when all resources are
    search: buildSearch({ resource: key, rules, columns, fields: allFields, report }),
    nodeId: rules.names?.nodeId ?? 'nodeId',
    version: buildVersion({
      resource: key,
      rules,
      fields: allFields,
      isTable: is(table, PgTable),
      isKey: (column) => keyColumns.includes(column.name),
      report,
      note,
    }),
  })
}

const nestedIn = ({ nested = [] }: AnyRules): readonly string[] => Object.freeze([...nested])

/** A key of free text may be a word that REST needs for itself. */
function noteReserved(
  { note }: BuildContext,
  resource: string,
  key: readonly (Field | undefined)[],
): void {
  if (key.length !== 1 || key[0]?.kind.name !== 'text') return
  note(
    `${resource} has text for a key: on REST, a row whose ${key[0].name} is ${[...reservedKeys].join(', ')} is reached by a filter only.`,
  )
}

/** A column that no caller may give, and that the database does not fill: creating works only where a trigger does. */
function noteUnfillable(
  { note }: BuildContext,
  resource: string,
  {
    columns,
    fields,
    creates,
  }: {
    readonly columns: Readonly<Record<string, Column>>
    readonly fields: ReadonlyMap<string, Field>
    readonly creates: boolean
  },
): void {
  for (const [name, column] of Object.entries(columns)) {
    const field = fields.get(name)
    const filled =
      !column.notNull || column.hasDefault || column.generated !== undefined || field?.own === true
    if (creates && !filled && field?.served !== true)
      note(
        `${resource} can be created only if a trigger fills ${name}: it is required and not served.`,
      )
  }
}

/** A field has its name; what would be a part of a date of that name cannot be grouped by. */
function noteHiddenParts(
  { note }: BuildContext,
  resource: string,
  { fields, isRead }: { readonly fields: ReadonlyMap<string, Field>; readonly isRead: boolean },
): void {
  for (const name of isRead ? hiddenParts(fields) : [])
    note(`${resource}.${name} is a field; an aggregate has no part of a date by that name.`)
}

function buildPrimaryKey(
  resource: string,
  names: readonly string[],
  fields: ReadonlyMap<string, Field>,
  report: Report,
): Resource['primaryKey'] {
  const keyFields = names.map((name) => fields.get(name)).filter((field) => field !== undefined)
  if (names.length === 0)
    report(`resources.${resource}`, 'has no primary key; name unique columns in `key`.')
  else if (keyFields.length < names.length) {
    const missing = names.filter((name) => !fields.has(name)).join(', ')
    report(
      `resources.${resource}`,
      `has ${missing} in its key, which is hidden or no column; a key is always served.`,
    )
  }
  for (const field of keyFields) {
    if (field.read !== null)
      report(
        `resources.${resource}.fields.${field.name}.read`,
        'stands on a column of the key, which cursors and ids show; restrict the resource instead.',
      )
  }
  return toUniqueKey(keyFields)
}

function buildAccess(
  { report, note }: BuildContext,
  resource: string,
  { access: declared }: AnyRules,
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
      'allows writes, but views and tables without a primary key are read-only.',
    )
  }
  if (Object.values(access).every((policy) => policy.type === 'nobody'))
    note(`${resource} is not served: it names no access.`)
  return access
}

const writesOf = ({ writes = [] }: AnyRules): Resource['writes'] => Object.freeze([...writes])

const served = <T extends { readonly served: boolean }>(
  all: ReadonlyMap<string, T>,
): ReadonlyMap<string, T> => new Map([...all].filter(([, one]) => one.served))

const isCount = (value: number, most: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= most

function buildPage(rules: AnyRules, key: string, report: Report): Resource['page'] {
  const max = rules.page?.max ?? 100
  const page = {
    default: rules.page?.default ?? Math.min(20, max),
    max,
    groups: rules.page?.groups ?? 1000,
  }
  for (const name of ['max', 'groups'] as const) {
    if (!isCount(page[name], 10_000))
      report(`resources.${key}.page.${name}`, 'is a whole number from 1 to 10000.')
  }
  if (!isCount(page.default, page.max))
    report(`resources.${key}.page.default`, 'is a whole number from 1 to the maximum.')
  return Object.freeze(page)
}
