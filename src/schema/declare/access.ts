// Access as data: a policy says yes, no, or which rows; it is composed here and judged by the engine.
import type { Caller } from './caller.ts'
import { shown } from './did-you-mean.ts'
import type { AnyColumnKey, FilterOf, Relations, TableKey, TablesWith } from './types.ts'

/** A filter as plain data, once the compiler has checked its names. */
export type FilterTree = { readonly [member: string]: unknown }

/** A policy that is not composed of others. */
export type PolicyLeaf =
  | { readonly type: 'everyone' | 'nobody' | 'signedIn' }
  | { readonly type: 'role'; readonly roles: readonly string[] }
  | { readonly type: 'owner'; readonly column: string; readonly claim: string }
  | { readonly type: 'filter'; readonly filter: FilterTree }
  | { readonly type: 'decide'; readonly decide: (caller: Caller<never>) => unknown }
  /** No policy: a mistake of the declaration, which `check` reports. It lets nobody in. */
  | { readonly type: 'invalid'; readonly what: string }

/** A policy as a printable tree. Only leaves are negated: see `negated`. */
export type PolicyNode =
  | PolicyLeaf
  | { readonly type: 'any' | 'all'; readonly of: readonly PolicyNode[] }
  | { readonly type: 'not'; readonly of: PolicyLeaf }

const policyNode: unique symbol = Symbol('bifrons.policy')
declare const appliesTo: unique symbol

/** Stands for a table where a policy guards no row: an operation, and a field's `write`. */
export type NoRow = 'no row'

/** Any policy, whatever its tables. */
interface PolicyMark {
  readonly [policyNode]: PolicyNode
}

/** A policy that can stand at the tables `K`: contravariant, so a policy for many tables serves each of them. */
export interface Policy<in K extends string> extends PolicyMark {
  readonly [appliesTo]?: (table: K) => void
}

/** A filter on rows of the tables `K`; there is none where there is no row. */
type RowFilter<R extends Relations, K extends TableKey<R> | NoRow> = NoRow extends K
  ? never
  : FilterOf<R, K & TableKey<R>>

/** What a declaration takes as a policy: a policy, a filter on rows, or a function of the caller that returns one or a yes or no. */
export type PolicyInput<R extends Relations, K extends TableKey<R> | NoRow, C> =
  | Policy<K>
  | RowFilter<R, K>
  | ((caller: Caller<C>) => boolean | RowFilter<R, K>)

/** What an operation and a field's `write` take: a yes or no about the caller; there is no row to filter. */
export type CallerPolicyInput<C> = Policy<NoRow> | ((caller: Caller<C>) => boolean)

const policy = (node: PolicyNode): Policy<string> =>
  Object.freeze({ [policyNode]: Object.freeze(node) })

/** A policy of a tree, for what takes a declaration apart and puts it together again. */
export const toPolicy = (node: PolicyNode): Policy<string> => policy(node)

const invalid = (what: string): PolicyLeaf => ({ type: 'invalid', what })

/** The functions of `access`: given without a call, they are no functions of the caller. */
const accessWords = new WeakSet<object>()

/** Whether it is what `access` made, or a function of the caller, and not a filter or another object. */
export const isPolicyWord = (input: unknown): boolean =>
  typeof input === 'function' || Object.hasOwn(Object(input), policyNode)

/** The tree of whatever a declaration gave as a policy. */
export function toPolicyNode(input: unknown): PolicyNode {
  if (typeof input === 'function') {
    if (accessWords.has(input)) return invalid('is a function of `access` that is not called.')
    return { type: 'decide', decide: input as (caller: Caller<never>) => unknown } // checked where declared
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return invalid(
      `is ${shown(input)}; it must be a policy of \`access\`, a filter on rows, or a function of the caller.`,
    )
  }
  const tree = input as { [policyNode]?: PolicyNode } & FilterTree // the only forms left
  return tree[policyNode] ?? { type: 'filter', filter: tree }
}

/**
 * The negation, pushed down to the leaves: not(a or b) is (not a and not b). A leaf that cannot be asked is unknown, and so is
 * its negation (docs/decisions/0041). As unknown is no at the end, a leaf lets in where it surely holds, a negated one where it surely does not.
 */
function negated(node: PolicyNode): PolicyNode {
  switch (node.type) {
    case 'any':
      return { type: 'all', of: node.of.map(negated) }
    case 'all':
      return { type: 'any', of: node.of.map(negated) }
    case 'not':
      return node.of
    default:
      return { type: 'not', of: node }
  }
}

/** The path of a member that is undefined, which would match every row; null when there is none. */
export function undefinedMember(filter: unknown): string | null {
  if (typeof filter !== 'object' || filter === null) return null
  for (const [name, member] of Object.entries(filter)) {
    if (member === undefined) return name
    const inner = undefinedMember(member)
    if (inner !== null) return `${name}.${inner}`
  }
  return null
}

/**
 * The path of a member that is not plain data; null where all are, and empty for the filter itself. Two answers of a function
 * are compared by their JSON, which has no values of getters and classes.
 */
export function unplainMember(filter: unknown): string | null {
  if (typeof filter === 'function' || typeof filter === 'symbol') return ''
  if (typeof filter !== 'object' || filter === null) return null
  const prototype: unknown = Object.getPrototypeOf(filter)
  if (Array.isArray(filter)) {
    if (prototype !== Array.prototype) return ''
    return firstInner(filter.keys(), (at) => unplainMember(filter[at]))
  }
  if (prototype !== Object.prototype && prototype !== null) return ''
  return firstInner(Reflect.ownKeys(filter), (name) => {
    const property = Object.getOwnPropertyDescriptor(filter, name)
    if (typeof name === 'symbol' || property?.enumerable !== true || !('value' in property))
      return ''
    return unplainMember(property.value)
  })
}

function firstInner<K extends PropertyKey>(
  names: Iterable<K>,
  look: (name: K) => string | null,
): string | null {
  for (const name of names) {
    const inner = look(name)
    if (inner !== null) return inner === '' ? String(name) : `${String(name)}.${inner}`
  }
  return null
}

/** Whether the policy may answer with a filter on rows, and so depend on more than who asks. */
export function filtersRows(node: PolicyNode): boolean {
  switch (node.type) {
    case 'owner':
    case 'filter':
    case 'decide':
      return true
    case 'any':
    case 'all':
      return node.of.some(filtersRows)
    case 'not':
      return filtersRows(node.of)
    default:
      return false
  }
}

/** The tables, or no row, at which all of these policies can stand. */
type Common<P extends readonly PolicyMark[]> = [P[number]] extends [Policy<infer K>] ? K : never

/** The words for policies, bound to a team's tables and its callers' claims. */
export interface Access<R extends Relations, C> {
  readonly everyone: Policy<TableKey<R> | NoRow>
  readonly nobody: Policy<TableKey<R> | NoRow>
  /** Whoever proved who they are, by token or key. */
  readonly signedIn: Policy<TableKey<R> | NoRow>
  /** Callers with at least one of these roles. */
  role(...roles: [string, ...string[]]): Policy<TableKey<R> | NoRow>
  /** Rows whose column equals the caller's claim. Without the claim the answer is unknown, which lets nobody in, inside `not` either. */
  owner<Col extends AnyColumnKey<R>>(
    column: Col,
    claim: keyof C & string,
  ): Policy<TablesWith<R, Col>>
  any: Composed<R, C>
  all: Composed<R, C>
  not: Negated<R, C>
}

/** For the tables of the place where it stands; else, of policies alone, for all tables that these have in common. */
interface Composed<R extends Relations, C> {
  <K extends TableKey<R> | NoRow>(...policies: NoInfer<PolicyInput<R, K, C>>[]): Policy<K>
  <P extends readonly PolicyMark[]>(...policies: P): Policy<Common<P>>
  /** The first one again: of several, the compiler tells what is wrong by the last. */
  <K extends TableKey<R> | NoRow>(...policies: NoInfer<PolicyInput<R, K, C>>[]): Policy<K>
}

/** As `Composed`. */
interface Negated<R extends Relations, C> {
  <K extends TableKey<R> | NoRow>(input: NoInfer<PolicyInput<R, K, C>>): Policy<K>
  <P extends PolicyMark>(input: P): Policy<Common<readonly [P]>>
  <K extends TableKey<R> | NoRow>(input: NoInfer<PolicyInput<R, K, C>>): Policy<K>
}

/** The words themselves; the types above are their whole meaning to the compiler. */
export function defineAccess<R extends Relations, C>(): Access<R, C> {
  const access = {
    everyone: policy({ type: 'everyone' }),
    nobody: policy({ type: 'nobody' }),
    signedIn: policy({ type: 'signedIn' }),
    role: (...roles: string[]) => policy(toRole(roles)),
    owner: (column: string, claim: string) => policy({ type: 'owner', column, claim }),
    any: (...inputs: unknown[]) => policy(toComposed('any', inputs)),
    all: (...inputs: unknown[]) => policy(toComposed('all', inputs)),
    not: (input: unknown) => policy(negated(toPolicyNode(input))),
  }
  for (const word of Object.values(access)) if (typeof word === 'function') accessWords.add(word)
  return Object.freeze(access)
}

/** Of no policy at all, `all` would let everyone in. */
const toComposed = (type: 'any' | 'all', inputs: readonly unknown[]): PolicyNode =>
  inputs.length === 0
    ? invalid(`is \`access.${type}\` of nothing; it takes one or more policies.`)
    : { type, of: inputs.map(toPolicyNode) }

function toRole(roles: readonly unknown[]): PolicyLeaf {
  const names = roles.filter((role) => typeof role === 'string')
  if (names.length === 0 || names.length < roles.length)
    return invalid(
      `has the roles ${roles.map(shown).join(', ') || 'none'}; \`access.role\` takes the names of one or more.`,
    )
  return { type: 'role', roles: Object.freeze(names) }
}
