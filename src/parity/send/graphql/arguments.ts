// The arguments of a root field or of a list inside of a row.
import { toScalarName } from '../../../graphql/schema/scalars.ts'
import { toPascal } from '../../../schema/declare/names.ts'
import { writable } from '../../../schema/inputs/standard-inputs.ts'
import type {
  CustomOperation,
  Field,
  Operation,
  Resource,
  StandardKind,
  StandardOperation,
} from '../../../schema/model/model.ts'
import { describeZod } from '../../../schema/values/zod-types.ts'
import {
  emptyAggregate,
  emptyList,
  type ParityAggregate,
  type ParityList,
  type ParityPage,
  type ParityRequest,
} from '../../request.ts'
import { cursorText } from '../cursors.ts'
import { versionText } from '../versions.ts'
import {
  toCustomInput,
  toEnumValue,
  toFilter,
  toHaving,
  toInput,
  toInputs,
  toOrder,
} from './input-values.ts'
import { toEnumName } from './literals.ts'
import { argument, type DocumentDraft, requiredArgument } from './variables.ts'

export const toArguments = (
  draft: DocumentDraft,
  operation: Operation,
  request: ParityRequest,
): readonly string[] =>
  operation.standard === null
    ? customArguments(draft, operation, request)
    : standardArguments[operation.standard](draft, operation, request)

function customArguments(
  draft: DocumentDraft,
  { name, input }: CustomOperation,
  request: ParityRequest,
): readonly string[] {
  if (input === null) return []
  const value = toCustomInput(describeZod(input).value, request.input)
  return [requiredArgument(draft, 'input', `${toPascal(name)}Input!`, value)]
}

type Arguments = (
  draft: DocumentDraft,
  operation: StandardOperation,
  request: ParityRequest,
) => readonly string[]

const rowInputArguments: Arguments = (draft, operation, request) => {
  const key = keyArguments(draft, operation, request)
  const verb = operation.standard === 'create' ? 'create' : 'update'
  // An input type has at least one member, so without writable fields there is no argument.
  if (writable(operation.resource, verb).length === 0) return key
  return [...key, inputArgument(draft, operation, request)]
}

const standardArguments: Readonly<Record<StandardKind, Arguments>> = {
  list: (draft, { resource }, { list }) => toListArguments(draft, resource, list ?? emptyList),
  aggregate: (draft, { resource }, { aggregate }) =>
    aggregateArguments(draft, resource, aggregate ?? emptyAggregate),
  get: keyArguments,
  create: rowInputArguments,
  update: rowInputArguments,
  delete: keyArguments,
  createMany: (draft, { resource }, { input }) => [
    requiredArgument(
      draft,
      'inputs',
      `[${resource.type}Create!]!`,
      toInputs(draft.model, resource, input),
    ),
  ],
  upsert: (draft, operation, request) => [inputArgument(draft, operation, request)],
  updateMany: (draft, operation, request) => [
    ...filterArguments(draft, operation.resource, request),
    inputArgument(draft, operation, request),
  ],
  deleteMany: (draft, { resource }, request) => filterArguments(draft, resource, request),
}

function keyArguments(
  draft: DocumentDraft,
  { by }: StandardOperation,
  { key = {}, version }: ParityRequest,
): readonly string[] {
  const fields = by?.fields ?? []
  return [
    ...fields.map((field) =>
      requiredArgument(draft, field.name, `${typeOf(field)}!`, toEnumValue(field, key[field.name])),
    ),
    ...argument(draft, 'ifVersion', 'String', versionText(version)),
  ]
}

const typeOf = (field: Field): string => field.enum?.name ?? toScalarName(field.kind.name)

function inputArgument(
  draft: DocumentDraft,
  { standard, resource }: StandardOperation,
  { input }: ParityRequest,
): string {
  const suffix = standard === 'create' || standard === 'upsert' ? 'Create' : 'Update'
  const value = toInput(draft.model, resource, input)
  return requiredArgument(draft, 'input', `${resource.type}${suffix}!`, value)
}

function filterArguments(
  draft: DocumentDraft,
  resource: Resource,
  { list, atMost }: ParityRequest,
): readonly string[] {
  const where = toFilter(draft.model, resource, list?.where)
  return [
    requiredArgument(draft, 'where', `${resource.type}Filter!`, where),
    requiredArgument(draft, 'atMost', 'Int!', atMost),
  ]
}

export function toListArguments(
  draft: DocumentDraft,
  resource: Resource,
  { where, orderBy, distinctOn, search, page }: ParityList,
): readonly string[] {
  const { model } = draft
  const { type } = resource
  const isBackward = page.before !== undefined || page.fromEnd === true
  return [
    ...argument(draft, 'where', `${type}Filter`, toFilter(model, resource, where)),
    ...argument(draft, 'orderBy', `[${type}Order!]`, toOrder(orderBy)),
    ...argument(draft, 'search', 'String', search),
    ...argument(draft, 'distinctOn', `[${type}Field!]`, distinctOn?.map(toEnumName)),
    ...argument(draft, isBackward ? 'last' : 'first', 'Int', sizeOf(resource, page)),
    ...argument(draft, 'after', 'String', cursorText(page.after)),
    ...argument(draft, 'before', 'String', cursorText(page.before)),
    ...argument(draft, 'offset', 'Int', page.offset),
  ]
}

/** The last page is asked for by `last` alone, so it always has a size. */
function sizeOf(resource: Resource, { size, before, fromEnd }: ParityPage): unknown {
  const isLastPage = fromEnd === true && before === undefined
  return size ?? (isLastPage ? resource.page.default : undefined)
}

function aggregateArguments(
  draft: DocumentDraft,
  resource: Resource,
  { where, groupBy, having, orderBy, size, offset }: ParityAggregate,
): readonly string[] {
  const { type } = resource
  const keys = groupBy?.map((name) => toEnumName(String(name)))
  return [
    ...argument(draft, 'where', `${type}Filter`, toFilter(draft.model, resource, where)),
    ...argument(draft, 'groupBy', `[${type}GroupBy!]`, keys),
    ...argument(draft, 'having', `${type}Having`, toHaving(resource, having)),
    ...argument(draft, 'orderBy', `[${type}AggregateOrder!]`, toOrder(orderBy)),
    ...argument(draft, 'first', 'Int', size),
    ...argument(draft, 'offset', 'Int', offset),
  ]
}
