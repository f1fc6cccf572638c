// A policy for one role, as far as the declaration alone decides it: yes, no, or what it depends on.
import type { PolicyLeaf, PolicyNode } from '../../schema/declare/access.ts'

/** A kind of caller that the policies tell apart. */
export interface Role {
  readonly name: string
  readonly isSignedIn: boolean
  readonly roles: readonly string[]
}

export interface Answer {
  readonly answer: 'yes' | 'no' | 'depends'
  /** What a yes depends on: the row, the claims, or the function that decides. */
  readonly on?: string
}

export const YES: Answer = { answer: 'yes' }
export const NO: Answer = { answer: 'no' }
const certain = (isYes: boolean): Answer => (isYes ? YES : NO)
const depends = (on: string): Answer => ({ answer: 'depends', on })

/** @param hasRow whether there is a row to look at: an operation and a field's `write` have no row */
export function answerFor(policy: PolicyNode, role: Role, hasRow: boolean): Answer {
  switch (policy.type) {
    case 'any':
      return anyOf(policy.of.map((part) => answerFor(part, role, hasRow)))
    case 'all':
      return allOf(policy.of.map((part) => answerFor(part, role, hasRow)))
    case 'not':
      return negated(leafFor(policy.of, role, hasRow))
    default:
      return leafFor(policy, role, hasRow) ?? NO
  }
}

/** Null is unknown: its negation is a no as well. */
function leafFor(leaf: PolicyLeaf, role: Role, hasRow: boolean): Answer | null {
  switch (leaf.type) {
    case 'everyone':
      return YES
    case 'signedIn':
      return certain(role.isSignedIn)
    case 'role':
      return certain(leaf.roles.some((name) => role.roles.includes(name)))
    case 'owner':
    case 'filter':
      return hasRow ? rowFor(leaf, role) : null
    case 'decide':
      return depends(`the function ${leaf.decide.name || 'without a name'}`)
    case 'nobody':
      return NO
    case 'invalid':
      return null
  }
}

/** Which rows: the anonymous have no claims, so the answer of an owner is unknown to them. */
function rowFor(
  leaf: Extract<PolicyLeaf, { readonly type: 'owner' | 'filter' }>,
  role: Role,
): Answer | null {
  if (leaf.type === 'filter') return depends(`rows ${JSON.stringify(leaf.filter)}`)
  return role.isSignedIn ? depends(`${leaf.column} = the claim ${leaf.claim}`) : null
}

function negated(answer: Answer | null): Answer {
  if (answer === null) return NO
  if (answer.answer === 'depends') return depends(`not (${answer.on})`)
  return answer.answer === 'yes' ? NO : YES
}

export function allOf(answers: readonly Answer[]): Answer {
  if (answers.some(({ answer }) => answer === 'no')) return NO
  return joined(answers, ' and ', YES)
}

function anyOf(answers: readonly Answer[]): Answer {
  if (answers.some(({ answer }) => answer === 'yes')) return YES
  return joined(answers, ' or ', NO)
}

function joined(answers: readonly Answer[], word: string, without: Answer): Answer {
  const on = [...new Set(answers.flatMap((answer) => answer.on ?? []))]
  return on.length === 0 ? without : depends(on.join(word))
}

/** Roles that a policy names. */
export function rolesIn(policy: PolicyNode): readonly string[] {
  switch (policy.type) {
    case 'any':
    case 'all':
      return policy.of.flatMap(rolesIn)
    case 'not':
      return rolesIn(policy.of)
    case 'role':
      return policy.roles
    default:
      return []
  }
}

/** A policy in the words of the declaration. */
export function textOf(policy: PolicyNode): string {
  switch (policy.type) {
    case 'any':
    case 'all':
      return `${policy.type}(${policy.of.map(textOf).join(', ')})`
    case 'not':
      return `not(${textOf(policy.of)})`
    case 'role':
      return `role(${policy.roles.join(', ')})`
    case 'owner':
      return `owner(${policy.column}, ${policy.claim})`
    case 'filter':
      return JSON.stringify(policy.filter)
    case 'decide':
      return `the function ${policy.decide.name || 'without a name'}`
    default:
      return policy.type
  }
}
