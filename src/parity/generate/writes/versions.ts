// Random versions of rows, as updates and deletes require them.
import * as fc from 'fast-check'
import type { StandardOperation } from '../../../schema/model/model.ts'
import type { ParityRequest, ParityVersion } from '../../request.ts'
import { weighted } from '../arbitraries.ts'

/** A well-formed version that no row has. */
export const UNUSED_VERSION = '0123456789abcdef'

const wrongVersions: readonly ParityVersion[] = [
  { text: UNUSED_VERSION },
  { text: '' },
  { text: 'no-version' },
  { text: `${UNUSED_VERSION}.${'B'.repeat(8)}` },
  { text: '*' },
]

/** No version, the row's own or a wrong one; nearly always one where the resource requires it. */
export function randomVersion({
  resource: { version },
  standard,
}: StandardOperation): fc.Arbitrary<Pick<ParityRequest, 'version'>> {
  if (version === null || (standard !== 'update' && standard !== 'delete')) return fc.constant({})
  return weighted<Pick<ParityRequest, 'version'>>(
    [version.required ? 1 : 6, fc.constant({})],
    [6, fc.constant({ version: { of: 'row' } })],
    [1, fc.constantFrom(...wrongVersions).map((wrong) => ({ version: wrong }))],
  )
}
