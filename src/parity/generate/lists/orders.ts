// Random orders of lists: by fields, through to-one relations, by counts of related rows, by distance.
import * as fc from 'fast-check'
import { defined } from '../../../defined.ts'
import { orderDirections } from '../../../schema/inputs/standard-inputs.ts'
import { COUNT } from '../../../schema/model/counts.ts'
import { isSortable, type Resource, targetOf } from '../../../schema/model/model.ts'
import { isMeasured, vectorMetrics } from '../../../schema/model/nearest.ts'
import type { ParityList, ParityOrder } from '../../request.ts'
import { among, weighted } from '../arbitraries.ts'
import { type SampledModel, valueOf } from '../values.ts'

const direction = fc.constantFrom(...orderDirections)

/** Up to three keys; an empty order where the resource has no field to sort by. */
export function randomOrder(
  source: SampledModel,
  resource: Resource,
): fc.Arbitrary<readonly ParityOrder[]> {
  const isOrdered = [...resource.fields.values()].some(isSortable)
  if (isOrdered) return fc.array(keyOf(source, resource, 1), { minLength: 1, maxLength: 3 })
  return fc.array(fc.constant<ParityOrder>({ path: [], direction: 'ASC' }), { maxLength: 0 })
}

/** @param depth how many to-one relations a key may go through */
function keyOf(source: SampledModel, resource: Resource, depth: number): fc.Arbitrary<ParityOrder> {
  const fields = [...resource.fields.values()].filter(isSortable)
  const relations = [...resource.relations.values()]
  const toOne = relations.filter(({ many }) => depth > 0 && !many)
  const toMany = relations.filter(({ many }) => many)
  const own = fc.record({
    path: fc.constantFrom(...fields).map((field) => [field.name]),
    direction,
  })
  const counted =
    toMany.length === 0
      ? own
      : fc.record({
          path: fc.constantFrom(...toMany).map((relation) => [relation.name, COUNT]),
          direction,
        })
  const through = among(toOne)?.chain((relation) =>
    keyOf(source, targetOf(source.model, relation), depth - 1).map((key) => ({
      path: [relation.name, ...key.path],
      direction: key.direction,
    })),
  )
  return weighted<ParityOrder>([3, own], [1, through ?? null], [1, counted])
}

/** The rows nearest to a vector or place, most often one that occurs; null where nothing is measured. */
export function randomNearest(
  source: SampledModel,
  resource: Resource,
  depth = 1,
): fc.Arbitrary<ParityOrder> | null {
  const own = [...resource.fields.values()].filter(isMeasured).map((field) => {
    const metrics = field.kind.name === 'vector' ? vectorMetrics : []
    return fc.record({
      path: fc.constant([field.name]),
      direction: fc.constant('ASC' as const),
      nearest: fc
        .tuple(valueOf(source.samples, resource, field), fc.constantFrom(undefined, ...metrics))
        .map(([to, metric]) => ({ to, ...defined({ metric }) })),
    })
  })
  const toOne = [...resource.relations.values()].filter(({ many }) => depth > 0 && !many)
  const through = toOne.flatMap((relation) => {
    const below = randomNearest(source, targetOf(source.model, relation), depth - 1)
    if (below === null) return []
    return [below.map((key) => ({ ...key, path: [relation.name, ...key.path] }))]
  })
  const all = [...own, ...through]
  return all.length === 0 ? null : fc.oneof(...all)
}

/** The fields that an order begins with: `distinctOn` takes some of these, in any order. */
export function distinctOf(
  orderBy: readonly ParityOrder[],
  onlyFirst: boolean,
): Pick<ParityList, 'distinctOn'> {
  const end = orderBy.findIndex(({ path, nearest }) => path.length !== 1 || nearest !== undefined)
  const leading = orderBy
    .slice(0, end === -1 ? undefined : end)
    .map(({ path: [name = ''] }) => name)
  const names = [...new Set(leading)]
  if (names.length === 0) return {}
  const isAnyRepeated = names.length < leading.length
  return { distinctOn: onlyFirst || isAnyRepeated ? names.slice(0, 1) : names.toReversed() }
}
