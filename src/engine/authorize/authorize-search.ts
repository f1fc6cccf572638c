// A full-text search, authorized: the rows that match, and their order by rank.
import { rankOf } from '../../db/plan/measures.ts'
import { type Condition, type OrderKey, TRUE } from '../../db/plan/read-request.ts'
import type { Issue } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'
import { type Authorization, refuse, slotOf } from './authorization.ts'
import { mayReadField } from './evaluate-policy.ts'

/** The rows that match; refused where a part of what is searched is not the caller's to read, for a match would tell of it. */
export function matchingRows(
  authorization: Authorization,
  resource: Resource,
  text: string | null,
  path: Issue['path'],
): Condition {
  const { search } = resource
  if (search === null || text === null) return TRUE
  for (const { field } of search.parts) {
    if (mayReadField(authorization, resource, field) !== true)
      refuse(
        authorization,
        'search',
        path,
        field.served ? `${field.name} in a search` : `the search of ${resource.plural}`,
      )
  }
  return { type: 'search', search, slot: slotOf(authorization, text) }
}

/** The best matches first. */
export function rankKey(
  authorization: Authorization,
  { search }: Resource,
  text: string,
): OrderKey {
  if (search === null)
    throw new Error('A list is ranked by a search that its resource does not have.')
  return {
    path: [],
    counted: null,
    field: rankOf(search, slotOf(authorization, text)),
    descending: true,
    nullsFirst: true,
  }
}
