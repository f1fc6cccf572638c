// What a write sets in its rows, authorized: each field, the caller's own columns, and foreign keys.
import type { Assignment } from '../../db/plan/write-request.ts'
import type { Issue } from '../../errors.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import { invalid } from '../parse/parse-request.ts'
import type { RowValues } from '../parse/parse-rows.ts'
import { type Authorization, type Decision, refuse, slotOf } from './authorization.ts'
import { evaluatePolicy } from './evaluate-policy.ts'
import { foreignKeyChecks } from './foreign-key-checks.ts'
import { fillOwn } from './owner-columns.ts'
import {
  NO_CHANGES,
  type RowChanges,
  type RowInput,
  type WriteContext,
  type WriteVerb,
} from './write-context.ts'

interface VerbDecision {
  readonly verb: WriteVerb
  readonly decision: Decision
}

/** What the rows' inputs set, with what a create's policy fills in; fields that the caller may not write are noted. */
export function authorizeChanges(
  { authorization, operation: { resource } }: WriteContext,
  { verb, decision }: VerbDecision,
  rows: readonly RowInput[],
): readonly RowChanges[] {
  if (verb === 'delete') return rows.map(() => NO_CHANGES)
  const filled = rows.map(({ values, path, links }) =>
    verb === 'create'
      ? fillOwn(authorization, resource, { values, decision, at: path, linked: links })
      : { values, set: [], missing: [] },
  )
  const missing = filled.flatMap((row) => row.missing)
  if (missing.length > 0) throw invalid(missing)
  return filled.map((own, i) => {
    const { values = own.values, path = [], links = [] } = rows[i] ?? {}
    const linked = links.map((field): Assignment => ({ field, slot: slotOf(authorization, null) }))
    const named = assignments(authorization, resource, values, path)
    for (const field of links) authorizeField(authorization, resource, field, path)
    return {
      set: [...named, ...own.set, ...linked],
      linked,
      foreignKeys: foreignKeyChecks(authorization, resource, own.values),
    }
  })
}

/** Each given field with its slot; one that this caller may not write is refused at its path. */
const assignments = (
  authorization: Authorization,
  resource: Resource,
  values: RowValues,
  path: Issue['path'],
): readonly Assignment[] =>
  [...values].map(([field, value]) => {
    authorizeField(authorization, resource, field, [...path, field.name])
    return { field, slot: slotOf(authorization, value, { leaf: `input.${field.name}` }) }
  })

/** A field's `write` asks about the caller alone, in an update too (docs/decisions/0041). */
function authorizeField(
  authorization: Authorization,
  { key }: Resource,
  { name, write }: Field,
  path: Issue['path'],
): void {
  if (
    write !== null &&
    evaluatePolicy(authorization, write, { place: `${key}.fields.${name}.write` }) !== true
  )
    refuse(authorization, 'input', path, `${name} in an input`)
}
