// The names that a caller's model does not have where the whole model has them.
import { aggregationOf } from '../../schema/model/aggregates.ts'
import type { Model, Resource } from '../../schema/model/model.ts'
import { type Nested, nestedOf } from '../../schema/model/nested.ts'

/** A value without any of these is the same to both models; without one, the models are the same. */
export function findHiddenNames(whole: Model, seen: Model): ReadonlySet<string> {
  const hidden = new Set<string>()
  const compare = (all: ReadonlySet<string>, left: ReadonlySet<string>): void => {
    for (const name of all) if (!left.has(name)) hidden.add(name)
  }
  for (const [key, resource] of whole.resources) {
    const left = seen.resources.get(key)
    compare(namesOf(resource), namesOf(left))
    compare(inputsOf(resource), inputsOf(left))
    for (const name of hiddenWays({ model: whole, resource }, { model: seen, resource: left }))
      hidden.add(name)
  }
  compare(operationsOf(whole), operationsOf(seen))
  return hidden
}

const operationsOf = ({ operations }: Model): ReadonlySet<string> =>
  new Set(operations.map(({ name }) => name))

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

interface Creating {
  readonly model: Model
  readonly resource: Resource | undefined
}

/** Relations along which a create may write, and `create` or `connect` where it may do so in another way alone. */
function hiddenWays(whole: Creating, seen: Creating): readonly string[] {
  const left = new Map(nestedIn(seen).map((one) => [one.relation.name, one]))
  return nestedIn(whole).flatMap(({ relation: { name }, create, connect }) => {
    const own = left.get(name)
    if (own === undefined) return [name]
    return [
      ...(create && !own.create ? ['create'] : []),
      ...(connect && !own.connect ? ['connect'] : []),
    ]
  })
}

const nestedIn = ({ model, resource }: Creating): readonly Nested[] =>
  resource === undefined ? [] : nestedOf(model, resource)

/** Whether a value of a request has one of the names, as a member or as a text. */
export function hasHidden(hidden: ReadonlySet<string>, value: unknown): boolean {
  if (typeof value === 'string') return hidden.has(value)
  if (typeof value !== 'object' || value === null) return false
  if (hidden.size === 0) return false
  if (Array.isArray(value)) return value.some((one) => hasHidden(hidden, one))
  return Object.keys(value).some(
    (name) => hidden.has(name) || hasHidden(hidden, (value as Record<string, unknown>)[name]),
  )
}
