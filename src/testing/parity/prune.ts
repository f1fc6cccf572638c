// Requests and answers without the names that a caller may not see.
import type { ParitySelection } from './request.ts'
import type { OutcomePage } from './outcome.ts'

type Path = readonly string[]
type Json = Readonly<Record<string, unknown>>

/** The selection without what stands at these paths; null where a level would be left with nothing. */
export function withoutNames(selection: ParitySelection, paths: readonly Path[]): ParitySelection | null {
  const here = new Set(paths.filter((path) => path.length === 1).map(([name]) => name))
  const fields = selection.fields === 'default' ? 'default' : selection.fields.filter((name) => !here.has(name))
  const relations: ParitySelection['relations'][number][] = []
  for (const relation of selection.relations) {
    if (here.has(relation.name)) continue
    const below = withoutNames(relation.selection, paths.filter(([name, ...rest]) => name === relation.name && rest.length > 0).map(([, ...rest]) => rest))
    if (below === null) return null
    relations.push({ ...relation, selection: below })
  }
  return fields.length === 0 && relations.length === 0 ? null : { fields, relations }
}

const isPage = (value: object): value is OutcomePage => 'rows' in value && 'next' in value && 'previous' in value

/** An answer without what stands at these paths. */
export function withoutMembers(value: unknown, paths: readonly Path[]): unknown {
  if (typeof value !== 'object' || value === null || paths.length === 0) return value
  if (Array.isArray(value)) return value.map((row) => withoutMembers(row, paths))
  if (isPage(value)) return { ...value, rows: value.rows.map((row) => withoutMembers(row, paths)) }
  const here = new Set(paths.filter((path) => path.length === 1).map(([name]) => name))
  return Object.fromEntries(Object.entries(value as Json).filter(([name]) => !here.has(name)) // neither list nor page: a row
    .map(([name, member]) => [name, withoutMembers(member, paths.filter(([first, ...rest]) => first === name && rest.length > 0).map(([, ...rest]) => rest))]))
}

/** Whether an answer has a row that the name at this path belongs to. */
export function hasPlace(value: unknown, [name = '', ...rest]: Path): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some((row) => hasPlace(row, [name, ...rest]))
  if (isPage(value)) return value.rows.some((row) => hasPlace(row, [name, ...rest]))
  return rest.length === 0 || hasPlace((value as Json)[name], rest) // a row, as above
}
