// Columns that a create policy can fill in: those that it leaves some caller no choice about (docs/decisions/0026).
import type { PolicyLeaf, PolicyNode } from '../declare/access.ts'

interface Pin {
  readonly column: string
  readonly claim: string
}

/** Names of the columns that are filled in for some caller; engine/authorize/owner-columns.ts decides it for the one who asks. */
export const ownColumns = (policy: PolicyNode): ReadonlySet<string> =>
  new Set(pinsOf(policy).map(({ column }) => column))

/** What must equal a claim wherever the policy says anything but no. Functions and filters are not looked into. */
function pinsOf(policy: PolicyNode): readonly Pin[] {
  switch (policy.type) {
    case 'owner':
      return [policy]
    case 'all':
      return policy.of.flatMap(pinsOf)
    case 'any': {
      const ways = policy.of.map((part) => ({ part, pins: pinsOf(part) }))
      return ways.flatMap(({ part, pins }) =>
        pins.filter(({ column, claim }) =>
          ways.every(
            (other) =>
              other.part === part ||
              other.pins.some((pin) => pin.column === column) ||
              mayBeNo(other.part, claim),
          ),
        ),
      )
    }
    default:
      return []
  }
}

/** Whether a policy can say no, whatever the row, to a caller who has this claim. */
function mayBeNo(policy: PolicyNode, claim: string): boolean {
  switch (policy.type) {
    case 'nobody':
    case 'role':
    case 'decide':
    case 'invalid':
      return true
    case 'everyone':
    case 'signedIn':
    case 'filter':
      return false
    case 'owner':
      return policy.claim !== claim
    case 'any':
      return policy.of.every((part) => mayBeNo(part, claim))
    case 'all':
      return policy.of.some((part) => mayBeNo(part, claim))
    case 'not':
      return mayBeNotNo(policy.of, claim)
  }
}

/** The same of a negated leaf. A claim that is missing is unknown, and its negation lets nobody in either. */
function mayBeNotNo(leaf: PolicyLeaf, claim: string): boolean {
  if (leaf.type === 'owner') return leaf.claim !== claim
  return leaf.type !== 'nobody' && leaf.type !== 'filter'
}
