// Aggregates: what a caller may ask of groups, judged, and the groups as they are on the wire.
import type { RunOptions } from '../../db/database.ts'
import { aggregate, type AggregateRequest } from '../../db/plan/aggregate.ts'
import type { Condition, OrderKey } from '../../db/plan/read-request.ts'
import { sqlstateOf } from '../../db/sqlstate.ts'
import { type Issue, Problem } from '../../errors.ts'
import { type Aggregate, aggregationOf, type GroupKey } from '../../schema/model/aggregates.ts'
import type { Field, Resource, StandardOperation } from '../../schema/model/model.ts'
import type { GroupOrderKey, ParsedAggregate, ParsedHaving } from '../parse/parse-aggregate.ts'
import {
  type Authorization,
  refuse,
  slotOf,
  throwRefused,
  type OpenedRequest,
} from '../authorize/authorization.ts'
import { readCell } from '../value-codec.ts'
import { mayReadField } from '../authorize/evaluate-policy.ts'
import type { Engine } from '../engine.ts'
import { allOf, comparisonsCondition, logicCondition } from '../authorize/filter-condition.ts'
import { readableRows } from '../authorize/authorize-read.ts'
import { filteredRows } from '../authorize/authorize-selection.ts'
import { placed } from '../authorize/authorize-list.ts'

/** A group as it is on the wire, its values those of cells. Members that were not asked for are absent. */
export type Group = Readonly<Record<string, unknown>>

/** @throws Problem also where there are more groups than an answer may have: a list of them is whole, or as long as was asked for */
export async function runAggregate(
  { database, plans }: Engine,
  running: OpenedRequest<StandardOperation>,
  options: RunOptions,
): Promise<readonly Group[]> {
  const {
    operation: { resource },
    parsed: { aggregate: parsed },
  } = running
  if (parsed === null)
    throw new Error(`${running.operation.name} is an aggregate without its arguments.`)
  const request = authorizeAggregate(running.authorization, resource, parsed)
  const rows = await aggregate(database, plans, request, options).catch((error: unknown) => {
    throw tooLarge(error)
  })
  const { groups } = resource.page
  if (parsed.limit === null && rows.length > groups) {
    const message = `There are more than ${groups} groups. Give a limit, or take fewer by a filter.`
    throw new Problem('VALIDATION_FAILED', message, {
      issues: [{ in: 'page', path: ['limit'], code: 'too_many', message }],
    })
  }
  return rows.map(groupReader(request, parsed.shown))
}

/** Numbers and intervals that PostgreSQL cannot hold: of all that a request can ask for, a sum is what makes them. */
function tooLarge(error: unknown): unknown {
  const state = sqlstateOf(error)
  if (state !== '22003' && state !== '22008') return error
  return new Problem('VALIDATION_FAILED', 'A value of a group is beyond what its type can hold.', {
    cause: error,
  })
}

interface AuthorizingAggregate {
  readonly authorization: Authorization
  readonly resource: Resource
  /** What is asked of the database, by its path. */
  readonly used: Map<string, Aggregate>
}

function authorizeAggregate(
  authorization: Authorization,
  resource: Resource,
  parsed: ParsedAggregate,
): AggregateRequest {
  const aggregating: AuthorizingAggregate = { authorization, resource, used: new Map() }
  const where = allOf([
    readableRows(authorization, resource),
    filteredRows(authorization, resource, { at: 0, where: parsed.where, search: null }, []),
  ])
  for (const [i, key] of parsed.keys.entries())
    allow(aggregating, key.of, { in: 'key', path: [i] }, `${key.name} in a group`)
  for (const one of parsed.shown) use(aggregating, one, { in: 'fields', path: one.path })
  const having = havingCondition(aggregating, parsed.having)
  const order = parsed.order.map((key, i): OrderKey => ({
    path: [],
    counted: null,
    field: orderedField(aggregating, key, i),
    ...placed(key.direction),
  }))
  throwRefused(authorization)
  const limitSlot = slotOf(authorization, parsed.limit ?? resource.page.groups + 1)
  const offsetSlot = parsed.offset === null ? null : slotOf(authorization, parsed.offset)
  const { count } = aggregationOf(resource)
  const aggregates = aggregating.used.size === 0 ? [count] : [...aggregating.used.values()] // a statement selects something
  return {
    resource,
    where,
    keys: parsed.keys,
    aggregates,
    having,
    order,
    limitSlot,
    offsetSlot,
    values: authorization.values,
  }
}

type Place = Pick<Issue, 'in' | 'path'>

/** What is counted, summed or sorted by tells its values: it takes a field that the caller may read whole. */
function allow(
  { authorization, resource }: AuthorizingAggregate,
  field: Field,
  place: Place,
  what: string,
): void {
  if (mayReadField(authorization, resource, field) !== true)
    refuse(authorization, place.in, place.path, what)
}

function use(aggregating: AuthorizingAggregate, one: Aggregate, place: Place): void {
  const name = one.path.join('.')
  if (one.of !== null) allow(aggregating, one.of, place, `${name} in an aggregate`)
  aggregating.used.set(name, one)
}

const havingCondition = (aggregating: AuthorizingAggregate, having: ParsedHaving): Condition =>
  logicCondition(having, ({ aggregate: one, comparisons, path }) => {
    use(aggregating, one, { in: 'where', path })
    const { authorization } = aggregating
    return comparisonsCondition({ authorization, view: null }, one.value, comparisons)
  })

/** A key of the groups was authorized where it is grouped by. */
function orderedField(
  aggregating: AuthorizingAggregate,
  { aggregate: one, value, path }: GroupOrderKey,
  i: number,
): Field {
  if (one !== null) use(aggregating, one, { in: 'order', path: [i, ...path] })
  return value
}

/** A group from its cells: the whole key, and of the aggregates those that are shown. */
function groupReader(
  { keys, aggregates }: AggregateRequest,
  shown: readonly Aggregate[],
): (row: readonly (string | null)[]) => Group {
  const inKey = keys.map(({ name, value }: GroupKey, i) => ({
    name,
    index: i,
    read: readCell(value),
  }))
  const members = shown.map((one) => ({
    path: one.path,
    index: keys.length + aggregates.indexOf(one),
    read: readCell(one.value),
  }))
  return (row) => {
    const group: Record<string, unknown> = {}
    if (inKey.length > 0)
      group['key'] = Object.fromEntries(
        inKey.map(({ name, index, read }) => [name, read(row[index] ?? null)]),
      )
    for (const {
      path: [at = '', name],
      index,
      read,
    } of members) {
      const value = read(row[index] ?? null)
      if (name === undefined) group[at] = value
      else group[at] = { ...(group[at] as object | undefined), [name]: value } // an object, as it was made here
    }
    return group
  }
}
