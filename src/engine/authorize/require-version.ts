// The version that a write is about, as the condition that the row must meet.
import { type Condition, TRUE } from '../../db/plan/read-request.ts'
import { Problem } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'
import { anyVersion, type Expected } from '../row-version.ts'
import { type Authorization, slotOf } from './authorization.ts'

/** What must hold of the row; one that none of the given versions can be is found out by the row, like any other. */
export function versionCondition(authorization: Authorization, expected: Expected): Condition {
  if (expected === null || expected === anyVersion) return TRUE
  return { type: 'version', slot: slotOf(authorization, expected, { leaf: 'version' }) }
}

export function requireVersion(resource: Resource, expected: Expected): void {
  if (resource.version?.required !== true || Array.isArray(expected)) return
  throw new Problem(
    'PRECONDITION_REQUIRED',
    `Say which version of the ${resource.type} this is about; reading it gives its version.`,
  )
}
