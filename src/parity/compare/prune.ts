// Requests and answers without the names that a caller may not see.
import { type Model, type Resource, targetOf } from '../../schema/model/model.ts'
import type { ParitySelection } from '../request.ts'
import type { OutcomePage } from '../send/outcome.ts'

type Path = readonly string[]
type Json = Readonly<Record<string, unknown>>

/** The selection without what stands at these paths; a level that is left without a field gets its key, which everybody may see. */
export function withoutNames(
  model: Pick<Model, 'resources'>,
  resource: Resource,
  selection: ParitySelection,
  paths: readonly Path[],
): ParitySelection {
  const here = new Set(paths.filter((path) => path.length === 1).map(([name]) => name))
  const fields =
    selection.fields === 'default' ? 'default' : selection.fields.filter((name) => !here.has(name))
  const relations = selection.relations
    .filter(({ name }) => !here.has(name))
    .map((asked) => {
      const relation = resource.relations.get(asked.name)
      const below = paths
        .filter(([name, ...rest]) => name === asked.name && rest.length > 0)
        .map(([, ...rest]) => rest)
      return relation === undefined || below.length === 0
        ? asked
        : {
            ...asked,
            selection: withoutNames(model, targetOf(model, relation), asked.selection, below),
          }
    })
  const isLeft = fields.length > 0 || (selection.fields.length === 0 && relations.length > 0)
  return { relations, fields: isLeft ? fields : resource.primaryKey.fields.map(({ name }) => name) }
}

const isPage = (value: object): value is OutcomePage =>
  'rows' in value && 'next' in value && 'previous' in value

/** An answer without what stands at these paths. */
export function withoutMembers(value: unknown, paths: readonly Path[]): unknown {
  if (typeof value !== 'object' || value === null || paths.length === 0) return value
  if (Array.isArray(value)) return value.map((row) => withoutMembers(row, paths))
  if (isPage(value)) return { ...value, rows: value.rows.map((row) => withoutMembers(row, paths)) }
  const here = new Set(paths.filter((path) => path.length === 1).map(([name]) => name))
  return Object.fromEntries(
    Object.entries(value as Json)
      .filter(([name]) => !here.has(name)) // neither list nor page: a row
      .map(([name, member]) => [
        name,
        withoutMembers(
          member,
          paths
            .filter(([first, ...rest]) => first === name && rest.length > 0)
            .map(([, ...rest]) => rest),
        ),
      ]),
  )
}

/** Whether an answer has a row that the name at this path belongs to. */
export function hasPlace(value: unknown, [name = '', ...rest]: Path): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some((row) => hasPlace(row, [name, ...rest]))
  if (isPage(value)) return value.rows.some((row) => hasPlace(row, [name, ...rest]))
  return rest.length === 0 || hasPlace((value as Json)[name], rest) // a row, as above
}

/** A value with what another has beside it: the keys that `withoutNames` adds. */
export function withMembersOf(value: unknown, other: unknown): unknown {
  if (typeof value !== 'object' || value === null || typeof other !== 'object' || other === null)
    return value
  if (Array.isArray(value))
    return Array.isArray(other) ? value.map((one, i) => withMembersOf(one, other[i])) : value
  const merged = Object.entries(value).map(([name, member]) => [
    name,
    withMembersOf(member, (other as Json)[name]),
  ]) // an object, as value is
  return { ...other, ...Object.fromEntries(merged) }
}
