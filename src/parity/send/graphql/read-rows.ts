// The data of a GraphQL answer as rows and pages: connections become pages, names of enum values become labels.
import type { Total } from '../../../engine/request.ts'
import { toGraphqlLabel } from '../../../schema/declare/names.ts'
import { type Aggregate, aggregationOf, type GroupKey } from '../../../schema/model/aggregates.ts'
import {
  type Field,
  type Model,
  type Operation,
  type Resource,
  type StandardOperation,
  targetOf,
} from '../../../schema/model/model.ts'
import { describeZod, type ValueType } from '../../../schema/values/zod-types.ts'
import { type JsonMembers, mapElements, mapMembers, mapObject } from '../../objects.ts'
import {
  emptySelection,
  type ParityRelation,
  type ParityRequest,
  type ParitySelection,
} from '../../request.ts'
import { listIn, objectIn, textIn } from '../answers.ts'
import { canonical } from '../json.ts'
import { type OutcomePage, UnreadableAnswer } from '../outcome.ts'
import { relatedOf } from '../related.ts'
import { fieldNames } from './selection.ts'

export interface GraphqlAnswer {
  readonly model: Model
  /** The codes of the errors below the root field, by path. */
  readonly denied: ReadonlyMap<string, string>
}

/** What a root field answers. */
export function readRootField(
  answer: GraphqlAnswer,
  operation: Operation,
  request: ParityRequest,
  value: unknown,
): unknown {
  if (value === undefined) throw new UnreadableAnswer('GraphQL answered neither data nor an error.')
  if (value === null) return null
  if (operation.standard !== null) return readStandard(answer, operation, request, value)
  const { output } = operation
  if (output.type === 'value') return withLabels(describeZod(output.schema).value, value)
  const { selection } = request
  if (output.type === 'row') return readRow(answer, output.resource, selection, value)
  return listIn(value).map((row) => readRow(answer, output.resource, selection, row))
}

function readStandard(
  answer: GraphqlAnswer,
  operation: StandardOperation,
  request: ParityRequest,
  value: unknown,
): unknown {
  const { resource, standard } = operation
  const { selection, list } = request
  if (standard === 'list')
    return withTotal(readPage(answer, resource, selection, value), list?.total ?? false)
  if (standard === 'aggregate') return listIn(value).map((group) => readGroup(resource, group))
  if (Array.isArray(value))
    return value.map((row: unknown) =>
      row === null ? null : readRow(answer, resource, selection, row),
    )
  if (lacksRelatedRow(answer, operation, request, objectIn(value))) return null
  return readRow(answer, resource, selection, value)
}

/** Whether the row of a to-one relation that was asked for alone is missing: REST answers 404 then. */
function lacksRelatedRow(
  { denied }: GraphqlAnswer,
  operation: Operation,
  request: ParityRequest,
  row: JsonMembers,
): boolean {
  const related = relatedOf(operation, request)
  return (
    related !== null &&
    related.list === null &&
    row[related.name] === null &&
    !denied.has(related.name)
  )
}

function readRow(
  answer: GraphqlAnswer,
  resource: Resource,
  selection: ParitySelection | null,
  value: unknown,
): JsonMembers {
  const { fields, relations } = selection ?? emptySelection
  const row = objectIn(value)
  const names = fieldNames(resource, fields)
  const own = names.map((name) => [name, toLabel(resource.fields.get(name), row[name])])
  const below = relations.map((asked) => [
    asked.name,
    readRelation(answer, resource, asked, row[asked.name]),
  ])
  return Object.fromEntries([...own, ...below])
}

function readRelation(
  answer: GraphqlAnswer,
  resource: Resource,
  { name, list, selection }: ParityRelation,
  value: unknown,
): unknown {
  const relation = resource.relations.get(name)
  if (relation === undefined || value === null || value === undefined) return value
  const target = targetOf(answer.model, relation)
  if (list === null) return readRow(answer, target, selection, value)
  return withTotal(readPage(answer, target, selection, value), list.total)
}

/** The page without a total that was not asked for. */
const withTotal = (page: OutcomePage, total: Total): OutcomePage =>
  total === false ? { ...page, total: null } : page

function readPage(
  answer: GraphqlAnswer,
  resource: Resource,
  selection: ParitySelection | null,
  connection: unknown,
): OutcomePage {
  const { nodes, edges, pageInfo, totalCount } = objectIn(connection)
  const info = objectIn(pageInfo)
  const rows = nodes === undefined ? nodesOf(listIn(edges).map(objectIn), info) : listIn(nodes)
  return {
    rows: rows.map((row) => readRow(answer, resource, selection, row)),
    next: info['hasNextPage'] === true ? textIn(info['endCursor']) : null,
    previous: info['hasPreviousPage'] === true ? textIn(info['startCursor']) : null,
    total: textIn(totalCount) ?? 'none',
  }
}

function nodesOf(edges: readonly JsonMembers[], pageInfo: JsonMembers): readonly unknown[] {
  const [first] = edges
  if (
    first !== undefined &&
    (first['cursor'] !== pageInfo['startCursor'] ||
      edges.at(-1)?.['cursor'] !== pageInfo['endCursor'])
  )
    throw new UnreadableAnswer(
      `GraphQL's pageInfo does not have the cursors of its edges: ${canonical(pageInfo)}`,
    )
  return edges.map(({ node }) => node)
}

/** The label of an enum value; any other value as it is. */
function toLabel(field: Field | undefined, value: unknown): unknown {
  const values = field?.enum?.values
  if (values === undefined) return value
  if (Array.isArray(value)) return value.map((one) => toLabel(field, one))
  return values.find(({ graphql }) => graphql === value)?.label ?? value
}

function readGroup(resource: Resource, group: unknown): JsonMembers {
  const { keys, functions } = aggregationOf(resource)
  const values = new Map<string, ReadonlyMap<string, GroupKey | Aggregate>>([
    ['key', keys],
    ...functions,
  ])
  return mapObject(objectIn(group), (name, members) =>
    mapMembers(members, (of, value) => toLabel(values.get(name)?.get(of)?.value, value)),
  )
}

/** The answer of a team's own operation, with labels. */
function withLabels(type: ValueType, value: unknown): unknown {
  if (value === null || value === undefined) return null
  switch (type.type) {
    case 'scalar':
      return value
    case 'enum':
      return type.labels.find((label) => toGraphqlLabel(label) === value) ?? value
    case 'list':
      return mapElements(value, (one) => withLabels(type.of.value, one))
    case 'object':
      return mapMembers(value, (name, one) => {
        const member = type.members.get(name)
        return member === undefined ? one : withLabels(member.value, one)
      })
  }
}
