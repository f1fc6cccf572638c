// Random writes beyond those of one row: lists of rows, upserts of rows that are there and that are not, filters of rows.
import * as fc from 'fast-check'
import type { Resource, StandardOperation, UniqueKey } from '../../schema/model/model.ts'
import { flatInputOf, inputOf, isNoSegment, keyOf, rowInputOf } from './generate-input.ts'
import { type Source, whereOf } from './generate-list.ts'
import type { ParityCaller, ParityRequest } from '../request.ts'

type Values = Readonly<Record<string, unknown>>
type Part = Pick<ParityRequest, 'input' | 'list' | 'atMost'>

/** What such a write is given; null for any other operation. */
export function manyRequestOf(
  source: Source,
  { standard, resource, by }: StandardOperation,
  caller: ParityCaller,
): fc.Arbitrary<Part> | null {
  switch (standard) {
    case 'createMany':
      return fc.record({ input: fc.array(rowInputOf(source, resource, caller), { maxLength: 3 }) })
    case 'upsert':
      return fc.record({
        input: upsertInputOf(source, resource, by ?? resource.primaryKey, caller),
      })
    case 'updateMany':
      return fc
        .tuple(filteredOf(source, resource, caller), inputOf(source, resource, 'update', caller))
        .map(([filtered, input]) => ({ ...filtered, input }))
    case 'deleteMany':
      return filteredOf(source, resource, caller)
    default:
      return null
  }
}

/** Mostly with the key of a row that is there. On REST the key stands in the path, which holds neither null nor nothing. */
function upsertInputOf(
  source: Source,
  resource: Resource,
  by: UniqueKey,
  caller: ParityCaller,
): fc.Arbitrary<Values> {
  return fc
    .tuple(flatInputOf(source, resource, caller), keyOf(source, resource, by, caller), fc.nat(3))
    .map(([input, key, way]) => {
      const own = Object.fromEntries(
        by.fields.flatMap(({ name }) =>
          input[name] === undefined || input[name] === null || isNoSegment(input[name])
            ? []
            : [[name, input[name]] as const],
        ),
      )
      return { ...input, ...key, ...(way === 0 ? own : {}) }
    })
}

/** Often the rows of one key, so that the bound is not always what is met first. */
function filteredOf(source: Source, resource: Resource, caller: ParityCaller): fc.Arbitrary<Part> {
  const keyed = keyOf(source, resource, resource.primaryKey, caller).map((key): object =>
    Object.fromEntries(Object.entries(key).map(([name, value]) => [name, { eq: value }])),
  )
  const where = fc.oneof(
    { weight: 2, arbitrary: whereOf(source, resource, 2) },
    { weight: 3, arbitrary: keyed },
  )
  const atMost = fc.constantFrom(...new Set([1, 2, resource.page.default, resource.page.max]))
  return fc.record({ atMost, list: where.map((tree) => ({ where: tree, page: {}, total: false })) })
}
