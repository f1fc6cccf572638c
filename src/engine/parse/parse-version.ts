// The version that a write is about: what the caller gave, as the condition that the row must meet.
import { type Condition, TRUE } from '../../db/plan/read-request.ts'
import { VERSION_FORM } from '../../db/plan/version.ts'
import { addIssue, type Issue, Problem } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'
import { type Asking, slotOf } from '../authorize/authorization.ts'

/** Whatever version the row has: it only has to be there (RFC 9110, section 13.1.1). */
export const anyVersion = Symbol('any version')

/** What a request says of the row's version: one of these; whichever; nothing. */
export type Expected = readonly string[] | typeof anyVersion | null

/** @param given what came: a version or several, `anyVersion`, or undefined. Null is refused: an absent variable must not widen a write */
export function parseExpected(given: unknown, issues: Issue[]): Expected {
  if (given === undefined) return null
  if (given === anyVersion) return anyVersion
  const versions: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (versions.every((version) => typeof version === 'string')) return versions.map(bare).filter((version) => VERSION_FORM.test(version))
  addIssue(issues, { in: 'key', path: ['ifVersion'], code: 'wrong_type', message: 'Expected a version as text; leave it out to write whatever the version is.' })
  return null
}

/** An ETag names the representation behind the version: see docs/decisions/0023. */
const bare = (version: string): string => version.split('.', 1)[0] ?? ''

export const versionTag = (version: string, representation: string): string => `${version}.${representation}`

/** What must hold of the row; one that none of the given versions can be is found out by the row, like any other. */
export function versionCondition(asking: Asking, expected: Expected): Condition {
  if (expected === null || expected === anyVersion) return TRUE
  return { type: 'version', slot: slotOf(asking, expected, { leaf: 'version' }) }
}

export function requireVersion(resource: Resource, expected: Expected): void {
  if (resource.version?.required !== true || Array.isArray(expected)) return
  throw new Problem('PRECONDITION_REQUIRED', `Say which version of the ${resource.type} this is about; reading it gives its version.`)
}

export const versionPassed = (resource: Resource): Problem =>
  new Problem('PRECONDITION_FAILED', `The ${resource.type} is no longer of the version that was given.`)
