// Random arguments of lists: filter, order, search and page.
import * as fc from 'fast-check'
import { defined } from '../../../defined.ts'
import type { Total } from '../../../engine/request.ts'
import type { Resource } from '../../../schema/model/model.ts'
import type { ParityList, ParityPage } from '../../request.ts'
import { maybe, weighted } from '../arbitraries.ts'
import { type SampledModel, sampleValues } from '../values.ts'
import { randomFilter } from './filters.ts'
import { distinctOf, randomNearest, randomOrder } from './orders.ts'

/** @param depth how many levels the filter may have */
export function randomList(
  source: SampledModel,
  resource: Resource,
  depth: number,
): fc.Arbitrary<ParityList> {
  const nearest = randomNearest(source, resource)
  return fc
    .record({
      near: nearest === null ? fc.constant([]) : fc.array(nearest, { maxLength: 1 }),
      where: maybe(randomFilter(source, resource, depth)),
      keys: maybe(randomOrder(source, resource)),
      search: searchOf(source, resource),
      page: pageOf(resource),
      total: fc.constantFrom<Total>(false, true, 'estimated'),
      distinct: fc.nat(5),
    })
    .map(({ near, where, keys = [], search, distinct, page, total }) => {
      const orderBy = [...near, ...keys]
      return {
        ...defined({ search, where }),
        ...(orderBy.length === 0 ? {} : { orderBy }),
        ...(distinct > 1 ? {} : distinctOf(orderBy, distinct === 0)),
        page,
        total,
      }
    })
}

const cursor = fc.record({ row: fc.nat(30), order: fc.constant('own' as const) })

function pageOf(resource: Resource): fc.Arbitrary<ParityPage> {
  const size = maybe(
    fc.oneof(
      fc.integer({ min: 0, max: 7 }),
      fc.constantFrom(resource.page.max, resource.page.default),
    ),
  )
  const start = weighted<ParityPage>(
    [6, fc.constant({})],
    [2, cursor.map((after) => ({ after }))],
    [2, cursor.map((before) => ({ before }))],
    [1, fc.constant({ fromEnd: true })],
    [1, fc.nat(40).map((offset) => ({ offset }))],
  )
  return fc.tuple(size, start).map(([given, at]) => ({ ...defined({ size: given }), ...at }))
}

/** Ways to write one or two words into a search, with and without the search's own syntax. */
const searchForms: readonly ((one: string, other: string) => string)[] = [
  (one) => one,
  (one) => one.toUpperCase(),
  (one, other) => `${one} or ${other}`,
  (one, other) => `${one} -${other}`,
  (one, other) => `"${one} ${other}"`,
  (one) => `-${one}`,
  () => '',
  (one) => `${one}:* & '!`,
]

/** Words of texts that occur. */
function searchOf({ samples }: SampledModel, resource: Resource): fc.Arbitrary<string | undefined> {
  if (resource.search === null) return fc.constant(undefined)
  const texts = resource.search.parts
    .filter(({ vector }) => !vector)
    .flatMap(({ field }) => sampleValues(samples, resource, field))
  const words = [...texts.flatMap((text) => String(text).split(/\s+/)), 'a', 'the']
  const word = fc.constantFrom(...new Set(words))
  return maybe(
    fc
      .tuple(fc.constantFrom(...searchForms), word, word)
      .map(([write, one, other]) => write(one, other).toWellFormed().replaceAll('\uFFFD', '')),
    2,
  )
}
