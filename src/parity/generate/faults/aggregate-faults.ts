// Faults of aggregates: unknown functions, keys that are not grouped by, operands of the wrong type.
import { aggregatesByPath, aggregationOf } from '../../../schema/model/aggregates.ts'
import type { Resource } from '../../../schema/model/model.ts'
import { atPath } from '../../objects.ts'
import type { ParityAggregate, ParityOrder } from '../../request.ts'
import { type FaultPlace, pick, UNKNOWN_NAME } from './fault.ts'
import { faultyFilter, negated } from './filter-faults.ts'
import { wrongFor } from './wrong-values.ts'

export function faultyAggregate(aggregate: ParityAggregate, place: FaultPlace): ParityAggregate {
  const { resource, which } = place
  const faults = [
    { where: faultyFilter(place) },
    ...faultyKeys(resource),
    ...faultyHavings(place),
    ...faultyOrders(resource, aggregate),
    { size: resource.page.groups + 1 },
    { size: -1 },
    { size: 'ten' },
    { offset: -3 },
    { offset: 'two' },
    ...faultyFields(resource, aggregate),
  ]
  return { ...aggregate, ...pick(faults, which) }
}

type Fault = Partial<ParityAggregate>

const keysOf = (resource: Resource): readonly string[] => [...aggregationOf(resource).keys.keys()]

function faultyKeys(resource: Resource): readonly Fault[] {
  const [key = UNKNOWN_NAME] = keysOf(resource)
  return [{ groupBy: [key, UNKNOWN_NAME] }, { groupBy: [key, key] }]
}

function faultyHavings({ resource, at, which }: FaultPlace): readonly Fault[] {
  const aggregation = aggregationOf(resource)
  const { path, value } = pick([...aggregatesByPath(aggregation).values()], at) ?? aggregation.count
  return [
    { having: atPath(path, { eq: pick(wrongFor(value), which) }) },
    { having: atPath(path, { almost: 1 }) },
    { having: atPath(path, {}) },
    { having: { NOT: { OR: [atPath(path, { eq: null }), { noSuchFunction: { eq: 1 } }] } } },
    { having: negated({ count: { eq: 1 } }, 24) },
    { having: { sum: {} } },
  ]
}

/** A key that the aggregate does not group by. */
const ungroupedKey = (resource: Resource, { groupBy = [] }: ParityAggregate): string =>
  keysOf(resource).find((name) => !groupBy.includes(name)) ?? UNKNOWN_NAME

function faultyOrders(resource: Resource, aggregate: ParityAggregate): readonly Fault[] {
  const byCount: ParityOrder = { path: ['count'], direction: 'ASC' }
  return [
    { orderBy: [{ path: ['key', ungroupedKey(resource, aggregate)], direction: 'ASC' }] },
    { orderBy: [{ path: ['sum', UNKNOWN_NAME], direction: 'DESC' }] },
    { orderBy: [{ path: ['noSuchFunction'], direction: 'DESC' }] },
    { orderBy: Array.from({ length: 9 }, () => byCount) },
  ]
}

function faultyFields(resource: Resource, aggregate: ParityAggregate): readonly Fault[] {
  const ungrouped = ungroupedKey(resource, aggregate)
  const unknown = { fields: ['count', `sum.${UNKNOWN_NAME}`] }
  if (ungrouped === UNKNOWN_NAME) return [unknown]
  return [unknown, { fields: ['count', `key.${ungrouped}`] }]
}
