// A read from a parsed request: policies judged, every value in its slot. What runs it does not ask who is calling.
import type { Condition, PageRequest, ReadRequest } from '../../db/plan/read-request.ts'
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import {
  type Asking,
  refusal,
  refuse,
  slotOf,
  throwRefused,
  type Running,
} from './authorization.ts'
import { mayRead, mayReadField, toCondition } from './evaluate-policy.ts'
import { allOf } from './filter-condition.ts'
import { buildLevel, filteredRows } from './authorize-selection.ts'
import { authorizePage } from './authorize-list.ts'

/** Lists of values by the names of a key's fields, where one row of each is asked for. */
export type EachKey = Readonly<Record<string, unknown>>

/** @throws Problem UNAUTHENTICATED or FORBIDDEN, with everything that was named and is not the caller's to use */
export function judgeRead(running: Running<StandardOperation>, each?: EachKey): ReadRequest {
  return running.operation.standard === 'list' ? judgeList(running) : judgeOne(running, each)
}

/** The rows a caller may read, or the refusal when that is none whatever the row. */
export function readableRows(asking: Asking, resource: Resource): Condition {
  const decision = mayRead(asking, resource)
  if (decision === false) throw refusal(asking.caller, `You may not read ${resource.plural}.`)
  return toCondition(decision)
}

function judgeOne(
  { asking, request, operation, parsed }: Running<StandardOperation>,
  each: EachKey | undefined,
): ReadRequest {
  const { resource } = operation
  const readable = readableRows(asking, resource)
  const key = each ?? parsed.key ?? {}
  const keyed = (operation.by ?? resource.primaryKey).fields.map((field): Condition => {
    // finding a row by a value tells the value: a key is as good as a filter
    if (mayReadField(asking, resource, field) !== true)
      refuse(asking, 'key', [field.name], `${field.name} in a key`)
    return {
      type: 'compare',
      field,
      operator: each === undefined ? 'eq' : 'in',
      slot: slotOf(asking, key[field.name], { leaf: `key.${field.name}` }),
    }
  })
  const selection = parsed.selection ?? { fields: [], relations: [] }
  const level = buildLevel({ asking, denied: request.denied }, resource, selection, {
    where: allOf([...keyed, readable]),
    path: [],
  })
  throwRefused(asking)
  return { level, page: null, rows: true, total: false, values: asking.values }
}

function judgeList({
  asking,
  request,
  operation,
  parsed,
}: Running<StandardOperation>): ReadRequest {
  const { resource } = operation
  const { list } = parsed
  if (list === null) throw new Error(`${operation.name} is a list without its arguments.`)
  const where = allOf([readableRows(asking, resource), filteredRows(asking, resource, list, [])])
  const page: PageRequest = authorizePage(asking, resource, list, [])
  const selection = parsed.selection ?? { fields: [], relations: [] }
  const level = buildLevel({ asking, denied: request.denied }, resource, selection, {
    where,
    path: [],
  })
  throwRefused(asking)
  return {
    level,
    page,
    rows: request.rows ?? true,
    total: request.total ?? false,
    values: asking.values,
  }
}
