// Random selections: fields, and relations with arguments of their own, up to three deep.
import * as fc from 'fast-check'
import { type Relation, type Resource, targetOf } from '../../schema/model/model.ts'
import { listOf, type Source } from './generate-list.ts'
import type { ParityRelation, ParitySelection } from '../request.ts'

export function selectionOf(
  source: Source,
  resource: Resource,
  depth = 3,
): fc.Arbitrary<ParitySelection> {
  const names = [...resource.fields.keys()]
  const key = resource.primaryKey.fields.map((field) => field.name)
  const some = fc.subarray(names, { minLength: 1, maxLength: Math.min(5, names.length) })
  const fields = fc.oneof(
    { weight: 3, arbitrary: some },
    { weight: 2, arbitrary: some.map((chosen) => [...new Set([...key, ...chosen])]) },
    { weight: 2, arbitrary: fc.constant('default' as const) },
  )
  const relations =
    depth === 0 || resource.relations.size === 0
      ? fc.constant([])
      : relationsOf(source, resource, depth)
  return fc.record({ fields, relations })
}

function relationsOf(
  source: Source,
  resource: Resource,
  depth: number,
): fc.Arbitrary<readonly ParityRelation[]> {
  const all = [...resource.relations.values()]
  return fc
    .oneof(
      { weight: 3, arbitrary: fc.constant<readonly Relation[]>([]) },
      {
        weight: 3,
        arbitrary: fc.subarray(all, { minLength: 1, maxLength: Math.min(2, all.length) }),
      },
    )
    .chain((chosen) =>
      fc.tuple(...chosen.map((relation) => relationOf(source, relation, depth - 1))),
    )
}

function relationOf(
  source: Source,
  relation: Relation,
  depth: number,
): fc.Arbitrary<ParityRelation> {
  const target = targetOf(source.model, relation)
  return fc.record({
    name: fc.constant(relation.name),
    list: relation.many ? listOf(source, target, 1) : fc.constant(null),
    selection: selectionOf(source, target, depth),
  })
}
