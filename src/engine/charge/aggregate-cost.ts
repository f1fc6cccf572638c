// The cost of an aggregate: its groups, and the work of reading every row that it is made of.
import { hasOwnQuery } from '../../db/plan/own-query.ts'
import { aggregatesByPath, aggregationOf } from '../../schema/model/aggregates.ts'
import type { Field, Model, Resource } from '../../schema/model/model.ts'
import type { AggregateInput, Selection } from '../request.ts'
import type { Tally } from './cost.ts'
import { filterWork } from './list-work.ts'

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
  const work = AGGREGATE + 2 * filterWork(model, resource, where) + restWork(input)
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

const restWork = ({ having, offset }: AggregateInput): number =>
  (having === undefined ? 0 : MEMBER) + (typeof offset === 'number' && offset > 0 ? MEMBER : 0)

const memberWork = (resource: Resource, field: Field | null): number =>
  field !== null && hasOwnQuery(field, resource) ? OWN_QUERY : MEMBER

/** Without a limit all groups are read, and one more, which says that there are too many. */
function groupRows({ page: { groups } }: Resource, first: unknown): number {
  if (typeof first !== 'number' || !(first >= 0)) return groups + 1
  return Math.min(first, groups) + 1
}
