// The to-many lists of a selection, depth first: the one order in which their arguments are numbered, read and put back.
import { type Model, type Resource, targetOf } from '../schema/model/model.ts'
import type { ListInput, RelationSelection, Selection } from './request.ts'

/** A list of related rows in a selection. */
export interface SelectedList {
  /** The relations that lead to it, its own last. */
  readonly path: readonly string[]
  /** Whose rows it has. */
  readonly resource: Resource
  readonly list: ListInput
}

export function selectedLists(
  model: Model,
  resource: Resource,
  selection: Selection,
  path: readonly string[] = [],
): readonly SelectedList[] {
  return selection.relations.flatMap((asked) => {
    const relation = resource.relations.get(asked.relation)
    if (relation === undefined) return [] // the parser refuses it
    const target = targetOf(model, relation)
    const at = [...path, relation.name]
    const below = selectedLists(model, target, asked.selection, at)
    return relation.many ? [{ path: at, resource: target, list: asked.list }, ...below] : below
  })
}

interface Nested<R> {
  readonly relations: readonly R[]
}

/** The relations of a selection, parsed or not, in the same order. */
export const relationsIn = <R extends { readonly selection: Nested<R> }>({
  relations,
}: Nested<R>): readonly R[] =>
  relations.flatMap((relation) => [relation, ...relationsIn(relation.selection)])

/** The selection with arguments for its lists, in the order of `selectedLists`. */
export function withLists(
  model: Model,
  resource: Resource,
  selection: Selection,
  lists: readonly ListInput[],
): Selection {
  let next = 0
  const filled = (at: Resource, one: Selection): Selection => ({
    ...one,
    relations: one.relations.map((asked): RelationSelection => {
      const relation = at.relations.get(asked.relation)
      if (relation === undefined) return asked
      const list = relation.many ? (lists[next++] ?? {}) : asked.list
      return { ...asked, list, selection: filled(targetOf(model, relation), asked.selection) }
    }),
  })
  return filled(resource, selection)
}
