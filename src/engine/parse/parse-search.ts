// The text of a list's full-text search.
import { addIssue, addIssues, type Issue } from '../../errors.ts'
import { parseInput } from '../../schema/inputs/validation-issues.ts'
import type { Resource } from '../../schema/model/model.ts'
import { searchedText } from '../../schema/declare/search.ts'

/** The text of a list's `search`; null where none is given, or what is given has been noted as wrong. */
export function parseSearch(
  issues: Issue[],
  { search, plural }: Resource,
  text: unknown,
  path: Issue['path'],
): string | null {
  if (text === undefined) return null
  if (search === null) {
    addIssue(issues, {
      in: 'search',
      path,
      code: 'unknown_member',
      message: `${plural} have no search.`,
    })
    return null
  }
  const parsed = parseInput(searchedText, text, 'search', path)
  if (parsed.ok) return String(parsed.value)
  addIssues(issues, parsed.issues)
  return null
}
