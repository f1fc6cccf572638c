// The body of a REST answer as rows and pages.
import {
  type Model,
  type Operation,
  type Resource,
  type StandardKind,
  type StandardOperation,
  targetOf,
} from '../../../schema/model/model.ts'
import { describeZod, type ValueType } from '../../../schema/values/zod-types.ts'
import { isJsonObject, type JsonMembers, mapElements } from '../../objects.ts'
import {
  emptySelection,
  type ParityRelation,
  type ParityRequest,
  type ParitySelection,
} from '../../request.ts'
import { listIn, objectIn, textIn } from '../answers.ts'
import type { OutcomePage } from '../outcome.ts'
import { relatedOf } from '../related.ts'

/** What the body of a successful answer holds. */
export function readBody(
  model: Model,
  operation: Operation,
  request: ParityRequest,
  body: unknown,
): unknown {
  if (operation.standard !== null) return readStandard(model, operation, request, body)
  const { output } = operation
  if (output.type === 'value') return withAbsent(describeZod(output.schema).value, body)
  const selection = request.selection ?? emptySelection
  if (output.type === 'row') return readRow(model, output.resource, selection, body)
  return dataOf(body).map((row) => readRow(model, output.resource, selection, row))
}

/** The rows of `{ data }`. */
const dataOf = (body: unknown): readonly unknown[] => listIn(objectIn(body)['data'])

const bulkWrites: ReadonlySet<StandardKind> = new Set(['createMany', 'updateMany', 'deleteMany'])

function readStandard(
  model: Model,
  operation: StandardOperation,
  request: ParityRequest,
  body: unknown,
): unknown {
  const { resource, standard } = operation
  const selection = request.selection ?? emptySelection
  if (standard === 'list') return readPage(model, resource, selection, body)
  if (standard === 'aggregate') return body
  if (bulkWrites.has(standard))
    return dataOf(body).map((row) =>
      row === null ? null : readRow(model, resource, selection, row),
    )
  const related = relatedOf(operation, request)
  if (related === null) return readRow(model, resource, selection, body)
  return { [related.name]: readRelation(model, resource, related, body) }
}

function readRelation(
  model: Model,
  resource: Resource,
  { name, list, selection }: ParityRelation,
  value: unknown,
): unknown {
  const relation = resource.relations.get(name)
  if (relation === undefined || value === null || value === undefined) return value
  const target = targetOf(model, relation)
  if (list === null) return readRow(model, target, selection, value)
  return readPage(model, target, selection, value)
}

/** The row as it came, with pages for its to-many relations. A member that was not asked for stays, and so is a difference. */
function readRow(
  model: Model,
  resource: Resource,
  { relations }: ParitySelection,
  value: unknown,
): JsonMembers {
  const row = objectIn(value)
  const below = relations
    .filter(({ name }) => row[name] !== undefined)
    .map((asked) => [asked.name, readRelation(model, resource, asked, row[asked.name])])
  return { ...row, ...Object.fromEntries(below) }
}

function readPage(
  model: Model,
  resource: Resource,
  selection: ParitySelection,
  value: unknown,
): OutcomePage {
  const { data, page } = objectIn(value)
  const { next, previous, total } = objectIn(page)
  return {
    rows: listIn(data).map((row) => readRow(model, resource, selection, row)),
    next: textIn(next),
    previous: textIn(previous),
    total: textIn(total),
  }
}

/** The value with null for the members that it leaves out, as GraphQL answers. */
function withAbsent(type: ValueType, value: unknown): unknown {
  if (type.type === 'list') return mapElements(value, (one) => withAbsent(type.of.value, one))
  if (type.type !== 'object' || !isJsonObject(value)) return value
  const members = [...type.members].map(([name, member]) => [
    name,
    value[name] === undefined ? null : withAbsent(member.value, value[name]),
  ])
  return { ...value, ...Object.fromEntries(members) }
}
