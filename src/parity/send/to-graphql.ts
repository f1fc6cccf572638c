// A request in GraphQL's words: a document with every value in a variable.
import { toScalarName } from '../../graphql/schema/scalars.ts'
import { COUNT } from '../../schema/model/counts.ts'
import {
  type Field,
  type Model,
  type Operation,
  type Resource,
  type StandardOperation,
  targetOf,
} from '../../schema/model/model.ts'
import { isGraphqlName, toGraphqlLabel, toPascal } from '../../schema/declare/names.ts'
import { nestedOf } from '../../schema/model/nested.ts'
import { writable } from '../../schema/inputs/standard-inputs.ts'
import { describeZod, type ValueType } from '../../schema/values/zod-types.ts'
import type { Total } from '../../engine/request.ts'
import { groupSelection, mapHaving } from './aggregate-words.ts'
import type {
  Asked,
  GraphqlRequest,
  ParityAggregate,
  ParityList,
  ParityRequest,
  ParitySelection,
  Style,
} from '../request.ts'
import { textOf } from './cursors.ts'
import { versionAsked, versionText } from '../generate/versions.ts'

type Values = Readonly<Record<string, unknown>>

interface Writing {
  readonly model: Model
  /** Of the field that is being written. */
  readonly style: Style
  readonly variables: Record<string, unknown>
  readonly definitions: string[]
}

/** @param request whose cursors have been looked up */
export function toGraphql(
  model: Model,
  operation: Operation,
  request: ParityRequest,
): GraphqlRequest {
  const writing: Writing = { model, style: request.style, variables: {}, definitions: [] }
  return toDocument(writing, operation.kind, [fieldOf(writing, operation, request)])
}

/** The name of one of several fields of a document. */
export const aliasOf = (index: number): string => `r${index}`

/** One document of several mutations. */
export function toGraphqlTogether(model: Model, asked: readonly Asked[]): GraphqlRequest {
  const shared: Omit<Writing, 'style'> = { model, variables: {}, definitions: [] }
  return toDocument(
    shared,
    'mutation',
    asked.map(
      ({ operation, request }, i) =>
        `${aliasOf(i)}: ${fieldOf({ ...shared, style: request.style }, operation, request)}`,
    ),
  )
}

function toDocument(
  { definitions, variables }: Omit<Writing, 'style'>,
  kind: Operation['kind'],
  fields: readonly string[],
): GraphqlRequest {
  return {
    query: `${kind}${definitions.length === 0 ? '' : `(${definitions.join(', ')})`} { ${fields.join(' ')} }`,
    variables,
  }
}

function fieldOf(writing: Writing, operation: Operation, request: ParityRequest): string {
  const given =
    operation.standard === 'aggregate'
      ? aggregateArguments(writing, operation.resource, request.aggregate ?? { fields: 'default' })
      : argumentsOf(writing, operation, request)
  return `${operation.name}${given.length === 0 ? '' : `(${given.join(', ')})`}${outputOf(writing, operation, request)}`
}

/** The value in a variable, or where it stands if literals are asked for and there is one. */
function variable(writing: Writing, type: string, value: unknown): string {
  const literal = writing.style.literals ? toLiteral(value) : null
  if (literal !== null) return literal
  const name = `v${writing.definitions.length + 1}`
  writing.definitions.push(`$${name}: ${type}`)
  writing.variables[name] = value
  return `$${name}`
}

function argumentsOf(
  writing: Writing,
  operation: Operation,
  request: ParityRequest,
): readonly string[] {
  if (operation.standard !== null) return standardArguments(writing, operation, request)
  if (operation.input === null) return []
  return [
    `input: ${variable(writing, `${toPascal(operation.name)}Input!`, toLabels(describeZod(operation.input).value, request.input))}`,
  ]
}

function standardArguments(
  writing: Writing,
  operation: StandardOperation,
  request: ParityRequest,
): readonly string[] {
  const { resource, by } = operation
  if (operation.standard === 'list')
    return listArguments(writing, resource, request.list ?? { page: {}, total: false })
  const many = manyArguments(writing, operation, request)
  if (many !== null) return many
  const key = (by?.fields ?? []).map(
    (field) =>
      `${field.name}: ${variable(writing, `${typeOf(field)}!`, toLabel(field, request.key?.[field.name]))}`,
  )
  if (request.version !== undefined)
    key.push(`ifVersion: ${variable(writing, 'String', versionText(request.version))}`)
  if (operation.standard !== 'create' && operation.standard !== 'update') return key
  if (writable(resource, operation.standard).length === 0) return key // an input type has members
  const type = `${resource.type}${operation.standard === 'create' ? 'Create' : 'Update'}!`
  return [
    ...key,
    `input: ${variable(writing, type, toInput(writing.model, resource, request.input))}`,
  ]
}

/** The arguments of a write beyond those of one row; null for any other operation. */
function manyArguments(
  writing: Writing,
  { standard, resource }: StandardOperation,
  { input, list, atMost }: ParityRequest,
): readonly string[] | null {
  const { type } = resource
  const given = () =>
    `input: ${variable(writing, standard === 'upsert' ? `${type}Create!` : `${type}Update!`, toInput(writing.model, resource, input))}`
  const filtered = () => [
    `where: ${variable(writing, `${type}Filter!`, toWhere(writing.model, resource, list?.where))}`,
    `atMost: ${variable(writing, 'Int!', atMost)}`,
  ]
  switch (standard) {
    case 'createMany':
      return [
        `inputs: ${variable(
          writing,
          `[${type}Create!]!`,
          (input as readonly unknown[]).map((row) => toInput(writing.model, resource, row)),
        )}`,
      ] // a list, always
    case 'upsert':
      return [given()]
    case 'updateMany':
      return [...filtered(), given()]
    case 'deleteMany':
      return filtered()
    default:
      return null
  }
}

const typeOf = (field: Field): string => field.enum?.name ?? toScalarName(field.kind.name)

function outputOf(writing: Writing, operation: Operation, request: ParityRequest): string {
  const { selection } = request
  if (operation.standard !== null) return standardOutput(writing, operation, request)
  return operation.output.type === 'value'
    ? valueSelection(describeZod(operation.output.schema).value)
    : rowOf(writing, operation.output.resource, selection ?? nothing)
}

function standardOutput(
  writing: Writing,
  operation: StandardOperation,
  request: ParityRequest,
): string {
  const { resource, standard } = operation
  const { selection, list, aggregate } = request
  if (standard === 'aggregate') return groupSelection(resource, aggregate ?? { fields: 'default' })
  if (standard === 'list')
    return connectionOf(writing, resource, selection ?? nothing, list?.total ?? false)
  const row = rowOf(writing, resource, selection ?? nothing)
  if (standard === 'upsert') return ` { created ${resource.key}${row} }`
  const version = versionAsked(operation, request)
  return version === null ? row : row.replace('{', `{ ${version}`)
}

const nothing: ParitySelection = { fields: [], relations: [] }

function rowOf(
  writing: Writing,
  resource: Resource,
  { fields, relations }: ParitySelection,
): string {
  const names = fields === 'default' ? [...resource.fields.keys()] : fields
  const below = relations.map(({ name, list, selection }) => {
    const relation = resource.relations.get(name)
    if (relation === undefined) return name
    const target = targetOf(writing.model, relation)
    if (list === null) return `${name} ${rowOf(writing, target, selection)}`
    const given = listArguments(writing, target, list)
    return `${name}${given.length === 0 ? '' : `(${given.join(', ')})`}${connectionOf(writing, target, selection, list.total)}`
  })
  const all = [...names, ...below]
  const text = `{ ${all.length === 0 ? '__typename' : all.join(' ')} }`
  return writing.style.fragments
    ? ` { ... on ${resource.type} @include(if: true) ${text} }`
    : ` ${text}`
}

function connectionOf(
  writing: Writing,
  resource: Resource,
  selection: ParitySelection,
  total: Total,
): string {
  const row = rowOf(writing, resource, selection)
  const rows = writing.style.edges ? `edges { cursor node${row} }` : `nodes${row}`
  return ` { ${rows} pageInfo { hasNextPage hasPreviousPage startCursor endCursor }${total === 'estimated' ? ' totalCount(mode: ESTIMATED)' : total ? ' totalCount' : ''} }`
}

/** Every member of a value, for its whole depth. */
function valueSelection(value: ValueType): string {
  if (value.type === 'list') return valueSelection(value.of.value)
  return value.type === 'object'
    ? ` { ${[...value.members].map(([name, member]) => name + valueSelection(member.value)).join(' ')} }`
    : ''
}

function listArguments(
  writing: Writing,
  resource: Resource,
  { where, orderBy, distinctOn, search, page }: ParityList,
): readonly string[] {
  const backward = page.before !== undefined || page.fromEnd === true
  const size =
    page.size ??
    (page.fromEnd === true && page.before === undefined ? resource.page.default : undefined)
  const give = (name: string, type: string, value: unknown): readonly string[] =>
    value === undefined ? [] : [`${name}: ${variable(writing, type, value)}`]
  return [
    ...give(
      'where',
      `${resource.type}Filter`,
      where === undefined ? undefined : toWhere(writing.model, resource, where),
    ),
    ...give(
      'orderBy',
      `[${resource.type}Order!]`,
      orderBy?.map(({ path, direction, nearest }) =>
        path.reduceRight<unknown>(
          (of, name) => ({ [name]: of }),
          nearest === undefined ? toName(direction) : { nearest: withNames(nearest) },
        ),
      ),
    ),
    ...give('search', 'String', search),
    ...give('distinctOn', `[${resource.type}Field!]`, distinctOn?.map(toName)),
    ...give(backward ? 'last' : 'first', 'Int', size),
    ...give('after', 'String', textOf(page.after)),
    ...give('before', 'String', textOf(page.before)),
    ...give('offset', 'Int', page.offset),
  ]
}

function aggregateArguments(
  writing: Writing,
  resource: Resource,
  { where, groupBy, having, orderBy, size, offset }: ParityAggregate,
): readonly string[] {
  const { type } = resource
  const give = (name: string, of: string, value: unknown): readonly string[] =>
    value === undefined ? [] : [`${name}: ${variable(writing, of, value)}`]
  return [
    ...give(
      'where',
      `${type}Filter`,
      where === undefined ? undefined : toWhere(writing.model, resource, where),
    ),
    ...give(
      'groupBy',
      `[${type}GroupBy!]`,
      groupBy?.map((name) => toName(String(name))),
    ),
    ...give(
      'having',
      `${type}Having`,
      having === undefined ? undefined : mapHaving(resource, having, toLabel),
    ),
    ...give(
      'orderBy',
      `[${type}AggregateOrder!]`,
      orderBy?.map(({ path, direction }) =>
        path.reduceRight<unknown>((of, name) => ({ [name]: of }), toName(direction)),
      ),
    ),
    ...give('first', 'Int', size),
    ...give('offset', 'Int', offset),
  ]
}
/** A metric is an enum of its own. */
const withNames = (nearest: unknown): unknown =>
  mapped(nearest, (name, value) =>
    name === 'metric' && typeof value === 'string' && isGraphqlName(value) ? toName(value) : value,
  )

/** A name of an enum: a text in a variable, bare in a literal. */
interface EnumName {
  readonly enumName: string
  toJSON(): string
}
const names = new WeakSet<object>()

function toName(enumName: string): EnumName {
  const name: EnumName = Object.freeze({ enumName, toJSON: () => enumName })
  names.add(name)
  return name
}

const isName = (value: unknown): value is EnumName =>
  typeof value === 'object' && value !== null && names.has(value)

/** A number whose digits were kept as they stood in the data. */
const isRawNumber = (value: object): boolean =>
  (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON(value) // ES2025, which TypeScript's libraries do not know yet

/** GraphQL's literal of a value; null where it has none, as for members whose names are no names of GraphQL. */
function toLiteral(value: unknown): string | null {
  if (isName(value)) return value.enumName
  if (Array.isArray(value)) return joined(value.map(toLiteral), '[', ']')
  if (typeof value !== 'object' || value === null || isRawNumber(value))
    return JSON.stringify(value) ?? null
  return joined(
    Object.entries(value).map(([name, member]) => {
      const literal = isGraphqlName(name) ? toLiteral(member) : null
      return literal === null ? null : `${name}: ${literal}`
    }),
    '{',
    '}',
  )
}

const joined = (parts: readonly (string | null)[], open: string, close: string): string | null =>
  parts.includes(null) ? null : `${open}${parts.join(', ')}${close}`

const isMap = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isName(value)

const mapped = (value: unknown, change: (name: string, member: unknown) => unknown): unknown =>
  isMap(value)
    ? Object.fromEntries(
        Object.entries(value).map(([name, member]) => [name, change(name, member)]),
      )
    : value

/** The name that GraphQL has for an enum's label; anything else as it is. */
function toLabel(field: Field, value: unknown): unknown {
  if (field.enum === null) return value
  if (Array.isArray(value)) return value.map((one) => toLabel(field, one))
  const known = field.enum.values.find(({ label }) => label === value)
  return known === undefined ? value : toName(known.graphql)
}

const toInput = (model: Model, resource: Resource, input: unknown): unknown =>
  mapped(input, (name, value) => {
    const field = resource.fields.get(name)
    if (field !== undefined) return toLabel(field, value)
    const nested = nestedOf(model, resource).find(({ relation }) => relation.name === name)
    if (nested === undefined) return value
    const { target } = nested
    return mapped(value, (verb, rows) =>
      verb !== 'create'
        ? rows
        : Array.isArray(rows)
          ? rows.map((row) => toInput(model, target, row))
          : toInput(model, target, rows),
    )
  })

function toWhere(model: Model, resource: Resource, where: unknown): unknown {
  return mapped(where, (name, value) => {
    if (Array.isArray(value)) return value.map((one) => toWhere(model, resource, one))
    if (name === 'NOT') return toWhere(model, resource, value)
    const field = resource.fields.get(name)
    if (field !== undefined) return mapped(value, (_operator, operand) => toLabel(field, operand))
    const relation = resource.relations.get(name)
    if (relation === undefined) return value
    const target = targetOf(model, relation)
    return relation.many
      ? mapped(value, (word, tree) => (word === COUNT ? tree : toWhere(model, target, tree)))
      : toWhere(model, target, value)
  })
}

function toLabels(type: ValueType, value: unknown): unknown {
  if (type.type === 'enum')
    return typeof value === 'string' && type.labels.includes(value)
      ? toName(toGraphqlLabel(value))
      : value
  if (type.type === 'list')
    return Array.isArray(value) ? value.map((one) => toLabels(type.of.value, one)) : value
  if (type.type !== 'object') return value
  return mapped(value === undefined ? {} : value, (name, one) => {
    const member = type.members.get(name)
    return member === undefined ? one : toLabels(member.value, one)
  })
}
