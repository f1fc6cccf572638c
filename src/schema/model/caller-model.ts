// The model as one caller may know it: without the names that are denied to them whatever the row (docs/decisions/0061).
import type {
  CustomOperation,
  Field,
  Model,
  Operation,
  Relation,
  Resource,
  StandardOperation,
  UniqueKey,
  Verb,
} from './model.ts'
import { isMeasured } from './nearest.ts'
import { verbsOf } from './verbs.ts'

/** What the policies leave of a model. False: no row and no value is ever allowed. */
export interface Sight {
  may(resource: Resource, verb: Verb): boolean
  reads(resource: Resource, field: Field): boolean
  writes(resource: Resource, field: Field): boolean
  does(operation: CustomOperation): boolean
}

type Verbs = Readonly<Record<Verb, boolean>>

/** A resource with what is left of its parts, each by the part that the model has. */
interface Seen {
  readonly resource: Resource
  readonly keys: ReadonlyMap<UniqueKey, UniqueKey>
}

/** Resources stay in the model even if nothing of them is left: policies may ask about their rows. */
export function toCallerModel(model: Model, sight: Sight): Model {
  const verbs = new Map(
    [...model.resources.values()].map((one) => [one.key, verbsLeft(sight, one)] as const),
  )
  const isRead = (key: string | null): boolean => key === null || verbs.get(key)?.read !== false
  const isKnown = ({ target, through }: Relation): boolean =>
    isRead(target) && isRead(through?.resource ?? null)
  const seen = new Map(
    [...model.resources].map(([key, resource]) => [
      key,
      toSeen(resource, { sight, verbs: verbs.get(key) ?? ALL, isKnown }),
    ]),
  )
  return {
    ...model,
    resources: new Map([...seen].map(([key, { resource }]) => [key, resource])),
    operations: model.operations.flatMap((operation) =>
      operation.standard === null
        ? toCustom(seen, sight, operation)
        : toStandard(seen.get(operation.resource.key), operation),
    ),
  }
}

const ALL: Verbs = { read: true, create: true, update: true, delete: true }

/** A create that needs a field which the caller may not write can never be done; nor can an update of nothing. */
function verbsLeft(sight: Sight, resource: Resource): Verbs {
  const fields = [...resource.fields.values()]
  const may = (verb: Verb): boolean => sight.may(resource, verb)
  return {
    read: may('read'),
    create:
      may('create') &&
      fields.every((field) => field.create !== 'required' || sight.writes(resource, field)),
    update:
      may('update') &&
      fields.some((field) => field.update !== 'never' && sight.writes(resource, field)),
    delete: may('delete'),
  }
}

interface Seeing {
  readonly sight: Sight
  readonly verbs: Verbs
  readonly isKnown: (relation: Relation) => boolean
}

function toSeen(resource: Resource, { sight, verbs, isKnown }: Seeing): Seen {
  const { search, version, primaryKey } = resource
  const made = new Map<Field, Field>()
  const fieldOf = (field: Field): Field => {
    const known = made.get(field) ?? toField(field, sight.writes(resource, field))
    made.set(field, known)
    return known
  }
  const keyOf = (key: UniqueKey): UniqueKey => ({ ...key, fields: key.fields.map(fieldOf) })
  const keys = new Map(
    [resource.primaryKey, ...resource.uniqueKeys].map((key) => [key, keyOf(key)]),
  )
  const isClosed = !Object.values(verbs).includes(true) // its type may stay, with its key: hand-written fields may answer it
  const isRead = (field: Field): boolean =>
    isClosed ? primaryKey.fields.includes(field) : sight.reads(resource, field)
  const fields = [...resource.fields.values()]
  const relations = [...resource.relations.values()]
  const shown = named(fields.filter(isRead).map(fieldOf))
  return {
    keys,
    resource: {
      ...resource,
      access: toAccess(resource, verbs),
      fields: shown,
      relations: named(isClosed ? [] : relations.filter(isKnown)),
      writeOnly: {
        fields: named(fields.filter((field) => !isRead(field)).map(fieldOf)),
        relations: named(relations.filter((relation) => !isKnown(relation))),
      },
      primaryKey: keys.get(primaryKey) ?? primaryKey,
      uniqueKeys: resource.uniqueKeys
        .filter((key) => key.fields.every(isRead))
        .map((key) => keys.get(key) ?? key),
      foreignKeys: resource.foreignKeys.map((key) => ({ ...key, fields: key.fields.map(fieldOf) })),
      search: search?.parts.every(({ field }) => isRead(field)) === true ? search : null,
      version:
        version === null || version.column === null
          ? version
          : { ...version, column: fieldOf(version.column) },
      measured: [...shown.values()].some(isMeasured),
    },
  }
}

const toField = (field: Field, isWritten: boolean): Field =>
  isWritten || (field.create === 'never' && field.update === 'never')
    ? field
    : { ...field, create: 'never', update: 'never' }

const named = <T extends { readonly name: string }>(all: readonly T[]): ReadonlyMap<string, T> =>
  new Map(all.map((one) => [one.name, one]))

const toAccess = ({ access }: Resource, verbs: Verbs): Resource['access'] => ({
  read: verbs.read ? access.read : { type: 'nobody' },
  create: verbs.create ? access.create : { type: 'nobody' },
  update: verbs.update ? access.update : { type: 'nobody' },
  delete: verbs.delete ? access.delete : { type: 'nobody' },
})

function toCustom(
  seen: ReadonlyMap<string, Seen>,
  sight: Sight,
  operation: CustomOperation,
): readonly Operation[] {
  if (!sight.does(operation)) return []
  const { output } = operation
  if (output.type === 'value') return [operation]
  const resource = seen.get(output.resource.key)?.resource ?? output.resource
  return [{ ...operation, output: { ...output, resource } }]
}

function toStandard(seen: Seen | undefined, operation: StandardOperation): readonly Operation[] {
  if (seen === undefined) return []
  const { resource } = seen
  if (verbsOf[operation.standard].some((verb) => resource.access[verb].type === 'nobody')) return []
  if (operation.by === null) {
    const isEmpty =
      operation.standard === 'createMany' && ![...inputFields(resource)].some(isCreatable)
    return isEmpty ? [] : [{ ...operation, resource }]
  }
  const by = seen.keys.get(operation.by) ?? operation.by
  const isNamed = by.fields.every(
    (field) =>
      resource.fields.get(field.name) === field &&
      (operation.standard !== 'upsert' || isCreatable(field)),
  )
  return isNamed ? [{ ...operation, resource, by }] : []
}

const isCreatable = ({ create }: Field): boolean => create !== 'never'

/** Fields that inputs may name. */
export function inputFields({ fields, writeOnly }: Resource): readonly Field[] {
  return writeOnly === undefined
    ? [...fields.values()]
    : [...fields.values(), ...writeOnly.fields.values()]
}
