// The row that a write is about: the conditions that find it, and those that it must meet when it is written.
import { type Condition, TRUE } from '../../db/plan/read-request.ts'
import type { WriteRequest } from '../../db/plan/write-request.ts'
import { Problem } from '../../errors.ts'
import type { Resource, UniqueKey } from '../../schema/model/model.ts'
import { anyVersion, type Expected } from '../row-version.ts'
import { slotOf } from './authorization.ts'
import { allOf } from './filter-condition.ts'
import type { AuthorizedWrite, WriteContext } from './write-context.ts'

/** The row that an update or a delete names must still be of the version that it names. */
export function rowIsOfVersion({ authorization, parsed: { version } }: WriteContext): Condition {
  if (version === null || version === anyVersion) return TRUE
  return { type: 'version', slot: slotOf(authorization, version, { leaf: 'version' }) }
}

export function requireVersion(resource: Resource, expected: Expected): void {
  if (resource.version?.required !== true || Array.isArray(expected)) return
  throw new Problem(
    'PRECONDITION_REQUIRED',
    `Say which version of the ${resource.type} this is about; reading it gives its version.`,
  )
}

/** The row that an update, a delete or an upsert names. */
export function rowOfKey({
  authorization,
  operation: { resource, by },
  parsed,
}: WriteContext): Condition {
  const key = parsed.key ?? {}
  const unique = by ?? resource.primaryKey
  return keyIs(
    unique,
    unique.fields.map(({ name }) => slotOf(authorization, key[name], { leaf: `key.${name}` })),
  )
}

export const keyIs = ({ fields }: UniqueKey, slots: readonly number[]): Condition =>
  allOf(
    fields.map((field, i) => ({ type: 'compare', field, operator: 'eq', slot: slots[i] ?? -1 })),
  )

/** What must hold of the row as written: the policy, then the foreign keys. */
export const rowChecks = ({ allowed, foreignKeys }: AuthorizedWrite): readonly Condition[] => [
  allowed,
  ...foreignKeys.map(({ check }) => check),
]

export const writeRequest = (
  { context, resource, set }: AuthorizedWrite,
  where: Condition | null,
  checks: readonly Condition[],
): WriteRequest => ({
  resource,
  where,
  set,
  checks,
  values: context.authorization.values,
  ...(resource.audit
    ? { audit: slotOf(context.authorization, context.request, { leaf: 'audit' }) }
    : {}),
})
