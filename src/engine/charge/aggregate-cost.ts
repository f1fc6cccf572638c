// The cost of an aggregate: its groups, and the work of reading every row that it is made of.
import { hasOwnQuery } from '../../db/plan/own-query.ts'
import { aggregatesByPath, aggregationOf } from '../../schema/model/aggregates.ts'
import type { Field, Model, Resource } from '../../schema/model/model.ts'
import { givenMembers } from '../parse/members.ts'
import type { AggregateInput, Selection } from '../request.ts'
import type { Tally } from './cost.ts'
import { comparisonsWork, filterWork } from './list-work.ts'

/** Points: of any aggregate, of a key or a function of it, and of one over a field with a query of its own. */
const AGGREGATE = 10
const MEMBER = 1
const OWN_QUERY = 300

/** Bytes of one value of a group, with its name. */
const MEMBER_BYTES = 40

export function addAggregate(
  tally: Tally,
  model: Pick<Model, 'resources'>,
  resource: Resource,
  { input, selection }: AskedGroups,
): void {
  const { where, groupBy, first } = input
  const grouped = Array.isArray(groupBy) ? groupBy : []
  const members = membersOf(resource, grouped, selection)
  const work = AGGREGATE + 2 * filterWork(model, resource, where) + restWork(resource, input)
  const most = grouped.length === 0 ? 1 : groupRows(resource, first)
  tally.rows += most
  tally.listed += most
  tally.bytes += most * (members.length + 1) * MEMBER_BYTES
  tally.work += members.reduce((sum, field) => sum + memberWork(resource, field), work)
  tally.note?.(resource.plural, { rows: most, bytes: 0, work })
}

interface AskedGroups {
  readonly input: AggregateInput
  readonly selection: Selection | null
}

/** The fields of what is asked of each group; null for the count of its rows. */
function membersOf(
  resource: Resource,
  grouped: readonly unknown[],
  selection: Selection | null,
): readonly (Field | null)[] {
  const { keys } = aggregationOf(resource)
  const functions = aggregatesByPath(aggregationOf(resource))
  const asked = selection === null || selection.fields === 'default' ? ['count'] : selection.fields
  return [
    ...grouped.map((name) => keys.get(String(name))?.of ?? null),
    ...asked.flatMap((path) => functions.get(path)?.of ?? (functions.has(path) ? [null] : [])), // a face may name parts of the key too
  ]
}

/** What groups are filtered and sorted by is computed too, and so is an offset passed. */
function restWork(resource: Resource, { having, orderBy, offset }: AggregateInput): number {
  const members = [having, ...(Array.isArray(orderBy) ? orderBy : [])].flatMap((tree) =>
    namedIn(resource, tree),
  )
  const skipped = typeof offset === 'number' && offset > 0 ? MEMBER : 0
  return members.reduce(
    (sum, field) => sum + memberWork(resource, field),
    skipped + havingWork(resource, having),
  )
}

/** What is compared with each group: `{ count: { gt: 1 } }` and `{ max: { name: { like: '%a' } } }`. */
function havingWork(resource: Resource, tree: unknown, depth = 0): number {
  if (depth > MAX_DEPTH) return 0
  const functions = aggregatesByPath(aggregationOf(resource))
  let work = 0
  for (const [name, value] of givenMembers(tree)) {
    if (name === 'AND' || name === 'OR' || name === 'NOT') {
      for (const one of Array.isArray(value) ? value : [value])
        work += havingWork(resource, one, depth + 1)
    } else if (functions.has(name)) work += comparisonsWork(value)
    else for (const [, of] of givenMembers(value)) work += comparisonsWork(of)
  }
  return work
}

/** Trees as deep as this are refused. */
const MAX_DEPTH = 32

/** The fields of what a filter or an order of groups names, one for each time; null for the count of rows. */
function namedIn(resource: Resource, tree: unknown, depth = 0): readonly (Field | null)[] {
  if (depth > MAX_DEPTH) return []
  const { keys } = aggregationOf(resource)
  const functions = aggregatesByPath(aggregationOf(resource))
  return givenMembers(tree).flatMap(([name, value]) => {
    if (name === 'AND' || name === 'OR' || name === 'NOT')
      return (Array.isArray(value) ? value : [value]).flatMap((one) =>
        namedIn(resource, one, depth + 1),
      )
    if (functions.has(name)) return [null]
    return givenMembers(value).map(
      ([field]) =>
        (name === 'key' ? keys.get(field)?.of : functions.get(`${name}.${field}`)?.of) ?? null,
    )
  })
}

const memberWork = (resource: Resource, field: Field | null): number =>
  field !== null && hasOwnQuery(field, resource) ? OWN_QUERY : MEMBER

/** Without a limit all groups are read, and one more, which says that there are too many. */
function groupRows({ page: { groups } }: Resource, first: unknown): number {
  if (typeof first !== 'number' || !(first >= 0)) return groups + 1
  return Math.min(first, groups) + 1
}
