// The names that a caller's model does not have where the whole model has them.
import { aggregationOf } from '../../schema/model/aggregates.ts'
import type { Model, Resource } from '../../schema/model/model.ts'

/** A value without any of these is the same to both models. */
export function findHiddenNames(whole: Model, seen: Model): ReadonlySet<string> {
  const hidden = new Set<string>()
  for (const [key, resource] of whole.resources) {
    const left = namesOf(seen.resources.get(key))
    for (const name of namesOf(resource)) if (!left.has(name)) hidden.add(name)
    const inputs = inputsOf(seen.resources.get(key))
    for (const name of inputsOf(resource)) if (!inputs.has(name)) hidden.add(name)
  }
  return hidden
}

const namesOf = (resource: Resource | undefined): ReadonlySet<string> =>
  resource === undefined
    ? new Set()
    : new Set([
        ...resource.fields.keys(),
        ...resource.relations.keys(),
        ...aggregationOf(resource).keys.keys(),
      ])

/** As `create.name` and `update.name` they would be: a field may be hidden in one of them. */
function inputsOf(resource: Resource | undefined): ReadonlySet<string> {
  if (resource === undefined) return new Set()
  const fields = [...resource.fields.values(), ...(resource.writeOnly?.fields.values() ?? [])]
  return new Set(
    fields
      .filter(({ create, update }) => create !== 'never' || update !== 'never')
      .map(({ name }) => name),
  )
}

/** Whether a value of a request has one of the names, as a member or as a text. */
export function hasHidden(hidden: ReadonlySet<string>, value: unknown): boolean {
  if (typeof value === 'string') return hidden.has(value)
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some((one) => hasHidden(hidden, one))
  return Object.entries(value).some(([name, one]) => hidden.has(name) || hasHidden(hidden, one))
}
