// Random aggregates: groups by fields and parts of dates, filters on rows and on groups, orders.
import * as fc from 'fast-check'
import { defined } from '../../../defined.ts'
import { orderDirections } from '../../../schema/inputs/standard-inputs.ts'
import {
  type Aggregate,
  aggregatesByPath,
  aggregationOf,
} from '../../../schema/model/aggregates.ts'
import type { Field, Resource } from '../../../schema/model/model.ts'
import { atPath } from '../../objects.ts'
import type { ParityAggregate, ParityOrder } from '../../request.ts'
import { maybe, weighted } from '../arbitraries.ts'
import type { SampledModel } from '../values.ts'
import { randomComparison, randomFilter } from './filters.ts'

export function randomAggregate(
  source: SampledModel,
  resource: Resource,
): fc.Arbitrary<ParityAggregate> {
  const aggregation = aggregationOf(resource)
  const all = [...aggregatesByPath(aggregation).values()]
  return groupKeysOf([...aggregation.keys.keys()])
    .chain((keys) =>
      fc.record({
        where: maybe(randomFilter(source, resource, 1)),
        groupBy: fc.constant(keys.length === 0 ? undefined : keys),
        having: maybe(havingOf(source, resource, all, 1), 2),
        orderBy: maybe(fc.array(orderOf(keys, all), { minLength: 1, maxLength: 3 })),
        size: maybe(fc.oneof(fc.integer({ min: 0, max: 7 }), fc.constant(resource.page.groups))),
        offset: maybe(fc.nat(10), 1),
        fields: fieldsOf(all),
      }),
    )
    .map(({ fields, ...given }) => ({ fields, ...defined(given) }))
}

const groupKeysOf = (names: readonly string[]): fc.Arbitrary<readonly string[]> =>
  names.length === 0
    ? fc.constant([])
    : fc.subarray([...names], { maxLength: Math.min(2, names.length) })

const fieldsOf = (all: readonly Aggregate[]): fc.Arbitrary<ParityAggregate['fields']> =>
  weighted<ParityAggregate['fields']>(
    [
      4,
      fc
        .subarray([...all], { minLength: 1, maxLength: Math.min(4, all.length) })
        .map((some) => some.map(({ path }) => path.join('.'))),
    ],
    [1, fc.constant('default')],
  )

function havingOf(
  source: SampledModel,
  resource: Resource,
  all: readonly Aggregate[],
  depth: number,
): fc.Arbitrary<unknown> {
  const comparison = fc
    .constantFrom(...all)
    .chain((one) =>
      randomComparison(source, resource, sampledBy(one)).map((value) => atPath(one.path, value)),
    )
  if (depth === 0) return comparison
  const below = (): fc.Arbitrary<unknown> => havingOf(source, resource, all, depth - 1)
  return weighted(
    [6, comparison],
    [1, below().map((tree) => ({ NOT: tree }))],
    [
      2,
      fc
        .tuple(fc.constantFrom('AND', 'OR'), fc.array(below(), { maxLength: 2 }))
        .map(([word, trees]) => ({ [word]: trees })),
    ],
  )
}

/** The field whose samples a group's value is compared with: minimum and maximum occur among them, other aggregates do not. */
const sampledBy = ({ does, of, value }: Aggregate): Field => ({
  ...value,
  name: of !== null && (does === 'min' || does === 'max') ? of.name : '',
})

const orderOf = (keys: readonly string[], all: readonly Aggregate[]): fc.Arbitrary<ParityOrder> =>
  fc.record({
    path: fc.constantFrom(
      ...keys.map((name) => ['key', name]),
      ...all.map(({ path }) => [...path]),
    ),
    direction: fc.constantFrom(...orderDirections),
  })
