// Columns of a new row that are the caller's own: filled in from the claim where the policy allows no other value.
import type { Condition } from '../../db/plan/read-request.ts'
import type { Assignment } from '../../db/plan/write-request.ts'
import type { Issue } from '../../errors.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import type { RowValues } from '../parse/parse-rows.ts'
import { type Authorization, type Decision, refuse, slotOf, type Source } from './authorization.ts'
import { formsOf } from './evaluate-policy.ts'

type Claim = Extract<Source, { readonly claim: string }>

/** The input of a create, filled in. */
export interface Filled {
  /** The values of the row with those that were filled in. */
  readonly values: RowValues
  /** Assignments of what was filled in: each caller's own claim is bound to them. */
  readonly set: readonly Assignment[]
  /** Columns that are neither given nor filled in, and have to be there. */
  readonly missing: readonly Issue[]
}

/** A row to be created. */
export interface Created {
  readonly values: RowValues
  /** The result of the create policy for the caller; not a no. */
  readonly decision: Decision
  /** The path of the row in the request's input, where it is one of several. */
  readonly at?: Issue['path']
  /** Columns that a row around it sets. */
  readonly linked?: readonly Field[]
}

/** Fills in columns for which the policy allows one value only, and refuses any other value at its path. */
export function fillOwn(
  authorization: Authorization,
  { fields }: Resource,
  { values, decision, at = [], linked = [] }: Created,
): Filled {
  const filled = new Map(values)
  const set: Assignment[] = []
  const pinned = typeof decision === 'boolean' ? NONE : pinnedBy(authorization, decision)
  for (const [field, claim] of pinned) {
    if (linked.includes(field)) continue
    const own = formsOf(authorization.caller.claims[claim.claim])[claim.form]
    if (values.has(field)) {
      if (isOther(field, values.get(field), own))
        refuse(authorization, 'input', [...at, field.name], `another ${field.name} than your own`)
    } else if (isFillable(field)) {
      filled.set(field, own)
      set.push({ field, slot: slotOf(authorization, own, claim) })
    }
  }
  const missing = [...fields.values()]
    .filter((field) => field.create === 'owned' && !filled.has(field) && !linked.includes(field))
    .map(({ name }): Issue => ({
      in: 'input',
      path: [...at, name],
      code: 'required',
      message: 'This is required.',
    }))
  return { values: filled, set, missing }
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

/** Whether a given value is surely not the caller's own. Kinds with several texts for one value are left to the policy's check of the row. */
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
