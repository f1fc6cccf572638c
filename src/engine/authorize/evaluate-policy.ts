// Policies judged for one caller: data in, a yes, a no or a condition on rows out. Nothing here knows a face.
import { type Condition, FALSE, TRUE } from '../../db/plan/read-request.ts'
import type { FilterTree, PolicyNode } from '../../schema/declare/access.ts'
import { isSignedIn } from '../../schema/declare/caller.ts'
import { parseInput } from '../../schema/inputs/validation-issues.ts'
import type { Field, Relation, Resource } from '../../schema/model/model.ts'
import { type Asking, type Decision, slotOf } from './authorization.ts'
import { filterCondition } from './filter-condition.ts'

// oxlint-disable-next-line complexity -- one arm for each kind of policy
export function decide(asking: Asking, policy: PolicyNode, resource: Resource | null): Decision {
  const { caller } = asking
  switch (policy.type) {
    case 'everyone': return true
    case 'nobody': return false
    case 'signedIn': return isSignedIn(caller)
    case 'role': return policy.roles.some((role) => caller.roles.includes(role))
    case 'owner': return decideOwner(asking, policy, resource)
    case 'filter': return resource === null ? false : decideStatic(asking, policy.filter, resource)
    case 'decide': {
      const answer = policy.decide(caller as never) // the declaration's caller schema made the claims
      asking.decided.push({ decide: policy.decide, answer: answerText(answer) })
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

/** What a function of the caller has answered, to tell it from another answer: JSON, in which what JSON leaves out is seen. */
export const answerText = (answer: unknown): string => JSON.stringify(answer, (_name, value: unknown) =>
  value === undefined || typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? { '': String(value) } : value)

function decideOwner(asking: Asking, policy: Extract<PolicyNode, { type: 'owner' }>, resource: Resource | null): Decision {
  const field = resource?.inner.fields.get(policy.column)
  const claim = asking.caller.claims[policy.claim]
  if (field === undefined || claim === undefined || claim === null) return false
  // A claim that the column cannot hold is in no row of it, and no fault of the request's.
  const forms = formsOf(claim)
  const form = fittingForm(field, forms)
  return form !== -1 && { type: 'compare', field, operator: 'eq', slot: slotOf(asking, forms[form], { claim: policy.claim, form }) }
}

/** Tokens write a number as one or as text, whatever the column. */
export const formsOf = (claim: unknown): readonly unknown[] =>
  typeof claim === 'number' ? [claim, String(claim)] : typeof claim === 'string' && /^-?\d+$/.test(claim) ? [claim, Number(claim)] : [claim]

/** Which form of a claim a column can hold; -1 for none. */
export const fittingForm = (field: Field, forms: readonly unknown[]): number => forms.findIndex((form) => field.wire.safeParse(form).success)

/** A filter of the team's own code: a wrong one is our caller's luck, not their fault, and goes to the log. */
function decideFilter(asking: Asking, filter: unknown, resource: Resource): Decision {
  return toDecision(asking, checkedFilter(asking, filter, resource), resource)
}

function toDecision(asking: Asking, filter: FilterTree, resource: Resource): Decision {
  const condition = filterCondition({ asking, view: null }, resource, filter, [])
  return condition.type === 'constant' ? condition.value : condition
}

/** Filters of the declaration, which are the same every time, as they were found right. */
const checked = new WeakMap<FilterTree, Map<Resource, FilterTree>>()

function decideStatic(asking: Asking, filter: FilterTree, resource: Resource): Decision {
  const known = checked.get(filter) ?? new Map<Resource, FilterTree>()
  checked.set(filter, known)
  const tree = known.get(resource) ?? checkedFilter(asking, filter, resource)
  known.set(resource, tree)
  return toDecision(asking, tree, resource)
}

function checkedFilter(asking: Asking, filter: unknown, resource: Resource): FilterTree {
  const wrong = (what: string): Error => new Error(`A policy of ${resource.key} gave a wrong filter: ${what}`)
  const missing = undefinedMember(filter)
  if (missing !== null) throw wrong(`${missing} is undefined; answer false where a claim is missing.`)
  const parsed = parseInput(asking.inner.where(resource), filter, 'where')
  if (!parsed.ok) throw wrong(parsed.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(' '))
  if (Object.keys(parsed.value as FilterTree).length === 0) throw wrong('it is empty; answer true for every row.') // the schema's output
  return parsed.value as FilterTree // as above
}

/** The path of a member that is undefined: what a missing claim makes of a filter must not match everything. */
function undefinedMember(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) return name
    const inner = undefinedMember(member)
    if (inner !== null) return `${name}.${inner}`
  }
  return null
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
