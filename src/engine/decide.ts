// Policies judged for one caller: data in, a yes, a no or a condition on rows out. Nothing here knows a face.
import { type Condition, FALSE, TRUE } from '../db/plan/read-request.ts'
import type { FilterTree, PolicyNode } from '../schema/access.ts'
import { isSignedIn } from '../schema/caller.ts'
import { parseInput } from '../schema/issues.ts'
import type { Field, Relation, Resource } from '../schema/model.ts'
import { type Asking, type Decision, slotOf } from './asking.ts'
import { filterCondition } from './filter.ts'

// oxlint-disable-next-line complexity -- one arm for each kind of policy
export function decide(asking: Asking, policy: PolicyNode, resource: Resource | null): Decision {
  const { caller } = asking
  switch (policy.type) {
    case 'everyone': return true
    case 'nobody': return false
    case 'signedIn': return isSignedIn(caller)
    case 'role': return policy.roles.some((role) => caller.roles.includes(role))
    case 'owner': return decideOwner(asking, policy, resource)
    case 'filter': return resource === null ? false : decideFilter(asking, policy.filter, resource)
    case 'decide': {
      const answer = policy.decide(caller as never) // the declaration's caller schema made the claims
      if (typeof answer === 'boolean') return answer
      return resource === null ? false : decideFilter(asking, answer, resource)
    }
    case 'any': return combine(policy.of.map((part) => decide(asking, part, resource)), 'or')
    case 'all': return combine(policy.of.map((part) => decide(asking, part, resource)), 'and')
    case 'not': {
      const decision = decide(asking, policy.of, resource)
      return typeof decision === 'boolean' ? !decision : { type: 'not', of: decision }
    }
  }
}

function decideOwner(asking: Asking, policy: Extract<PolicyNode, { type: 'owner' }>, resource: Resource | null): Decision {
  const field = resource?.inner.fields.get(policy.column)
  const claim = asking.caller.claims[policy.claim]
  if (field === undefined || claim === undefined || claim === null) return false
  return { type: 'compare', field, operator: 'eq', slot: slotOf(asking, claim) }
}

/** A filter of the team's own code: a wrong one is our caller's luck, not their fault, and goes to the log. */
function decideFilter(asking: Asking, filter: unknown, resource: Resource): Decision {
  const parsed = parseInput(asking.inner.where(resource), filter, 'where')
  if (!parsed.ok) {
    throw new Error(`A policy of ${resource.key} gave a wrong filter: ${parsed.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(' ')}`)
  }
  const condition = filterCondition({ asking, view: null }, resource, parsed.value as FilterTree, [])
  return condition.type === 'constant' ? condition.value : condition
}

function combine(decisions: readonly Decision[], type: 'and' | 'or'): Decision {
  const decisive = type === 'or'
  if (decisions.includes(decisive)) return decisive
  const of = decisions.filter((decision) => typeof decision !== 'boolean')
  if (of.length === 0) return !decisive
  return of.length === 1 ? of[0] ?? !decisive : { type, of }
}

export const toCondition = (decision: Decision): Condition =>
  typeof decision !== 'boolean' ? decision : decision ? TRUE : FALSE

/** Who may read a resource's rows: decided once per request. */
export function mayRead(asking: Asking, resource: Resource): Decision {
  const known = asking.readDecisions.get(resource.key)
  if (known !== undefined) return known
  const decision = decide(asking, resource.access.read, resource)
  asking.readDecisions.set(resource.key, decision)
  return decision
}

/** Who may read a field of the rows. */
export const mayReadField = (asking: Asking, resource: Resource, field: Field): Decision =>
  field.read === null ? true : decide(asking, field.read, resource)

/** What a relation's junction hides, where the junction is a resource of its own. */
export function throughDecision(asking: Asking, relation: Relation): Decision {
  const junction = relation.through?.resource ?? null
  const resource = junction === null ? undefined : asking.model.resources.get(junction)
  return resource === undefined ? true : mayRead(asking, resource)
}
