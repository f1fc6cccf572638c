// From a parsed filter to a condition on rows: for a caller, with every name authorized; for a policy, as it stands.
import { type Condition, FALSE, type Slot, TRUE } from '../../db/plan/read-request.ts'
import type { Issue } from '../../errors.ts'
import { countField } from '../../schema/model/counts.ts'
import type { Field, Relation, Resource } from '../../schema/model/model.ts'
import type {
  Comparison,
  FieldFilter,
  Logic,
  ParsedFilter,
  RelatedFilter,
} from '../parse/parse-filter.ts'
import { type Authorization, type Decision, refuse, slotOf, toCondition } from './authorization.ts'

/** Decides for a caller's filter what each name may show; null in a policy, which sees everything. */
export interface CallerView {
  field(authorization: Authorization, resource: Resource, field: Field): Decision
  rows(authorization: Authorization, resource: Resource): Decision
  through(authorization: Authorization, relation: Relation): Decision
}

export interface FilterContext {
  readonly authorization: Authorization
  readonly view: CallerView | null
  /** Names the value at a path, in a caller's filter: see fingerprint.ts. */
  readonly leafOf?: (path: Issue['path']) => string
}

/** A filter as a condition; what the caller may not use is noted in `authorization.refused`. */
export const filterCondition = (
  context: FilterContext,
  resource: Resource,
  filter: ParsedFilter,
): Condition =>
  logicCondition(filter, (leaf) =>
    leaf.type === 'field'
      ? fieldCondition(context, resource, leaf)
      : relatedCondition(context, leaf),
  )

/** Words of logic as conditions, around the conditions of the leaves. */
export function logicCondition<Leaf>(
  logic: Logic<Leaf>,
  leafCondition: (leaf: Leaf) => Condition,
): Condition {
  const inner = (part: Logic<Leaf>): Condition => logicCondition(part, leafCondition)
  switch (logic.type) {
    case 'and':
      return allOf(logic.of.map(inner))
    case 'or':
      return anyOf(logic.of.map(inner))
    case 'not':
      return { type: 'not', of: inner(logic.of) }
    case 'leaf':
      return leafCondition(logic.leaf)
  }
}

function fieldCondition(
  context: FilterContext,
  resource: Resource,
  { field, comparisons, path }: FieldFilter,
): Condition {
  const { authorization, view } = context
  if (view !== null && view.field(authorization, resource, field) !== true) {
    refuse(authorization, 'where', path, `${field.name} in a filter`)
    return FALSE
  }
  return comparisonsCondition(context, field, comparisons)
}

/** All comparisons of one field. */
export const comparisonsCondition = (
  context: FilterContext,
  field: Field,
  comparisons: readonly Comparison[],
): Condition =>
  allOf(comparisons.map((comparison) => comparisonCondition(context, { field }, comparison)))

interface Compared {
  readonly field: Field
  /** The slot of a path inside of JSON. */
  readonly at?: Slot
}

function comparisonCondition(
  context: FilterContext,
  compared: Compared,
  { operator: { name, takes }, operand, within, path }: Comparison,
): Condition {
  if (within.length > 0) return pathCondition(context, compared, within)
  if (takes !== 'boolean') {
    const slot = leafSlot(context, operand, path)
    return { type: 'compare', ...compared, operator: name, slot }
  }
  const holds: Condition = { type: 'compare', ...compared, operator: name, slot: -1 } // yes or no is part of the shape, not a value
  return operand === true ? holds : { type: 'not', of: holds }
}

const leafSlot = (
  { authorization, leafOf }: FilterContext,
  value: unknown,
  path: Issue['path'],
): Slot =>
  slotOf(authorization, value, leafOf === undefined ? { constant: value } : { leaf: leafOf(path) })

/** What stands at a path inside of JSON. */
function pathCondition(
  context: FilterContext,
  { field }: Compared,
  members: readonly Comparison[],
): Condition {
  const steps = members.find(({ operator }) => operator.takes === 'steps')
  if (steps === undefined) throw new Error('A path in JSON has no steps.')
  const at = leafSlot(context, steps.operand, steps.path)
  const comparisons = members.filter((member) => member !== steps)
  return allOf(comparisons.map((one) => comparisonCondition(context, { field, at }, one)))
}

function relatedCondition(
  context: FilterContext,
  { relation, target, parts, count, path }: RelatedFilter,
): Condition {
  const { authorization, view } = context
  const visible = view === null || view.rows(authorization, target)
  const through = view === null || view.through(authorization, relation)
  if (visible === false || through === false) {
    refuse(authorization, 'where', path, `${relation.name} in a filter`)
    return FALSE
  }
  const step = {
    relation,
    target,
    visible: toCondition(visible),
    through: toCondition(through),
  }
  const related = parts.map(({ quantifier, of }): Condition => ({
    type: 'related',
    ...step,
    quantifier,
    of: filterCondition(context, target, of),
  }))
  if (count.length === 0) return allOf(related)
  const counted = comparisonsCondition(context, countField, count)
  return allOf([...related, { type: 'counted', ...step, of: counted }])
}

/** All must hold; none is true. */
export function allOf(parts: readonly Condition[]): Condition {
  const real = parts.filter((part) => part !== TRUE)
  const [only] = real
  if (only === undefined) return TRUE
  return real.length === 1 ? only : { type: 'and', of: real }
}

/** One must hold; an empty list matches nothing. */
export function anyOf(parts: readonly Condition[]): Condition {
  const [only] = parts
  if (only === undefined) return FALSE
  return parts.length === 1 ? only : { type: 'or', of: parts }
}
