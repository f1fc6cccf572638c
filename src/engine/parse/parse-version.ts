// The version that a write is about, as the request gives it.
import { VERSION_FORM } from '../../db/plan/version.ts'
import { addIssue, type Issue } from '../../errors.ts'
import { anyVersion, type Expected } from '../row-version.ts'

/** @param given what came: a version or several, `anyVersion`, or undefined. Null is refused: an absent variable must not widen a write */
export function parseExpected(given: unknown, issues: Issue[]): Expected {
  if (given === undefined) return null
  if (given === anyVersion) return anyVersion
  const versions: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (versions.every((version) => typeof version === 'string'))
    return versions.map(bare).filter((version) => VERSION_FORM.test(version))
  addIssue(issues, {
    in: 'key',
    path: ['ifVersion'],
    code: 'wrong_type',
    message: 'Expected a version as text; leave it out to write whatever the version is.',
  })
  return null
}

/** An ETag names the representation behind the version: see docs/decisions/0023. */
const bare = (version: string): string => version.split('.', 1)[0] ?? ''
