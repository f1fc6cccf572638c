// Random writes of several rows, and upserts: lists of rows, rows by key, filters of rows.
import * as fc from 'fast-check'
import type { Resource, StandardOperation, UniqueKey } from '../../../schema/model/model.ts'
import { type JsonMembers, mapObject } from '../../objects.ts'
import type { ParityCaller, ParityRequest } from '../../request.ts'
import { weighted } from '../arbitraries.ts'
import { randomFilter } from '../lists/filters.ts'
import type { SampledModel } from '../values.ts'
import { randomFlatInput, randomInput, randomRowInput } from './inputs.ts'
import { isSegment, randomKey } from './keys.ts'

type BulkArguments = Pick<ParityRequest, 'input' | 'list' | 'atMost'>

/** The arguments of a bulk write or an upsert; null for any other operation. */
export function randomBulkArguments(
  source: SampledModel,
  { standard, resource, by }: StandardOperation,
  caller: ParityCaller,
): fc.Arbitrary<BulkArguments> | null {
  switch (standard) {
    case 'createMany':
      return fc.record({
        input: fc.array(randomRowInput(source, resource, caller), { maxLength: 3 }),
      })
    case 'upsert':
      return fc.record({
        input: upsertInputOf(source, resource, by ?? resource.primaryKey, caller),
      })
    case 'updateMany':
      return fc
        .tuple(
          filteredOf(source, resource, caller),
          randomInput(source, resource, 'update', caller),
        )
        .map(([filtered, input]) => ({ ...filtered, input }))
    case 'deleteMany':
      return filteredOf(source, resource, caller)
    default:
      return null
  }
}

/** A row, mostly with the key of one that exists. REST has the key in the path, so it is never null or absent. */
function upsertInputOf(
  source: SampledModel,
  resource: Resource,
  by: UniqueKey,
  caller: ParityCaller,
): fc.Arbitrary<JsonMembers> {
  return fc
    .tuple(
      randomFlatInput(source, resource, caller),
      randomKey(source, resource, by, caller),
      fc.nat(3),
    )
    .map(([input, key, way]) => ({ ...input, ...key, ...(way === 0 ? ownKeyOf(by, input) : {}) }))
}

/** The key that the input has by itself, as far as a path can hold it. */
const ownKeyOf = (by: UniqueKey, input: JsonMembers): JsonMembers =>
  Object.fromEntries(
    by.fields
      .map(({ name }) => [name, input[name]] as const)
      .filter(([, value]) => value !== undefined && value !== null && isSegment(value)),
  )

/** A filter with a bound; often of one key, so that the bound is not always exceeded. */
function filteredOf(
  source: SampledModel,
  resource: Resource,
  caller: ParityCaller,
): fc.Arbitrary<BulkArguments> {
  const byKey = randomKey(source, resource, resource.primaryKey, caller).map((key) =>
    mapObject(key, (_name, value) => ({ eq: value })),
  )
  const where = weighted<object>([2, randomFilter(source, resource, 2)], [3, byKey])
  const atMost = fc.constantFrom(...new Set([1, 2, resource.page.default, resource.page.max]))
  return fc.record({
    atMost,
    list: where.map((filter) => ({ where: filter, page: {}, total: false })),
  })
}
