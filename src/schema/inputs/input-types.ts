// Every input of the standard operations, described once, from the model. Zod, GraphQL and JSON Schema are printed from these types.
import type { Field, Model, Resource, UniqueKey } from '../model/model.ts'
import { type ListType, type NamedType, type ObjectType, required } from '../values/value-types.ts'
import { groupByType, groupOrderType, havingType } from './aggregate-types.ts'
import { startDescribing, type View } from './describing.ts'
import { comparisonType, filterType, listFilterType } from './filter-types.ts'
import { distinctOnType, orderByType } from './order-types.ts'
import { createType, keyMembers, updateType, upsertType } from './write-types.ts'

export interface InputTypes {
  comparison(field: Field): NamedType
  where(resource: Resource): NamedType
  /** The filter on related rows of the resource. */
  listWhere(resource: Resource): NamedType
  orderBy(resource: Resource): ListType
  distinctOn(resource: Resource): ListType
  key(key: UniqueKey): ObjectType
  create(resource: Resource): NamedType
  createMany(resource: Resource): ListType
  update(resource: Resource): NamedType
  /** A create whose key is given: it names the row. */
  upsert(resource: Resource, by: UniqueKey): ObjectType
  groupBy(resource: Resource): ListType
  having(resource: Resource): NamedType
  /** The order of groups. */
  groupOrder(resource: Resource): ListType
}

/** Each type is built once, so printers can cache by the object. */
export function describeInputs(model: Pick<Model, 'resources'>, view: View = 'served'): InputTypes {
  const describing = startDescribing(model, view)
  const upserts = once((resource: Resource) => once((by: UniqueKey) => upsertType(resource, by)))
  return {
    comparison: (field) => comparisonType(describing, field),
    where: (resource) => filterType(describing, resource),
    listWhere: (resource) => listFilterType(describing, resource),
    orderBy: once((resource) => orderByType(describing, resource)),
    distinctOn: once((resource) => distinctOnType(describing, resource)),
    key: once(({ fields }) => ({ type: 'object', members: keyMembers(fields) })),
    create: (resource) => createType(describing, resource),
    createMany: once((resource) => ({
      type: 'list',
      of: required(createType(describing, resource)),
    })),
    update: (resource) => updateType(describing, resource),
    upsert: (resource, by) => upserts(resource)(by),
    groupBy: once(groupByType),
    having: (resource) => havingType(describing, resource),
    groupOrder: once((resource) => groupOrderType(describing, resource)),
  }
}

/** Remembers what was built of a resource or of a key. */
function once<K extends object, T extends object>(build: (of: K) => T): (of: K) => T {
  const known = new WeakMap<K, T>()
  return (of) => {
    const type = known.get(of) ?? build(of)
    known.set(of, type)
    return type
  }
}
