// Prepared creates: of two that name the same fields, show the same and come from callers with one profile, the second
// binds and runs the statement of the first. Like a prepared read it refuses nothing by itself.
import type { Assignment, InsertPlan } from '../db/plan/write.ts'
import type { Caller } from '../schema/caller.ts'
import type { Asking, Source } from './asking.ts'
import { answerText, formsOf } from './decide.ts'
import type { ProfileOf } from './profile.ts'
import type { ParsedRequest } from './shape.ts'

export interface PreparedCreate {
  readonly text: string
  readonly plan: InsertPlan
  /** For each slot of the plan, what fills it. */
  readonly slots: readonly Filler[]
  readonly decided: Asking['decided']
}

type Filler = Source | { readonly make: () => unknown }

type Input = Readonly<Record<string, unknown>>

export interface CreateFacts {
  /** The operation's name, which no other has. */
  readonly name: string
  readonly parsed: ParsedRequest
  readonly denied: 'refuse' | 'omit'
  readonly caller: Caller
}

/** What two creates must have in common; null where more than a row's own fields is asked for, which takes several statements. */
export function createKey(profileOf: ProfileOf, { name, parsed: { input, selection }, denied, caller }: CreateFacts): string | null {
  if (selection === null || selection.relations.length > 0) return null
  let given = ''
  for (const [field, value] of Object.entries(input as Input)) { // an object by its schema
    if (value !== undefined) given += value === null ? `${field}-` : `${field}+` // a null refers to no other row
  }
  return `create ${name} ${profileOf(caller)} ${denied} ${given} ${selection.fields.toString()}`
}

export const isForCaller = ({ decided }: PreparedCreate, caller: Caller): boolean =>
  decided.every(({ decide, answer }) => answerText(decide(caller as never)) === answer) // the declaration's caller schema made the claims

export const fillSlots = ({ slots }: PreparedCreate, input: Input, { claims }: Caller): readonly unknown[] => slots.map((filler) => {
  if ('leaf' in filler) return input[filler.leaf]
  if ('make' in filler) return filler.make()
  return 'claim' in filler ? formsOf(claims[filler.claim])[filler.form] : filler.constant
})

/** What was learned of a create, once it was judged and planned. `set` is what its plan assigns, defaults included. */
export function toPreparedCreate({ sources, decided }: Asking, plan: InsertPlan, set: readonly Assignment[]): PreparedCreate {
  const slots: Filler[] = [...sources]
  for (const { slot, make } of set) if (make !== undefined) slots[slot] = { make }
  return { text: plan.text, plan, slots, decided }
}
