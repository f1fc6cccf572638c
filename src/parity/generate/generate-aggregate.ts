// Random aggregates: groups by fields and parts of dates, filters on rows and on groups, orders; and faults of them.
import * as fc from 'fast-check'
import { type Aggregate, aggregatesByPath, aggregationOf } from '../../schema/model/aggregates.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import { orderDirections } from '../../schema/inputs/standard-inputs.ts'
import { comparisonOf, type Source, whereOf } from './generate-list.ts'
import type { ParityAggregate, ParityOrder } from '../request.ts'
import { wrongFor } from './values.ts'

export function aggregateOf(source: Source, resource: Resource): fc.Arbitrary<ParityAggregate> {
  const aggregation = aggregationOf(resource)
  const all = [...aggregatesByPath(aggregation).values()]
  const names = [...aggregation.keys.keys()]
  const groupBy =
    names.length === 0
      ? fc.constant<string[]>([])
      : fc.subarray(names, { maxLength: Math.min(2, names.length) })
  return groupBy
    .chain((keys) =>
      fc.record({
        where: fc.option(whereOf(source, resource, 1), { nil: undefined }),
        groupBy: keys.length === 0 ? fc.constant(undefined) : fc.constant(keys),
        having: fc.option(havingOf(source, resource, all, 1), { nil: undefined, freq: 2 }),
        orderBy: fc.option(fc.array(orderOf(keys, all), { minLength: 1, maxLength: 3 }), {
          nil: undefined,
        }),
        size: fc.option(
          fc.oneof(fc.integer({ min: 0, max: 7 }), fc.constant(resource.page.groups)),
          { nil: undefined },
        ),
        offset: fc.option(fc.nat(10), { nil: undefined, freq: 1 }),
        fields: fc.oneof(
          {
            weight: 4,
            arbitrary: fc
              .subarray(all, { minLength: 1, maxLength: Math.min(4, all.length) })
              .map((some) => some.map(({ path }) => path.join('.'))),
          },
          { weight: 1, arbitrary: fc.constant('default' as const) },
        ),
      }),
    )
    .map(({ fields, ...given }) => ({
      fields,
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    }))
}

function havingOf(
  source: Source,
  resource: Resource,
  all: readonly Aggregate[],
  depth: number,
): fc.Arbitrary<object> {
  const comparison = fc
    .constantFrom(...all)
    .chain((one) =>
      comparisonOf(source, resource, sampledBy(one)).map((value): object =>
        inPlace(one.path, value),
      ),
    )
  if (depth === 0) return comparison
  const below = (): fc.Arbitrary<object> => havingOf(source, resource, all, depth - 1)
  return fc.oneof(
    { weight: 6, arbitrary: comparison },
    { weight: 1, arbitrary: below().map((tree): object => ({ NOT: tree })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('AND', 'OR'), fc.array(below(), { maxLength: 2 }))
        .map(([word, trees]): object => ({ [word]: trees })),
    },
  )
}

/** The least and the greatest value are among those of the field; the others are no column's, whatever columns are called. */
const sampledBy = ({ does, of, value }: Aggregate): Field => ({
  ...value,
  name: of !== null && (does === 'min' || does === 'max') ? of.name : '',
})

const inPlace = (path: readonly string[], value: unknown): object =>
  path.reduceRight<unknown>((of, name) => ({ [name]: of }), value) as object // a path is never empty

const orderOf = (keys: readonly string[], all: readonly Aggregate[]): fc.Arbitrary<ParityOrder> =>
  fc.record({
    path: fc.constantFrom(
      ...keys.map((name) => ['key', name]),
      ...all.map(({ path }) => [...path]),
    ),
    direction: fc.constantFrom(...orderDirections),
  })

/** An aggregate with a fault put in. */
export function spoiledAggregate(
  resource: Resource,
  aggregate: ParityAggregate,
  { at, which, where }: { readonly at: number; readonly which: number; readonly where: unknown },
): ParityAggregate {
  const aggregation = aggregationOf(resource)
  const all = [...aggregatesByPath(aggregation).values()]
  const one = all[at % all.length] ?? aggregation.count
  const [key = 'noSuchField'] = aggregation.keys.keys()
  const absent =
    [...aggregation.keys.keys()].find((name) => !(aggregate.groupBy ?? []).includes(name)) ??
    'noSuchField'
  const wrong = wrongFor(one.value)[which % Math.max(wrongFor(one.value).length, 1)]
  const faults: readonly Partial<ParityAggregate>[] = [
    { where },
    { groupBy: [key, 'noSuchField'] },
    { groupBy: [key, key] },
    { having: inPlace(one.path, { eq: wrong }) },
    { having: inPlace(one.path, { almost: 1 }) },
    { having: inPlace(one.path, {}) },
    { having: { NOT: { OR: [inPlace(one.path, { eq: null }), { noSuchFunction: { eq: 1 } }] } } },
    {
      having: Array.from({ length: 24 }).reduce<object>((tree) => ({ NOT: tree }), {
        count: { eq: 1 },
      }),
    },
    { having: { sum: {} } },
    { orderBy: [{ path: ['key', absent], direction: 'ASC' }] },
    { orderBy: [{ path: ['sum', 'noSuchField'], direction: 'DESC' }] },
    { orderBy: [{ path: ['noSuchFunction'], direction: 'DESC' }] },
    { orderBy: Array.from({ length: 9 }, () => ({ path: ['count'], direction: 'ASC' as const })) },
    { size: resource.page.groups + 1 },
    { size: -1 },
    { size: 'ten' },
    { offset: -3 },
    { offset: 'two' },
    { fields: ['count', 'sum.noSuchField'] },
    ...(absent === 'noSuchField' ? [] : [{ fields: ['count', `key.${absent}`] }]),
  ]
  return { ...aggregate, ...faults[which % faults.length] }
}
