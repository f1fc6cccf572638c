// Prepared writes: of two that name the same fields, show the same and come from callers with one profile, the second
// binds and runs the statement of the first. Like a prepared read it refuses nothing by itself.
import type { SingleStatementPlan, Assignment } from '../../db/plan/write.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import type { Authorization, Source } from '../authorize/authorization.ts'
import { type OwnSource, valueFor } from '../authorize/prepared-caller.ts'
import type { WriteContext } from '../authorize/authorize-write.ts'
import type { ParsedRequest } from '../parse/parse-request.ts'

export interface PreparedWrite {
  readonly text: string
  readonly plan: SingleStatementPlan
  /** For each slot of the plan, what fills it. */
  readonly slots: readonly Filler[]
  readonly decided: Authorization['decided']
}

type Filler =
  | OwnSource
  | { readonly input: string }
  | { readonly key: string }
  | { readonly version: true }
  /** A runtime default. */
  | { readonly make: () => unknown }

type Input = Readonly<Record<string, unknown>>
const inputOf = ({ input }: ParsedRequest): Input => (input ?? {}) as Input // an object by its schema

/** The fingerprint of a write: what two must have in common; null where more than a row's own fields is asked for, which takes several statements. */
export function writeFingerprint({
  profileOf,
  operation,
  parsed,
  denied,
  authorization: { caller },
}: WriteContext): string | null {
  const { selection } = parsed
  if (selection === null || selection.relations.length > 0) return null
  let given = ''
  for (const [field, value] of Object.entries(inputOf(parsed))) {
    if (value !== undefined) given += value === null ? `${field}-` : `${field}+` // a null refers to no other row
  }
  const version = `${Array.isArray(parsed.version) ? 'if' : ''}${selection.version === true ? '+' : ''}`
  return `write ${operation.name} ${profileOf(caller)} ${denied} ${given} ${selection.fields === 'default' ? '*' : selection.fields.join()} ${version}`
}

export function fillSlots(
  { slots }: PreparedWrite,
  parsed: ParsedRequest,
  caller: Caller,
): readonly unknown[] {
  const input = inputOf(parsed)
  return slots.map((filler) => {
    if ('input' in filler) return input[filler.input]
    if ('key' in filler) return parsed.key?.[filler.key]
    if ('version' in filler) return parsed.version
    if ('make' in filler) return filler.make()
    return valueFor(filler, caller)
  })
}

/** What was learned of a write, once it was judged and planned. `set` is what its plan assigns, defaults included. */
export function toPreparedWrite(
  { sources, decided }: Authorization,
  plan: SingleStatementPlan,
  set: readonly Assignment[],
): PreparedWrite {
  const slots = sources.map(toFiller)
  for (const { slot, make } of set) if (make !== undefined) slots[slot] = { make }
  return { text: plan.text, plan, slots, decided }
}

/** Leaves of a write are `version`, or `input.` or `key.` and the name of a field: see authorize-write.ts. */
function toFiller(source: Source): Filler {
  if (!('leaf' in source)) return source
  const [part, name = ''] = source.leaf.split('.')
  if (part === 'version') return { version: true }
  return part === 'key' ? { key: name } : { input: name }
}
