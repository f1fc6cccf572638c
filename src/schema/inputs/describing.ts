// What every description of inputs is built with: the model, which part of it is seen, and the types that are named already.
import type { Model, Resource } from '../model/model.ts'
import type { NamedType, CountRule } from '../values/value-types.ts'

/** A caller's filters see what is served; a policy's see every column. */
export type View = 'served' | 'inner'

export interface Describing {
  readonly model: Pick<Model, 'resources'>
  parts(resource: Resource): Pick<Resource, 'fields' | 'relations'>
  /** The type of a name, built when it is first asked for. */
  once(name: string, build: (name: string) => NamedType): NamedType
}

export function startDescribing(model: Pick<Model, 'resources'>, view: View): Describing {
  const types = new Map<string, NamedType>()
  return {
    model,
    parts: (resource) => (view === 'served' ? resource : resource.inner),
    once(name, build) {
      const type = types.get(name) ?? build(name)
      types.set(name, type)
      return type
    },
  }
}

export const nonEmpty: CountRule = {
  least: 1,
  message: 'An empty object would match everything; leave it out, or name what it compares.',
}

export const exactlyOneKey: CountRule = {
  least: 1,
  most: 1,
  message: 'Give exactly one key an object.',
}
