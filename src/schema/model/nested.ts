// Nested writes: the relations along which a create may write other rows too, as the declaration names them.
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Report } from '../declare/model-error.ts'
import { inputFields } from './caller-model.ts'
import { type Field, type Model, type Relation, type Resource, targetOf } from './model.ts'
import { toPascal } from '../declare/names.ts'

/** A relation along which a create may write. */
export interface Nested {
  readonly relation: Relation
  readonly target: Resource
  /** The fields that refer: of the row itself along a to-one relation, of the target's rows along a to-many one. */
  readonly links: readonly Field[]
  /** The key that they refer to, in their order. */
  readonly keys: readonly Field[]
  /** Whether new rows may be written there. */
  readonly create: boolean
  /** Whether rows that are there may be referred to: along a to-many relation that changes them. */
  readonly connect: boolean
}

type Resources = Pick<Model, 'resources'>

const known = new WeakMap<Resource, readonly Nested[]>()

/** What a create of the resource may write beside its row. */
export function nestedOf(model: Resources, resource: Resource): readonly Nested[] {
  const before = known.get(resource)
  if (before !== undefined) return before
  const nested = resource.nested
    .flatMap((name) => toNested(model, resource, name) ?? [])
    .filter(({ create, connect }) => create || connect) // checkNested refuses others; a caller's own model may have them
  known.set(resource, nested)
  return nested
}

/** Null where the relation is no foreign key to a primary key, and so nothing to write along. */
function toNested(model: Resources, resource: Resource, name: string): Nested | null {
  const relation = resource.relations.get(name) ?? resource.writeOnly?.relations.get(name)
  if (relation === undefined || !isReference(relation)) return null
  const target = targetOf(model, relation)
  const [referring, referred] = relation.many ? [target, resource] : [resource, target]
  const [from, to] = relation.many ? [relation.to, relation.from] : [relation.from, relation.to]
  const links = fieldsOf(referring, from)
  const keys = fieldsOf(referred, to)
  if (
    !isPrimaryKey(referred, keys) ||
    links.length !== keys.length ||
    links.some((field) => field.create === 'never')
  )
    return null
  return {
    relation,
    target,
    links,
    keys,
    create: target.writable && target.access.create.type !== 'nobody',
    connect: target.access.read.type !== 'nobody' && (!relation.many || mayChange(target, links)),
  }
}

/** An input has no place for the version of a row to be changed. */
const mayChange = ({ access, version }: Resource, fields: readonly Field[]): boolean =>
  access.update.type !== 'nobody' &&
  version?.required !== true &&
  fields.every((field) => field.update !== 'never')

const isPrimaryKey = ({ primaryKey: { fields } }: Resource, keys: readonly Field[]): boolean =>
  keys.length === fields.length && keys.every((field) => fields.includes(field))

const fieldsOf = (resource: Resource, columns: readonly PgColumn[]): readonly Field[] =>
  columns.flatMap(
    (column) =>
      inputFields(resource).find(
        ({ source }) => 'column' in source && source.column.name === column.name,
      ) ?? [],
  )

/** Neither by way of a junction, nor with a `where` of Drizzle's (which is a symbol where there is none). */
const isReference = ({ through, first, where }: Relation): boolean =>
  through === null && !first && (typeof where !== 'object' || where === null)

/** Types that a relation gives rise to. */
export function nestedTypeNames(resource: Resource, nested: Nested): readonly string[] {
  const suffixes = [
    'Nested',
    nested.relation.many && nested.create && 'Create',
    nested.connect && 'Connect',
  ].filter((suffix) => suffix !== false)
  return suffixes.map((suffix) => nestedName(resource, nested) + suffix)
}

/** `OrderItems`, before `Nested`, `Create` and `Connect` in the names of types. */
export const nestedName = (resource: Resource, { relation }: Nested): string =>
  `${resource.type}${toPascal(relation.name)}`

export function checkNested(model: Model, report: Report): void {
  for (const resource of model.resources.values()) {
    for (const name of resource.nested) {
      const where = `resources.${resource.key}.nested`
      const nested = toNested(model, resource, name)
      if (nested === null)
        report(
          where,
          `names ${name}, which is no served relation by a foreign key to a primary key; along others nothing can be written.`,
        )
      else if (!nested.create && !nested.connect)
        report(
          where,
          `names ${name}, along which nobody may write: ${nested.target.key} allows neither create nor update.`,
        )
      if (resource.access.create.type === 'nobody')
        report(where, `names ${name}, but nobody may create ${resource.plural}.`)
    }
  }
}
