// Random selections: fields, and relations with arguments of their own, up to three deep.
import * as fc from 'fast-check'
import { type Relation, type Resource, targetOf } from '../../schema/model/model.ts'
import type { ParityRelation, ParitySelection } from '../request.ts'
import { weighted } from './arbitraries.ts'
import { randomList } from './lists/lists.ts'
import type { SampledModel } from './values.ts'

export function randomSelection(
  source: SampledModel,
  resource: Resource,
  depth = 3,
): fc.Arbitrary<ParitySelection> {
  const names = [...resource.fields.keys()]
  const key = resource.primaryKey.fields.map((field) => field.name)
  const some = fc.subarray(names, { minLength: 1, maxLength: Math.min(5, names.length) })
  const fields = weighted<ParitySelection['fields']>(
    [3, some],
    [2, some.map((chosen) => [...new Set([...key, ...chosen])])],
    [2, fc.constant('default')],
  )
  const relations =
    depth === 0 || resource.relations.size === 0
      ? fc.constant([])
      : relationsOf(source, resource, depth)
  return fc.record({ fields, relations })
}

function relationsOf(
  source: SampledModel,
  resource: Resource,
  depth: number,
): fc.Arbitrary<readonly ParityRelation[]> {
  const all = [...resource.relations.values()]
  return weighted<readonly Relation[]>(
    [3, fc.constant([])],
    [3, fc.subarray(all, { minLength: 1, maxLength: Math.min(2, all.length) })],
  ).chain((chosen) =>
    fc.tuple(...chosen.map((relation) => relationOf(source, relation, depth - 1))),
  )
}

function relationOf(
  source: SampledModel,
  relation: Relation,
  depth: number,
): fc.Arbitrary<ParityRelation> {
  const target = targetOf(source.model, relation)
  return fc.record({
    name: fc.constant(relation.name),
    list: relation.many ? randomList(source, target, 1) : fc.constant(null),
    selection: randomSelection(source, target, depth),
  })
}
