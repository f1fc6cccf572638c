// What a member of a type says of itself, as Pothos and graphql-js take it.
import type { About } from '../../schema/values/value-types.ts'

interface Description {
  description?: string
  deprecationReason?: string
}

export function described({ description, deprecated }: About): Readonly<Description> {
  const said: Description = {}
  if (description !== undefined) said.description = description
  if (deprecated !== undefined)
    said.deprecationReason = deprecated === true ? 'Deprecated.' : deprecated
  return said
}
