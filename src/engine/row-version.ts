// The version of a row as requests give it and answers show it.
import { Problem } from '../errors.ts'
import type { Resource } from '../schema/model/model.ts'

/** Whatever version the row has: it only has to be there (RFC 9110, section 13.1.1). */
export const anyVersion = Symbol('any version')

/** What a request says of the row's version: one of these; whichever; nothing. */
export type Expected = readonly string[] | typeof anyVersion | null

/** An ETag: the row's version, then the representation behind it (docs/decisions/0023). */
export const versionTag = (version: string, representation: string): string =>
  `${version}.${representation}`

export const versionPassed = (resource: Resource): Problem =>
  new Problem(
    'PRECONDITION_FAILED',
    `The ${resource.type} is no longer of the version that was given.`,
  )
