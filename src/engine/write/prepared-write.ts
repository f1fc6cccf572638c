// Prepared writes: of two that name the same fields, show the same and come from callers with one profile, the second
// binds and runs the statement of the first. A cache hit reports no errors: on any mismatch the full path runs, which does.
import type { Assignment } from '../../db/plan/write-request.ts'
import type { SingleStatementPlan } from '../../db/plan/write-single.ts'
import type { Authorization, Source } from '../authorize/authorization.ts'
import { type OwnSource, valueFor } from '../authorize/caller-profile.ts'
import { rowOf, type WriteContext } from '../authorize/write-context.ts'
import type { Field } from '../../schema/model/model.ts'

export interface PreparedWrite {
  readonly text: string
  readonly plan: SingleStatementPlan
  /** For each slot of the plan, what fills it. */
  readonly slots: readonly Filler[]
  readonly decided: Authorization['decided']
}

type Filler =
  | OwnSource
  | { readonly field: Field }
  | { readonly key: string }
  | { readonly version: true }
  /** Who asks, and by which request, for the audit. */
  | { readonly origin: true }
  /** A runtime default. */
  | { readonly make: () => unknown }

/** The fingerprint of a write: what two must have in common; null where more than a row's own fields is asked for, which takes several statements. */
export function preparedWriteFingerprint(context: WriteContext): string | null {
  const {
    profileOf,
    operation,
    parsed,
    denied,
    authorization: { caller },
  } = context
  const { selection } = parsed
  if (selection === null || selection.relations.length > 0) return null
  let given = ''
  for (const [{ name }, value] of rowOf(context).values)
    given += value === null ? `${name}-` : `${name}+` // a null refers to no other row
  const shown =
    selection.fields === 'default' ? '*' : selection.fields.map(({ name }) => name).join()
  const version = `${Array.isArray(parsed.version) ? 'if' : ''}${selection.version === true ? '+' : ''}`
  return `write ${operation.name} ${profileOf(caller)} ${denied} ${given} ${shown} ${version}`
}

export function fillSlots({ slots }: PreparedWrite, context: WriteContext): readonly unknown[] {
  const {
    parsed,
    authorization: { caller },
  } = context
  const { values } = rowOf(context)
  return slots.map((filler) => {
    if ('field' in filler) return values.get(filler.field)
    if ('key' in filler) return parsed.key?.[filler.key]
    if ('version' in filler) return parsed.version
    if ('origin' in filler) return context.request
    if ('make' in filler) return filler.make()
    return valueFor(filler, caller)
  })
}

/** What is kept of a write that was authorized and planned. `set` is what its plan assigns, defaults included. */
export function toPreparedWrite(
  { sources, decided }: Authorization,
  plan: SingleStatementPlan,
  set: readonly Assignment[],
): PreparedWrite {
  const assigned = new Map(set.map(({ slot, field }) => [slot, field]))
  const slots = sources.map((source, slot) => toFiller(source, assigned.get(slot)))
  for (const { slot, make } of set) if (make !== undefined) slots[slot] = { make }
  return { text: plan.text, plan, slots, decided }
}

/** Leaves of a write are the version, the origin of the audit, values of the key, and what is assigned to a field. */
function toFiller(source: Source, assigned: Field | undefined): Filler {
  if (!('leaf' in source)) return source
  if (assigned !== undefined) return { field: assigned }
  if (source.leaf === 'audit') return { origin: true }
  return source.leaf === 'version' ? { version: true } : { key: source.leaf.slice('key.'.length) }
}
