// A read from a parsed request: policies evaluated, every value in its slot. Later steps do not depend on the caller.
import {
  type Condition,
  type PageRequest,
  type ReadRequest,
  TRUE,
} from '../../db/plan/read-request.ts'
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import {
  type Authorization,
  refusal,
  refuse,
  slotOf,
  throwRefused,
  type OpenedRequest,
  toCondition,
} from './authorization.ts'
import { mayRead, mayReadField } from './evaluate-policy.ts'
import { allOf } from './filter-condition.ts'
import { authorizeLevel, filteredRows } from './authorize-selection.ts'
import { authorizePage, authorizeTotal } from './authorize-list.ts'
import { NO_SELECTION } from '../parse/parse-request.ts'

/** Lists of values by the names of a key's fields, where one row of each is asked for. */
export type EachKey = Readonly<Record<string, unknown>>

/** @throws Problem UNAUTHENTICATED or FORBIDDEN, with everything that was named and is not the caller's to use */
export function authorizeRead(
  running: OpenedRequest<StandardOperation>,
  each?: EachKey,
): ReadRequest {
  return running.operation.standard === 'list'
    ? authorizeList(running)
    : authorizeGet(running, each)
}

/** The rows that a caller may read. @throws Problem when the policy lets the caller read none */
export function readableRows(authorization: Authorization, resource: Resource): Condition {
  const decision = mayRead(authorization, resource)
  if (decision === false)
    throw refusal(authorization.caller, `You may not read ${resource.plural}.`)
  return toCondition(decision)
}

function authorizeGet(
  { authorization, request, operation, parsed }: OpenedRequest<StandardOperation>,
  each: EachKey | undefined,
): ReadRequest {
  const { resource } = operation
  const readable = readableRows(authorization, resource)
  const key = each ?? parsed.key ?? {}
  const keyed = (operation.by ?? resource.primaryKey).fields.map((field): Condition => {
    // finding a row by a value tells the value: a key is as good as a filter
    if (mayReadField(authorization, resource, field) !== true)
      refuse(authorization, 'key', [field.name], `${field.name} in a key`)
    return {
      type: 'compare',
      field,
      operator: each === undefined ? 'eq' : 'in',
      slot: slotOf(authorization, key[field.name], { leaf: `key.${field.name}` }),
    }
  })
  const selection = parsed.selection ?? NO_SELECTION
  const level = authorizeLevel({ authorization, denied: request.denied }, resource, selection, {
    where: allOf([...keyed, readable]),
    path: [],
  })
  throwRefused(authorization)
  return { level, page: null, rows: true, total: false, values: authorization.values }
}

function authorizeList({
  authorization,
  request,
  operation,
  parsed,
}: OpenedRequest<StandardOperation>): ReadRequest {
  const { resource } = operation
  const { list } = parsed
  if (list === null) throw new Error(`${operation.name} is a list without its arguments.`)
  const visible = readableRows(authorization, resource)
  const filter = filteredRows(authorization, resource, list, [])
  const where = allOf([visible, filter])
  const page: PageRequest = authorizePage(authorization, resource, list, [])
  const selection = parsed.selection ?? NO_SELECTION
  const level = authorizeLevel({ authorization, denied: request.denied }, resource, selection, {
    where,
    path: [],
  })
  throwRefused(authorization)
  return {
    level,
    page,
    rows: request.rows ?? true,
    total: authorizeTotal(request.total ?? false, {
      resource,
      visible,
      through: TRUE,
      filter,
      page,
    }),
    values: authorization.values,
  }
}
