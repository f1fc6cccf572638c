// A filter with the model's own objects in place of names: the one reading of a filter that has passed its schema.
import { addIssues, type Issue } from '../../errors.ts'
import { parseInput } from '../../schema/inputs/validation-issues.ts'
import { COUNT, countField } from '../../schema/model/counts.ts'
import {
  type Field,
  type Model,
  type Relation,
  type Resource,
  targetOf,
} from '../../schema/model/model.ts'
import { type Operator, operatorsOf } from '../../schema/model/operators.ts'
import { checkFilter } from './limits.ts'
import { givenMembers } from './members.ts'
import type { ParseContext } from './parse-context.ts'

type Path = Issue['path']

/** Words of logic around leaves. A filter is an `and` of its members. */
export type Logic<Leaf> =
  | { readonly type: 'and' | 'or'; readonly of: readonly Logic<Leaf>[] }
  | { readonly type: 'not'; readonly of: Logic<Leaf> }
  | { readonly type: 'leaf'; readonly leaf: Leaf }

/** A filter on rows of a resource. */
export type ParsedFilter = Logic<FieldFilter | RelatedFilter>

/** Comparisons of one field: all of them must hold. */
export interface FieldFilter {
  readonly type: 'field'
  readonly field: Field
  readonly comparisons: readonly Comparison[]
  readonly path: Path
}

/** A filter on the row of a to-one relation, or on the rows of a to-many one: all of its parts must hold. */
export interface RelatedFilter {
  readonly type: 'related'
  readonly relation: Relation
  readonly target: Resource
  readonly parts: readonly { readonly quantifier: Quantifier; readonly of: ParsedFilter }[]
  /** Comparisons of the number of related rows. */
  readonly count: readonly Comparison[]
  readonly path: Path
}

type Quantifier = 'is' | 'some' | 'none' | 'every'

export interface Comparison {
  readonly operator: Operator
  readonly operand: unknown
  /** The members of an operand that is an object: of what stands at a path in JSON. */
  readonly within: readonly Comparison[]
  readonly path: Path
}

/** The filter that every row passes. */
export const NO_FILTER: ParsedFilter = { type: 'and', of: [] }

/** Checks the filter of a caller, where there is one; faults are noted in the context. */
export function parseWhere(
  context: ParseContext,
  resource: Resource,
  where: unknown,
  prefix: Path,
): ParsedFilter {
  if (where === undefined) return NO_FILTER
  checkFilter(context.model, resource, where, context.limits)
  const parsed = parseInput(context.inputSchemas.where(resource), where, 'where', prefix)
  if (parsed.ok)
    return toParsedFilter({ ...context, view: 'served' }, resource, parsed.value, prefix)
  addIssues(context.issues, parsed.issues)
  return NO_FILTER
}

interface FilterNames {
  readonly model: Pick<Model, 'resources'>
  /** A caller's filter names what is served, a policy's every column. */
  readonly view: 'served' | 'inner'
}

/** @param tree a filter that has passed its schema */
export function toParsedFilter(
  names: FilterNames,
  resource: Resource,
  tree: unknown,
  path: Path,
): ParsedFilter {
  const { fields, relations } = names.view === 'served' ? resource : resource.inner
  return toLogic<FieldFilter | RelatedFilter>(tree, path, ({ name, value, at }) => {
    const field = fields.get(name)
    if (field !== undefined) return { type: 'leaf', leaf: toFieldFilter(field, value, at) }
    const relation = relations.get(name)
    if (relation === undefined) throw passed(name)
    return { type: 'leaf', leaf: toRelatedFilter(names, relation, value, at) }
  })
}

interface Member {
  readonly name: string
  readonly value: unknown
  readonly at: Path
}

/** @param toLeaf reads a member that is no word of logic */
export function toLogic<Leaf>(
  tree: unknown,
  path: Path,
  toLeaf: (member: Member) => Logic<Leaf>,
): Logic<Leaf> {
  const toMember = ([name, value]: readonly [string, unknown]): Logic<Leaf> => {
    const at = [...path, name]
    if (name === 'NOT') return { type: 'not', of: toLogic(value, at, toLeaf) }
    if (name !== 'AND' && name !== 'OR') return toLeaf({ name, value, at })
    const trees: readonly unknown[] = Array.isArray(value) ? value : []
    return {
      type: name === 'AND' ? 'and' : 'or',
      of: trees.map((one, i) => toLogic(one, [...at, i], toLeaf)),
    }
  }
  return { type: 'and', of: givenMembers(tree).map(toMember) }
}

const toFieldFilter = (field: Field, value: unknown, path: Path): FieldFilter => ({
  type: 'field',
  field,
  comparisons: toComparisons(field, value, path),
  path,
})

const quantifiers = ['some', 'none', 'every'] as const

function toRelatedFilter(
  names: FilterNames,
  relation: Relation,
  value: unknown,
  path: Path,
): RelatedFilter {
  const target = targetOf(names.model, relation)
  const related = { type: 'related', relation, target, path } as const
  if (!relation.many) {
    const of = toParsedFilter(names, target, value, path)
    return { ...related, parts: [{ quantifier: 'is', of }], count: [] }
  }
  const members = new Map(givenMembers(value))
  const parts = quantifiers
    .filter((quantifier) => members.has(quantifier))
    .map((quantifier) => ({
      quantifier,
      of: toParsedFilter(names, target, members.get(quantifier), [...path, quantifier]),
    }))
  return {
    ...related,
    parts,
    count: toComparisons(countField, members.get(COUNT), [...path, COUNT]),
  }
}

export const toComparisons = (field: Field, value: unknown, path: Path): readonly Comparison[] =>
  comparisonsBy(operatorsByName(field), value, path)

const comparisonsBy = (
  operators: ReadonlyMap<string, Operator>,
  value: unknown,
  path: Path,
): readonly Comparison[] =>
  givenMembers(value).map(([name, operand]) => {
    const operator = operators.get(name)
    if (operator === undefined) throw passed(name)
    const at = [...path, name]
    const { within } = operator
    return {
      operator,
      operand,
      within: within === undefined ? [] : comparisonsBy(byName(within), operand, at),
      path: at,
    }
  })

const known = new WeakMap<Field, ReadonlyMap<string, Operator>>()

/** The operators of a field by their names: worked out once. */
export function operatorsByName(field: Field): ReadonlyMap<string, Operator> {
  const operators = known.get(field) ?? byName(operatorsOf(field))
  known.set(field, operators)
  return operators
}

export const byName = (operators: readonly Operator[]): ReadonlyMap<string, Operator> =>
  new Map(operators.map((operator) => [operator.name, operator]))

const passed = (name: string): Error => new Error(`A filter with ${name} has passed its schema.`)

/** Whether a filter holds of every row: it has words of logic and compares nothing, or nothing that matters. */
export function isAlwaysTrue(filter: ParsedFilter): boolean {
  switch (filter.type) {
    case 'and':
      return filter.of.every(isAlwaysTrue)
    case 'or':
      return filter.of.some(isAlwaysTrue)
    case 'not':
      return isNeverTrue(filter.of)
    case 'leaf':
      return filter.leaf.type === 'related' && isOfAnyRows(filter.leaf)
  }
}

const isOfAnyRows = ({ count, parts }: RelatedFilter): boolean =>
  count.length === 0 && parts.every(holdsOfAny)

/** Whether it holds for all related rows alike: `every` of an always true filter, or `none` of a never true one. */
const holdsOfAny = ({ quantifier, of }: RelatedFilter['parts'][number]): boolean =>
  (quantifier === 'every' && isAlwaysTrue(of)) || (quantifier === 'none' && isNeverTrue(of))

function isNeverTrue(filter: ParsedFilter): boolean {
  switch (filter.type) {
    case 'and':
      return filter.of.some(isNeverTrue)
    case 'or':
      return filter.of.every(isNeverTrue)
    case 'not':
      return isAlwaysTrue(filter.of)
    case 'leaf':
      return false
  }
}
