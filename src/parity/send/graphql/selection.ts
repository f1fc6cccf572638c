// The selection set of a root field, from the selection of the request.
import type { Total } from '../../../engine/request.ts'
import { aggregationOf } from '../../../schema/model/aggregates.ts'
import {
  type Operation,
  type Resource,
  type StandardOperation,
  targetOf,
} from '../../../schema/model/model.ts'
import { describeZod, type ValueType } from '../../../schema/values/zod-types.ts'
import {
  emptyAggregate,
  emptySelection,
  type ParityAggregate,
  type ParityRelation,
  type ParityRequest,
  type ParitySelection,
} from '../../request.ts'
import { versionFieldOf } from '../versions.ts'
import { toListArguments } from './arguments.ts'
import { type DocumentDraft, inParentheses } from './variables.ts'

export function selectionSetOf(
  draft: DocumentDraft,
  operation: Operation,
  request: ParityRequest,
): string {
  if (operation.standard !== null) return standardSet(draft, operation, request)
  const { output } = operation
  if (output.type === 'value') return valueSet(describeZod(output.schema).value)
  return rowSet(draft, output.resource, request.selection ?? emptySelection)
}

function standardSet(
  draft: DocumentDraft,
  operation: StandardOperation,
  request: ParityRequest,
): string {
  const { resource, standard } = operation
  const { selection, list, aggregate } = request
  if (standard === 'aggregate') return groupSet(resource, aggregate ?? emptyAggregate)
  if (standard === 'list')
    return connectionSet(draft, resource, selection ?? emptySelection, list?.total ?? false)
  const row = rowSet(draft, resource, selection ?? emptySelection)
  if (standard === 'upsert') return ` { created ${resource.key}${row} }`
  const version = versionFieldOf(operation, request)
  return version === null ? row : row.replace('{', `{ ${version}`)
}

/** The names of the fields; GraphQL has no default, so it is asked for all of them. */
export const fieldNames = (
  resource: Resource,
  fields: ParitySelection['fields'],
): readonly string[] => (fields === 'default' ? [...resource.fields.keys()] : fields)

function rowSet(
  draft: DocumentDraft,
  resource: Resource,
  { fields, relations }: ParitySelection,
): string {
  const names = fieldNames(resource, fields)
  const all = [...names, ...relations.map((relation) => relationSet(draft, resource, relation))]
  const set = `{ ${all.join(' ') || '__typename'} }`
  if (draft.style.fragments) return ` { ... on ${resource.type} @include(if: true) ${set} }`
  return ` ${set}`
}

function relationSet(
  draft: DocumentDraft,
  resource: Resource,
  { name, list, selection }: ParityRelation,
): string {
  const relation = resource.relations.get(name)
  if (relation === undefined) return name
  const target = targetOf(draft.model, relation)
  if (list === null) return `${name} ${rowSet(draft, target, selection)}`
  const given = inParentheses(toListArguments(draft, target, list))
  return `${name}${given}${connectionSet(draft, target, selection, list.total)}`
}

function connectionSet(
  draft: DocumentDraft,
  resource: Resource,
  selection: ParitySelection,
  total: Total,
): string {
  const row = rowSet(draft, resource, selection)
  const rows = draft.style.edges ? `edges { cursor node${row} }` : `nodes${row}`
  return ` { ${rows} pageInfo { hasNextPage hasPreviousPage startCursor endCursor }${totalField(total)} }`
}

function totalField(total: Total): string {
  if (total === 'estimated') return ' totalCount(mode: ESTIMATED)'
  return total ? ' totalCount' : ''
}

/** Every member of a value, to its whole depth. */
function valueSet(value: ValueType): string {
  if (value.type === 'list') return valueSet(value.of.value)
  if (value.type !== 'object') return ''
  const members = [...value.members].map(([name, member]) => name + valueSet(member.value))
  return ` { ${members.join(' ')} }`
}

/** `{ key { … } count sum { … } }`: every key that is grouped by, and the fields. */
function groupSet(resource: Resource, { groupBy = [], fields }: ParityAggregate): string {
  const { keys } = aggregationOf(resource)
  const grouped = groupBy.map(String).filter((name) => keys.has(name))
  const values = fields === 'default' ? ['count'] : fields
  const paths = [...new Set([...grouped.map((name) => `key.${name}`), ...values])]
  const members = [...Map.groupBy(paths, (path) => path.split('.')[0] ?? '')].map(([name, of]) =>
    of.includes(name)
      ? name
      : `${name} { ${of.map((path) => path.slice(name.length + 1)).join(' ')} }`,
  )
  return ` { ${members.join(' ')} }`
}
