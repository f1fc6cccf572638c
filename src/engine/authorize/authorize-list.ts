// A list's page and order, authorized: keys that the caller may not read are refused, values get their slots.
import { isCountable, type ListRows } from '../../db/plan/estimate.ts'
import { distanceOf } from '../../db/plan/measures.ts'
import type {
  CountedTotal,
  OrderKey,
  PageRequest,
  Step,
  Total,
} from '../../db/plan/read-request.ts'
import type { Issue } from '../../errors.ts'
import type { OrderDirection } from '../../schema/inputs/standard-inputs.ts'
import { countField } from '../../schema/model/counts.ts'
import { type Relation, type Resource, targetOf } from '../../schema/model/model.ts'
import type { ParsedList } from '../parse/parse-list.ts'
import type { ParsedOrderKey } from '../parse/parse-order.ts'
import { type Authorization, refuse, slotOf, toCondition } from './authorization.ts'
import { rankKey } from './authorize-search.ts'
import { mayRead, mayReadField, throughDecision } from './evaluate-policy.ts'

/** The page as the plan takes it. An order by a field that the caller may not read is refused. */
export function authorizePage(
  authorization: Authorization,
  resource: Resource,
  list: ParsedList,
  prefix: Issue['path'],
): PageRequest {
  const keys = list.order.map((key, i) => orderKey(authorization, resource, key, [...prefix, i]))
  const order = list.ranked ? [rankKey(authorization, resource, list.search ?? ''), ...keys] : keys
  const { at, page, distinct } = list
  const limitSlot = slotOf(authorization, page.limit, { leaf: `${at}.limit` })
  const offsetSlot =
    page.offset === null ? null : slotOf(authorization, page.offset, { leaf: `${at}.offset` })
  const start =
    page.cursor?.map((value, i) =>
      value === null ? null : slotOf(authorization, value, { leaf: `${at}.start.${i}` }),
    ) ?? null
  return {
    at,
    order,
    distinct,
    limitSlot,
    offsetSlot,
    start,
    limit: page.limit,
    backward: page.backward,
    continued: start !== null || (page.offset ?? 0) > 0,
    orderName: page.order,
  }
}

/** An estimate tells of the rows that policies hide, so callers from whom they hide any have the rows counted up to its bound. */
export const authorizeTotal = (asked: Total, rows: ListRows): CountedTotal =>
  asked === 'estimated' && !isCountable(rows) ? 'capped' : asked

function orderKey(
  authorization: Authorization,
  resource: Resource,
  key: ParsedOrderKey,
  prefix: Issue['path'],
): OrderKey {
  const path: Step[] = []
  let holder = resource
  let at = prefix
  for (const relation of key.relations) {
    at = [...at, relation.name]
    const step = orderStep(authorization, relation, at)
    if (relation.many) return { path, counted: step, field: countField, ...placed(key.direction) }
    path.push(step)
    holder = step.target
  }
  const { field, nearest, direction } = key
  if (mayReadField(authorization, holder, field) !== true)
    refuse(authorization, 'order', [...at, field.name], `${field.name} in an order`)
  if (nearest === null) return { path, counted: null, field, ...placed(direction) }
  return {
    path,
    counted: null,
    field: distanceOf(field, nearest.metric ?? 'L2', slotOf(authorization, nearest.to)),
    descending: false,
    nullsFirst: false,
  }
}

export function placed(direction: OrderDirection): Pick<OrderKey, 'descending' | 'nullsFirst'> {
  const descending = direction.startsWith('DESC')
  return {
    descending,
    nullsFirst:
      direction.endsWith('NULLS_FIRST') || (descending && !direction.endsWith('NULLS_LAST')),
  }
}

function orderStep(authorization: Authorization, relation: Relation, at: Issue['path']): Step {
  const target = targetOf(authorization.model, relation)
  const visible = mayRead(authorization, target)
  const through = throughDecision(authorization, relation)
  if (visible === false || through === false)
    refuse(authorization, 'order', at, `${relation.name} in an order`)
  return { relation, target, visible: toCondition(visible), through: toCondition(through) }
}
