// Access as data: a policy says yes, no, or which rows; it is composed here and judged by the engine.
import type { Caller } from './caller.ts'
import type { AnyColumnKey, FilterOf, Relations, TableKey, TablesWith } from './types.ts'

/** A filter as plain data, once the compiler has checked its names. */
export type FilterTree = { readonly [member: string]: unknown }

/** A policy as a printable tree. */
export type PolicyNode =
  | { readonly type: 'everyone' | 'nobody' | 'signedIn' }
  | { readonly type: 'role', readonly roles: readonly string[] }
  | { readonly type: 'owner', readonly column: string, readonly claim: string }
  | { readonly type: 'filter', readonly filter: FilterTree }
  | { readonly type: 'decide', readonly decide: (caller: Caller<never>) => unknown }
  | { readonly type: 'any' | 'all', readonly of: readonly PolicyNode[] }
  | { readonly type: 'not', readonly of: PolicyNode }

const policyNode: unique symbol = Symbol('bifrons.policy')
declare const appliesTo: unique symbol

/** A policy that can stand at the tables `K`: contravariant, so a policy for many tables serves each of them. */
export interface Policy<in K extends string> {
  readonly [policyNode]: PolicyNode
  readonly [appliesTo]?: (table: K) => void
}

/** What a declaration takes as a policy: a policy, a filter on rows, or a function of the caller that returns one or a yes or no. */
export type PolicyInput<R extends Relations, K extends TableKey<R>, C> =
  | Policy<K>
  | FilterOf<R, K>
  | ((caller: Caller<C>) => boolean | FilterOf<R, K>)

/** What an operation takes: a yes or no about the caller; there is no row to filter. */
export type CallerPolicyInput<C> = Policy<never> | ((caller: Caller<C>) => boolean)

const policy = (node: PolicyNode): Policy<string> => Object.freeze({ [policyNode]: Object.freeze(node) })

/** The tree of whatever a declaration gave as a policy. */
export function toPolicyNode(input: unknown): PolicyNode {
  if (typeof input === 'function') return { type: 'decide', decide: input as (caller: Caller<never>) => unknown } // checked where declared
  const tree = input as { [policyNode]?: PolicyNode } & FilterTree // PolicyInput has no other form
  return tree[policyNode] ?? { type: 'filter', filter: tree }
}

/** Whether the policy may answer with a filter on rows, and so depend on more than who asks. */
export function filtersRows(node: PolicyNode): boolean {
  switch (node.type) {
    case 'owner':
    case 'filter':
    case 'decide': return true
    case 'any':
    case 'all': return node.of.some(filtersRows)
    case 'not': return filtersRows(node.of)
    default: return false
  }
}

/** The words for policies, bound to a team's tables and its callers' claims. */
export interface Access<R extends Relations, C> {
  readonly everyone: Policy<TableKey<R>>
  readonly nobody: Policy<TableKey<R>>
  /** Whoever proved who they are, by token or key. */
  readonly signedIn: Policy<TableKey<R>>
  /** Callers with at least one of these roles. */
  role(...roles: [string, ...string[]]): Policy<TableKey<R>>
  /** Rows whose column equals the caller's claim; a caller without the claim is told no. */
  owner<Col extends AnyColumnKey<R>>(column: Col, claim: keyof C & string): Policy<TablesWith<R, Col>>
  any<K extends TableKey<R>>(...policies: NoInfer<PolicyInput<R, K, C>>[]): Policy<K>
  all<K extends TableKey<R>>(...policies: NoInfer<PolicyInput<R, K, C>>[]): Policy<K>
  not<K extends TableKey<R>>(input: NoInfer<PolicyInput<R, K, C>>): Policy<K>
}

/** The words themselves; the types above are their whole meaning to the compiler. */
export function defineAccess<R extends Relations, C>(): Access<R, C> {
  return Object.freeze({
    everyone: policy({ type: 'everyone' }),
    nobody: policy({ type: 'nobody' }),
    signedIn: policy({ type: 'signedIn' }),
    role: (...roles: string[]) => policy({ type: 'role', roles: Object.freeze(roles) }),
    owner: (column: string, claim: string) => policy({ type: 'owner', column, claim }),
    any: (...inputs: unknown[]) => policy({ type: 'any', of: inputs.map(toPolicyNode) }),
    all: (...inputs: unknown[]) => policy({ type: 'all', of: inputs.map(toPolicyNode) }),
    not: (input: unknown) => policy({ type: 'not', of: toPolicyNode(input) }),
  })
}
