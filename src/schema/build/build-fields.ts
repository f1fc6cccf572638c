// Fields of a resource: its columns with their rules, and its computed expressions.
import { Column, is } from 'drizzle-orm'
import type { PgColumn, PgEnumColumn } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { type PolicyNode, toPolicyNode } from '../declare/access.ts'
import { limitedTo } from './column-limits.ts'
import type { ComputedField, FieldRules, ResourceRules } from '../declare/declare.ts'
import { kindOf, kinds, wireOf } from '../values/kinds.ts'
import { didYouMean } from '../declare/did-you-mean.ts'
import type { Report } from '../declare/model-error.ts'
import type { EnumType, Field } from '../model/model.ts'
import {
  isFilterWord,
  isGraphqlName,
  toGraphqlLabel,
  toPascal,
  toTypeName,
} from '../declare/names.ts'
import { ownColumns } from './owner-columns.ts'
import { validated } from '../values/text-bounds.ts'
import { defined } from '../../defined.ts'

/** Rules with their types erased: what build-model reads. */
export type AnyRules = Omit<ResourceRules<never, never, never>, 'version'> & {
  readonly version?: string | false
  readonly fields?: Readonly<Record<string, AnyFieldRules>>
  readonly computed?: Readonly<Record<string, ComputedField<never, never, never>>>
  readonly relations?: Readonly<
    Record<string, { readonly hidden?: true; readonly description?: string }>
  >
}
type AnyFieldRules = FieldRules<never, never, never, never>

interface FieldContext {
  readonly resource: string
  readonly type: string
  readonly columns: Readonly<Record<string, Column>>
  readonly rules: AnyRules
  /** Columns of the primary key: their place in an update is taken by the key argument. */
  readonly isKey: (column: Column) => boolean
  readonly report: Report
}

/** All fields by name, hidden ones included: columns in the table's order, then computed ones. */
export function buildFields(context: FieldContext): ReadonlyMap<string, Field> {
  const { resource, columns, rules, report } = context
  const own = ownColumns(policyOf(rules.access.create) ?? { type: 'nobody' })
  for (const name of Object.keys(rules.fields ?? {})) {
    if (columns[name] === undefined)
      report(
        `${resource}.fields.${name}`,
        `is no column of the table; it has ${Object.keys(columns).join(', ')}.${didYouMean(name, Object.keys(columns))}`,
      )
  }
  const fields = new Map<string, Field>()
  for (const [name, column] of Object.entries(columns)) {
    const isColumn = is(column, Column)
    const field = isColumn
      ? buildColumnField(context, name, column as PgColumn, own.has(name))
      : null // tables here are PostgreSQL's
    if (field !== null) fields.set(name, field)
    else if (!isColumn)
      report(
        `${resource}.${name}`,
        'is an expression, whose type Drizzle does not know; declare the view with its columns: pgView(name, { … }).',
      )
  }
  addComputed(context, fields)
  for (const name of fields.keys()) checkFieldName(name, `${resource}.${name}`, report)
  return fields
}

function addComputed(
  { resource, columns, rules, report }: FieldContext,
  fields: Map<string, Field>,
): void {
  for (const [name, computed] of Object.entries(rules.computed ?? {})) {
    if (columns[name] !== undefined)
      report(`${resource}.computed.${name}`, 'has the name of a column.')
    fields.set(name, buildComputedField(name, computed))
  }
}

function checkFieldName(name: string, where: string, report: Report): void {
  if (!isGraphqlName(name))
    report(where, 'is no name that GraphQL allows; rename the column in TypeScript.')
  if (isFilterWord(name))
    report(where, 'is a word of the filter language; rename it in TypeScript.')
}

function buildColumnField(
  context: FieldContext,
  name: string,
  column: PgColumn,
  own: boolean,
): Field | null {
  const rules: AnyFieldRules = context.rules.fields?.[name] ?? {}
  const kind = kindOf(column)
  if (kind === null) return null
  const list = column.dimensions === 1
  const enumType = kind === kinds.enum ? buildEnum(context, name, column) : null
  const scalar =
    enumType === null ? wireOf(column, kind) : z.enum(enumType.values.map((value) => value.label))
  const wire = list ? z.array(scalar.nullable()) : scalar
  return Object.freeze({
    name,
    kind,
    list,
    wire,
    nullable: !column.notNull,
    served: rules.hidden !== true,
    enum: enumType,
    ...describe(rules),
    source: { column },
    read: policyOf(rules.read),
    write: policyOf(rules.write),
    ...writability(column, rules, {
      isKey: context.isKey(column),
      isVersion: context.rules.version === name,
      own,
    }),
    own,
    input: refined(
      context,
      name,
      list ? z.array(limitedTo(column, scalar, kind).nullable()) : limitedTo(column, wire, kind),
    ),
  })
}

function buildComputedField(name: string, computed: ComputedField<never, never, never>): Field {
  const kind = kinds[computed.type]
  return Object.freeze({
    name,
    kind,
    list: false,
    wire: kind.wire,
    nullable: computed.nullable ?? true,
    served: true,
    enum: null,
    ...describe(computed),
    source: { sql: computed.sql },
    read: policyOf(computed.read),
    write: null,
    create: 'never',
    update: 'never',
    own: false,
    input: z.never(),
  })
}

const policyOf = (input: unknown): PolicyNode | null =>
  input === undefined ? null : toPolicyNode(input)

export const describe = (rules: { readonly description?: string; readonly deprecated?: string }) =>
  defined({ description: rules.description, deprecated: rules.deprecated })

interface Place {
  readonly isKey: boolean
  readonly isVersion: boolean
  readonly own: boolean
}

/** Generated columns and the version are in no input, defaults are optional; what fills itself in otherwise is settable only where declared. */
function writability(
  column: PgColumn,
  rules: AnyFieldRules,
  { isKey, isVersion, own }: Place,
): Pick<Field, 'create' | 'update'> {
  const numbered = column.generatedIdentity !== undefined || column.getSQLType().endsWith('serial')
  if (isVersion || isClosed(column, rules, numbered)) return { create: 'never', update: 'never' }
  const optional = !column.notNull || column.hasDefault || numbered
  return {
    create: optional ? 'optional' : own ? 'owned' : 'required',
    update: isKey ? 'never' : 'optional',
  }
}

/** What nobody may write is no member of any input (docs/concepts.md, Request). */
const isClosed = (column: PgColumn, rules: AnyFieldRules, numbered: boolean): boolean =>
  rules.hidden === true ||
  policyOf(rules.write)?.type === 'nobody' ||
  column.generated !== undefined ||
  column.generatedIdentity?.type === 'always' ||
  ((numbered || column.onUpdateFn !== undefined) && rules.settable !== true)

function buildEnum(context: FieldContext, name: string, column: PgColumn): EnumType {
  const declared = (column as PgEnumColumn<never>).enum as
    | { readonly enumName?: string }
    | undefined // only pgEnum columns have it
  const values = (column.enumValues ?? []).map((label) => ({
    label,
    graphql: toGraphqlLabel(label),
  }))
  const taken = new Map<string, string>()
  for (const { label, graphql } of values) {
    const other = taken.get(graphql)
    if (other !== undefined)
      context.report(
        `${context.resource}.${name}`,
        `has the labels "${other}" and "${label}", which are both ${graphql} in GraphQL.`,
      )
    taken.set(graphql, label)
  }
  return {
    name:
      declared?.enumName === undefined
        ? context.type + toPascal(name)
        : toTypeName(declared.enumName),
    values,
  }
}

function refined(context: FieldContext, name: string, schema: z.ZodType): z.ZodType {
  const validate = context.rules.fields?.[name]?.validate
  if (validate === undefined) return schema
  try {
    return validated(schema, (bounded) => validate(bounded as never)) // FieldRules ties the schema's type to the column's value
  } catch (error) {
    context.report(
      `${context.resource}.fields.${name}.validate`,
      `threw: ${error instanceof Error ? error.message : String(error)}`,
    )
    return schema
  }
}
