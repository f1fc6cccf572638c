// Finds the list or the selection of a request that a fault goes into.
import { type Model, type Resource, targetOf } from '../../../schema/model/model.ts'
import type { ParityList, ParityRelation, ParityRequest, ParitySelection } from '../../request.ts'
import { type FaultPlace, UNKNOWN_NAME } from './fault.ts'

type ListChange = (list: ParityList, resource: Resource) => ParityList

/** The request with one list changed: its own, or for an odd `at` a nested one where there is one. */
export function changeList(
  request: ParityRequest,
  { model, resource, at }: FaultPlace,
  change: ListChange,
): ParityRequest {
  const { list, selection } = request
  if (selection !== null && (at % 2 === 1 || list === undefined)) {
    const changed = changeNestedList(model, resource, selection, change)
    if (changed !== null) return { ...request, selection: changed }
  }
  return list === undefined ? request : { ...request, list: change(list, resource) }
}

/** The selection with its first list changed; null where it has none. */
function changeNestedList(
  model: Model,
  resource: Resource,
  selection: ParitySelection,
  change: ListChange,
): ParitySelection | null {
  for (const [i, asked] of selection.relations.entries()) {
    const relation = resource.relations.get(asked.name)
    if (relation === undefined) continue
    const changed = changeRelation(model, targetOf(model, relation), asked, change)
    if (changed !== null) return { ...selection, relations: selection.relations.with(i, changed) }
  }
  return null
}

function changeRelation(
  model: Model,
  target: Resource,
  asked: ParityRelation,
  change: ListChange,
): ParityRelation | null {
  if (asked.list !== null) return { ...asked, list: change(asked.list, target) }
  const below = changeNestedList(model, target, asked.selection, change)
  return below === null ? null : { ...asked, selection: below }
}

/** The selection with an unknown field, of the rows themselves or of those of their first relations. */
export function withUnknownField(selection: ParitySelection, at: number): ParitySelection {
  const [relation] = selection.relations
  if (relation === undefined || at % 2 === 0) {
    const fields = selection.fields === 'default' ? [] : selection.fields
    return { ...selection, fields: [...fields, UNKNOWN_NAME] }
  }
  const below = withUnknownField(relation.selection, Math.floor(at / 2))
  return {
    ...selection,
    relations: selection.relations.with(0, { ...relation, selection: below }),
  }
}
