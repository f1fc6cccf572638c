// Full-text search of a list: the text it is asked for, who may ask, and the order that its rows come in.
import { rankOf } from '../../db/plan/measures.ts'
import { type Condition, type OrderKey, TRUE } from '../../db/plan/read-request.ts'
import { addIssue, addIssues, type Issue } from '../../errors.ts'
import { parseInput } from '../../schema/inputs/validation-issues.ts'
import type { Resource } from '../../schema/model/model.ts'
import { searchedText } from '../../schema/declare/search.ts'
import { type Asking, refuse, slotOf } from '../authorize/authorization.ts'
import { mayReadField } from '../authorize/evaluate-policy.ts'

/** The text of a list's `search`; null where none is given, or what is given has been noted as wrong. */
export function parseSearch(issues: Issue[], { search, plural }: Resource, text: unknown, path: Issue['path']): string | null {
  if (text === undefined) return null
  if (search === null) {
    addIssue(issues, { in: 'search', path, code: 'unknown_member', message: `${plural} have no search.` })
    return null
  }
  const parsed = parseInput(searchedText, text, 'search', path)
  if (parsed.ok) return String(parsed.value)
  addIssues(issues, parsed.issues)
  return null
}

/** The rows that match; refused where a part of what is searched is not the caller's to read, for a match would tell of it. */
export function matchingRows(asking: Asking, resource: Resource, text: string | null, path: Issue['path']): Condition {
  const { search } = resource
  if (search === null || text === null) return TRUE
  for (const { field } of search.parts) {
    if (mayReadField(asking, resource, field) !== true) refuse(asking, 'search', path, field.served ? `${field.name} in a search` : `the search of ${resource.plural}`)
  }
  return { type: 'search', search, slot: slotOf(asking, text) }
}

/** The best matches first. */
export function rankKey(asking: Asking, { search }: Resource, text: string): OrderKey {
  if (search === null) throw new Error('A list is ranked by a search that its resource does not have.')
  return { path: [], counted: null, field: rankOf(search, slotOf(asking, text)), descending: true, nullsFirst: true }
}
