// Columns of a new row that are the caller's own: filled in from the claim where the policy allows no other value.
import type { Condition } from '../../db/plan/read-request.ts'
import type { Assignment } from '../../db/plan/write.ts'
import type { Issue } from '../../errors.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import { type Authorization, type Decision, refuse, slotOf, type Source } from './authorization.ts'
import { formsOf } from './evaluate-policy.ts'

type Input = Readonly<Record<string, unknown>>
type Claim = Extract<Source, { readonly claim: string }>

/** What a create's input comes to. */
export interface Filled {
  /** The input with what was filled in. */
  readonly input: Input
  /** Assignments of what was filled in: each caller's own claim is bound to them. */
  readonly set: readonly Assignment[]
  /** Columns that are neither given nor filled in, and have to be there. */
  readonly missing: readonly Issue[]
}

/** A row to be created. */
export interface Created {
  readonly input: Input
  /** What the create policy comes to for the caller; not a no. */
  readonly decision: Decision
  /** The path of the row in the request's input, where it is one of several. */
  readonly at?: Issue['path']
  /** Columns that a row around it sets. */
  readonly linked?: readonly Field[]
}

/** Fills in what the policy leaves the caller no choice about, and refuses what says otherwise at its path. */
export function fillOwn(
  authorization: Authorization,
  { fields }: Resource,
  { input, decision, at = [], linked = [] }: Created,
): Filled {
  const values: Record<string, unknown> = {}
  const set: Assignment[] = []
  for (const [field, claim] of typeof decision === 'boolean'
    ? []
    : pinnedBy(authorization, decision)) {
    if (linked.includes(field)) continue
    const value = formsOf(authorization.caller.claims[claim.claim])[claim.form]
    if (input[field.name] !== undefined) {
      if (isOther(field, input[field.name], value))
        refuse(authorization, 'input', [...at, field.name], `another ${field.name} than your own`)
    } else if (isFillable(field)) {
      values[field.name] = value
      set.push({ field, slot: slotOf(authorization, value, claim) })
    }
  }
  const filled = { ...input, ...values }
  const missing = [...fields.values()]
    .filter(
      (field) =>
        field.create === 'owned' && filled[field.name] === undefined && !linked.includes(field),
    )
    .map(({ name }): Issue => ({
      in: 'input',
      path: [...at, name],
      code: 'required',
      message: 'This is required.',
    }))
  return { input: filled, set, missing }
}

const NONE: ReadonlyMap<Field, Claim> = new Map()

/** What the condition requires to equal a claim: of all its parts any, of alternatives what each of them requires. */
function pinnedBy(authorization: Authorization, condition: Condition): ReadonlyMap<Field, Claim> {
  switch (condition.type) {
    case 'compare': {
      const source = condition.operator === 'eq' ? authorization.sources[condition.slot] : undefined
      return source !== undefined && 'claim' in source ? new Map([[condition.field, source]]) : NONE
    }
    case 'and':
      return new Map(condition.of.flatMap((part) => [...pinnedBy(authorization, part)]))
    case 'or': {
      const [first = NONE, ...others] = condition.of.map((part) => pinnedBy(authorization, part))
      return new Map(
        [...first].filter(([field, { claim, form }]) =>
          others.every(
            (other) => other.get(field)?.claim === claim && other.get(field)?.form === form,
          ),
        ),
      )
    }
    default:
      return NONE
  }
}

/** What the database gives out by itself cannot be set. */
const isFillable = ({ source }: Field): boolean =>
  'column' in source &&
  source.column.generated === undefined &&
  source.column.generatedIdentity?.type !== 'always'

/** Whether a given value is surely not the caller's own; of kinds with several texts for one value the policy's check says so, on the row. */
function isOther({ kind, list, source }: Field, given: unknown, own: unknown): boolean {
  if (given === null) return true
  if (list || !('column' in source)) return false
  switch (kind.name) {
    case 'uuid':
      return textOf(given).toLowerCase() !== textOf(own).toLowerCase()
    case 'bigint':
      return BigInt(textOf(given)) !== BigInt(textOf(own))
    case 'smallint':
    case 'integer':
    case 'boolean':
    case 'enum':
      return given !== own
    case 'text':
      return /^(text|varchar)/.test(source.column.getSQLType()) && given !== own
    default:
      return false
  }
}

/** Both have passed the kind's schema, which takes text. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
