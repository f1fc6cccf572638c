// From the filter language to conditions: for a caller, with every name judged; for a policy, as it stands.
import { type Condition, FALSE, type Slot, TRUE } from '../../db/plan/read-request.ts'
import type { Issue } from '../../errors.ts'
import type { FilterTree } from '../../schema/declare/access.ts'
import { COUNT, countField } from '../../schema/model/counts.ts'
import { type Field, type Relation, type Resource, targetOf } from '../../schema/model/model.ts'
import type { OperatorName } from '../../schema/model/operators.ts'
import { type Authorization, type Decision, refuse, slotOf } from './authorization.ts'

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
  readonly leafOf?: (path: Path) => string
}

type Path = Issue['path']

/** A checked filter as a condition; what the caller may not use is noted in `asking.refused`. */
export function filterCondition(
  context: FilterContext,
  resource: Resource,
  filter: FilterTree,
  path: Path,
): Condition {
  const parts = Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) =>
      memberCondition(context, resource, { name, value, path: [...path, name] }),
    )
  return allOf(parts)
}

interface Member {
  readonly name: string
  readonly value: unknown
  readonly path: Path
}

function memberCondition(
  context: FilterContext,
  resource: Resource,
  { name, value, path }: Member,
): Condition {
  const nested = (tree: unknown, at: Path) =>
    filterCondition(context, resource, tree as FilterTree, at) // the schema has checked the tree
  if (name === 'AND' || name === 'OR') {
    const parts = (value as readonly unknown[]).map((tree, i) => nested(tree, [...path, i])) // as above
    return name === 'AND' ? allOf(parts) : anyOf(parts)
  }
  if (name === 'NOT') return { type: 'not', of: nested(value, path) }
  const field = resource.inner.fields.get(name)
  if (field !== undefined)
    return fieldCondition(context, { resource, field }, value as Record<string, unknown>, path) // as above
  const relation = resource.inner.relations.get(name)
  if (relation === undefined)
    throw new Error(
      `The filter of ${resource.key} names ${name}, which its schema has let through.`,
    )
  return relationCondition(context, relation, value as FilterTree, path) // as above
}

/** The comparisons of one field. */
export function fieldCondition(
  context: FilterContext,
  { resource, field }: { resource: Resource; field: Field },
  comparisons: Readonly<Record<string, unknown>>,
  path: Path,
): Condition {
  const { authorization, view } = context
  if (view !== null && view.field(authorization, resource, field) !== true) {
    refuse(authorization, 'where', path, `${field.name} in a filter`)
    return FALSE
  }
  return comparisonsCondition(context, field, comparisons, path)
}

const comparisonsCondition = (
  context: FilterContext,
  field: Field,
  comparisons: Readonly<Record<string, unknown>>,
  path: Path,
): Condition =>
  allOf(
    Object.entries(comparisons)
      .filter(([, operand]) => operand !== undefined)
      .map(([operator, operand]) =>
        comparison(context, { field, operator: operator as OperatorName, path }, operand),
      ),
  ) // the schema knows its operators

interface Compared {
  readonly field: Field
  readonly operator: OperatorName
  readonly path: Path
  /** The slot of a path inside of JSON. */
  readonly at?: { readonly at: Slot }
}

function comparison(
  context: FilterContext,
  { field, operator, path, at }: Compared,
  operand: unknown,
): Condition {
  if (operator === 'path')
    return pathCondition(context, field, operand as FilterTree, [...path, operator]) // the schema has checked it
  if (operator !== 'isNull' && operator !== 'isEmpty')
    return {
      type: 'compare',
      field,
      operator,
      slot: leafSlot(context, operand, [...path, operator]),
      ...at,
    }
  const holds: Condition = { type: 'compare', field, operator, slot: -1, ...at } // yes or no is part of the shape, not a value
  return operand === true ? holds : { type: 'not', of: holds }
}

const leafSlot = ({ authorization, leafOf }: FilterContext, value: unknown, path: Path): Slot =>
  slotOf(authorization, value, leafOf === undefined ? { constant: value } : { leaf: leafOf(path) })

/** What stands at a path inside of JSON. */
function pathCondition(
  context: FilterContext,
  field: Field,
  { at: steps, ...comparisons }: FilterTree,
  path: Path,
): Condition {
  const at = { at: leafSlot(context, steps, [...path, 'at']) }
  return allOf(
    Object.entries(comparisons)
      .filter(([, operand]) => operand !== undefined)
      .map(([operator, operand]) =>
        comparison(context, { field, operator: operator as OperatorName, path, at }, operand),
      ),
  ) // the schema knows its operators
}

function relationCondition(
  context: FilterContext,
  relation: Relation,
  filter: FilterTree,
  path: Path,
): Condition {
  const { authorization, view } = context
  const target = targetOf(authorization.model, relation)
  const visible = view === null ? true : view.rows(authorization, target)
  const through = view === null ? true : view.through(authorization, relation)
  if (visible === false || through === false) {
    refuse(authorization, 'where', path, `${relation.name} in a filter`)
    return FALSE
  }
  const step = {
    relation,
    target,
    visible: visible === true ? TRUE : visible,
    through: through === true ? TRUE : through,
  }
  const related = (
    quantifier: 'is' | 'some' | 'none' | 'every',
    tree: FilterTree,
    at: Path,
  ): Condition => ({
    type: 'related',
    ...step,
    quantifier,
    of: filterCondition(context, target, tree, at),
  })
  if (!relation.many) return related('is', filter, path)
  const quantified = (['some', 'none', 'every'] as const)
    .filter((quantifier) => filter[quantifier] !== undefined)
    .map((quantifier) =>
      related(quantifier, filter[quantifier] as FilterTree, [...path, quantifier]),
    ) // the schema has checked it
  const { [COUNT]: counts } = filter
  if (counts === undefined) return allOf(quantified)
  return allOf([
    ...quantified,
    {
      type: 'counted',
      ...step,
      of: comparisonsCondition(context, countField, counts as FilterTree, [...path, COUNT]),
    },
  ]) // as above
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
