// Policies evaluated for one caller: data in, a yes, a no or a condition on rows out.
import {
  type FilterTree,
  type PolicyLeaf,
  type PolicyNode,
  undefinedMember,
  unplainMember,
} from '../../schema/declare/access.ts'
import { type Caller, isSignedIn } from '../../schema/declare/caller.ts'
import { parseInput } from '../../schema/inputs/validation-issues.ts'
import type { Field, Relation, Resource } from '../../schema/model/model.ts'
import { givenMembers } from '../parse/members.ts'
import { type ParsedFilter, toParsedFilter } from '../parse/parse-filter.ts'
import { type Authorization, type Decision, slotOf } from './authorization.ts'
import { filterCondition } from './filter-condition.ts'

/** The subject of a policy: rows of a resource, or the caller alone, at a place of the declaration that the log names. */
type Subject = Resource | { readonly place: string }

const hasRows = (subject: Subject): subject is Resource => 'access' in subject

/** What one leaf says; null is unknown: it cannot be asked, because a claim is missing or there is no row. */
type Answer = Decision | null

/**
 * Evaluates a policy for one caller, with three values: yes, no and unknown (docs/decisions/0041). Only leaves are negated (access.ts).
 * So each unknown leaf can count as no at once: nothing above it turns that into a yes.
 */
export function evaluatePolicy(
  authorization: Authorization,
  policy: PolicyNode,
  subject: Subject,
): Decision {
  switch (policy.type) {
    case 'any':
      return combine(
        policy.of.map((part) => evaluatePolicy(authorization, part, subject)),
        'or',
      )
    case 'all':
      return combine(
        policy.of.map((part) => evaluatePolicy(authorization, part, subject)),
        'and',
      )
    case 'not':
      return opposite(answerOf(authorization, policy.of, subject)) ?? false
    default:
      return answerOf(authorization, policy, subject) ?? false
  }
}

/** NOT of a condition is SQL's, which is unknown where the condition is. */
function opposite(answer: Answer): Answer {
  if (answer === null) return null
  return typeof answer === 'boolean' ? !answer : { type: 'not', of: answer }
}

function answerOf(authorization: Authorization, policy: PolicyLeaf, subject: Subject): Answer {
  const { caller } = authorization
  switch (policy.type) {
    case 'everyone':
      return true
    case 'nobody':
      return false
    case 'signedIn':
      return isSignedIn(caller)
    case 'role':
      return policy.roles.some((role) => caller.roles.includes(role))
    case 'owner':
      return hasRows(subject) ? ownerAnswer(authorization, policy, subject) : null
    case 'filter':
      return hasRows(subject) ? decideStatic(authorization, policy.filter, subject) : null
    case 'decide':
      return functionAnswer(authorization, policy.decide, subject)
    case 'invalid':
      return null
  }
}

function functionAnswer(
  authorization: Authorization,
  decideOf: (caller: Caller<never>) => unknown,
  subject: Subject,
): Answer {
  const answer = decideOf(authorization.caller as never) // the declaration's caller schema made the claims
  const text = answerText(answer)
  authorization.decided.push({ decide: decideOf, answer: text })
  if (typeof answer === 'boolean') return answer
  if (hasRows(subject)) return decideFilter(authorization, subject, { decideOf, answer, text })
  authorization.filtersWithoutRow.add(subject.place)
  return null
}

/** What a function of the caller has answered, to tell it from another answer: JSON, in which what JSON leaves out is seen. */
export const answerText = (answer: unknown): string =>
  typeof answer === 'boolean' ? String(answer) : JSON.stringify(answer, toSeen)

const toSeen = (_name: string, value: unknown): unknown =>
  value === undefined ||
  typeof value === 'bigint' ||
  (typeof value === 'number' && !Number.isFinite(value))
    ? { '': String(value) }
    : value

/** A claim that is missing, or of another kind than the column's values, cannot be compared. */
function ownerAnswer(
  authorization: Authorization,
  policy: Extract<PolicyLeaf, { type: 'owner' }>,
  resource: Resource,
): Answer {
  const field = resource.inner.fields.get(policy.column)
  const claim = authorization.caller.claims[policy.claim]
  if (field === undefined || claim === undefined || claim === null) return null
  const forms = formsOf(claim)
  const form = fittingForm(field, forms)
  if (form === -1) return null
  const slot = slotOf(authorization, forms[form], { claim: policy.claim, form })
  return { type: 'compare', field, operator: 'eq', slot }
}

/**
 * Tokens write a number as a number or as text, independently of the column's type. A claim is taken exactly: a number
 * beyond 2^53 has lost its last digits when the token was parsed, so it has no form.
 */
export function formsOf(claim: unknown): readonly unknown[] {
  if (typeof claim === 'number') return isExact(claim) ? [claim, String(claim)] : []
  if (typeof claim !== 'string') return [claim]
  const number = Number(claim)
  return isExact(number) && String(number) === claim ? [claim, number] : [claim]
}

const isExact = (number: number): boolean =>
  Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number))

/** Which form of a claim a column can hold; -1 for none. */
export const fittingForm = (field: Field, forms: readonly unknown[]): number =>
  forms.findIndex((form) => isExactFor(field, form) && field.wire.safeParse(form).success)

/** PostgreSQL reads the text `01` as the number 1. A claim of `01` is another text, so it fits no column of numbers. */
const isExactFor = ({ kind }: Field, form: unknown): boolean =>
  (kind.name !== 'bigint' && kind.name !== 'decimal') ||
  typeof form !== 'string' ||
  !/^-?0\d|^-0$/.test(form)

interface Answered {
  readonly decideOf: (caller: Caller<never>) => unknown
  readonly answer: unknown
  /** Of the answer. */
  readonly text: string
}

interface Checked {
  readonly text: string
  readonly filter: ParsedFilter
}

/** The filter that each function answered a caller last. A check costs 5 us, and callers are asked with every request. */
const answered = new WeakMap<Caller, WeakMap<Resource, Map<Answered['decideOf'], Checked>>>()

/** A filter that the team's own code has built: a wrong one is no fault of the caller, and goes to the log. */
function decideFilter(
  authorization: Authorization,
  resource: Resource,
  { decideOf, answer, text }: Answered,
): Decision {
  const { caller } = authorization
  const ofCaller =
    answered.get(caller) ?? new WeakMap<Resource, Map<Answered['decideOf'], Checked>>()
  answered.set(caller, ofCaller)
  const known = ofCaller.get(resource) ?? new Map<Answered['decideOf'], Checked>()
  ofCaller.set(resource, known)
  const unplain = unplainMember(answer)
  if (unplain !== null)
    throw wrongFilter(
      resource,
      `${unplain === '' ? 'it' : unplain} is no plain data; answer an object without classes, getters and functions.`,
    )
  const last = known.get(decideOf)
  const filter = last?.text === text ? last.filter : checkedFilter(authorization, answer, resource)
  known.set(decideOf, { text, filter })
  return toDecision(authorization, filter, resource)
}

function toDecision(
  authorization: Authorization,
  filter: ParsedFilter,
  resource: Resource,
): Decision {
  const condition = filterCondition({ authorization, view: null }, resource, filter)
  return condition.type === 'constant' ? condition.value : condition
}

/** Filters of the declaration, which never change: each is checked once. */
const checked = new WeakMap<FilterTree, Map<Resource, ParsedFilter>>()

function decideStatic(
  authorization: Authorization,
  filter: FilterTree,
  resource: Resource,
): Decision {
  const known = checked.get(filter) ?? new Map<Resource, ParsedFilter>()
  checked.set(filter, known)
  const parsed = known.get(resource) ?? checkedFilter(authorization, filter, resource)
  known.set(resource, parsed)
  return toDecision(authorization, parsed, resource)
}

const wrongFilter = ({ key }: Resource, what: string): Error =>
  new Error(`A policy of ${key} gave a wrong filter: ${what}`)

function checkedFilter(
  authorization: Authorization,
  filter: unknown,
  resource: Resource,
): ParsedFilter {
  const wrong = (what: string): Error => wrongFilter(resource, what)
  const missing = undefinedMember(filter)
  if (missing !== null)
    throw wrong(`${missing} is undefined; answer false where a claim is missing.`)
  const parsed = parseInput(authorization.inner.where(resource), filter, 'where')
  if (!parsed.ok)
    throw wrong(parsed.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(' '))
  if (givenMembers(parsed.value).length === 0)
    throw wrong('it is empty; answer true for every row.')
  return toParsedFilter({ model: authorization.model, view: 'inner' }, resource, parsed.value, [])
}

function combine(decisions: readonly Decision[], type: 'and' | 'or'): Decision {
  const decisive = type === 'or'
  if (decisions.includes(decisive)) return decisive
  const of = decisions.filter((decision) => typeof decision !== 'boolean')
  if (of.length === 0) return !decisive
  return of.length === 1 ? (of[0] ?? !decisive) : { type, of }
}

/** Whether the caller may read a resource's rows: decided once per request. */
export function mayRead(authorization: Authorization, resource: Resource): Decision {
  const known = authorization.readDecisions.get(resource.key)
  if (known !== undefined) return known
  const decision = evaluatePolicy(authorization, resource.access.read, resource)
  authorization.readDecisions.set(resource.key, decision)
  return decision
}

/** Whether the caller may read a field of the rows. */
export const mayReadField = (
  authorization: Authorization,
  resource: Resource,
  field: Field,
): Decision => field.read === null || evaluatePolicy(authorization, field.read, resource)

/** What a relation's junction hides, where the junction is a resource of its own. */
export function throughDecision(authorization: Authorization, relation: Relation): Decision {
  const junction = relation.through?.resource ?? null
  if (junction === null) return true
  const resource = authorization.model.resources.get(junction)
  return resource === undefined || mayRead(authorization, resource)
}
