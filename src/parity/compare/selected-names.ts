// Requests and answers without the fields that a caller may not see.
import { type Model, type Resource, targetOf } from '../../schema/model/model.ts'
import { isJsonObject, mapObject } from '../objects.ts'
import type { ParityRelation, ParitySelection } from '../request.ts'
import { isPage } from '../send/outcome.ts'

type Path = readonly string[]

/** The names that stand at this level. */
const namesIn = (paths: readonly Path[]): ReadonlySet<string | undefined> =>
  new Set(paths.filter((path) => path.length === 1).map(([name]) => name))

/** The paths below a name, relative to it. */
const pathsBelow = (paths: readonly Path[], name: string): readonly Path[] =>
  paths.filter(([first, ...rest]) => first === name && rest.length > 0).map(([, ...rest]) => rest)

/** The selection without the names at these paths. A level that is left without a field gets its key, which every caller may see. */
export function withoutNames(
  model: Pick<Model, 'resources'>,
  resource: Resource,
  selection: ParitySelection,
  paths: readonly Path[],
): ParitySelection {
  const removed = namesIn(paths)
  const prunedRelation = (asked: ParityRelation): ParityRelation => {
    const relation = resource.relations.get(asked.name)
    const below = pathsBelow(paths, asked.name)
    if (relation === undefined || below.length === 0) return asked
    const target = targetOf(model, relation)
    return { ...asked, selection: withoutNames(model, target, asked.selection, below) }
  }
  const relations = selection.relations.filter(({ name }) => !removed.has(name)).map(prunedRelation)
  if (selection.fields === 'default') return { relations, fields: 'default' }
  const fields = selection.fields.filter((name) => !removed.has(name))
  const hasOnlyRelations = selection.fields.length === 0 && relations.length > 0
  if (fields.length > 0 || hasOnlyRelations) return { relations, fields }
  return { relations, fields: resource.primaryKey.fields.map(({ name }) => name) }
}

/** An answer without the members at these paths. */
export function withoutMembers(value: unknown, paths: readonly Path[]): unknown {
  if (paths.length === 0) return value
  if (Array.isArray(value)) return value.map((row) => withoutMembers(row, paths))
  if (!isJsonObject(value)) return value
  if (isPage(value)) return { ...value, rows: value.rows.map((row) => withoutMembers(row, paths)) }
  const removed = namesIn(paths)
  const kept = Object.fromEntries(Object.entries(value).filter(([name]) => !removed.has(name)))
  return mapObject(kept, (name, member) => withoutMembers(member, pathsBelow(paths, name)))
}

/** Whether an answer has a row that the field at this path belongs to. */
export function hasRowAt(value: unknown, path: Path): boolean {
  if (Array.isArray(value)) return value.some((row) => hasRowAt(row, path))
  if (!isJsonObject(value)) return false
  if (isPage(value)) return value.rows.some((row) => hasRowAt(row, path))
  const [name = '', ...rest] = path
  return rest.length === 0 || hasRowAt(value[name], rest)
}

/** A value with the members that another has beside it: the keys that `withoutNames` adds. */
export function withMembersOf(value: unknown, other: unknown): unknown {
  if (Array.isArray(value))
    return Array.isArray(other) ? value.map((one, i) => withMembersOf(one, other[i])) : value
  if (!isJsonObject(value) || !isJsonObject(other)) return value
  return { ...other, ...mapObject(value, (name, member) => withMembersOf(member, other[name])) }
}
