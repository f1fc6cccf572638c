// Random inputs of creates and updates, with references to rows that exist and rows along relations.
import * as fc from 'fast-check'
import { writable } from '../../../schema/inputs/standard-inputs.ts'
import type { Field, ForeignKey, Resource } from '../../../schema/model/model.ts'
import { type Nested, nestedOf } from '../../../schema/model/nested.ts'
import type { JsonMembers } from '../../objects.ts'
import type { ParityCaller } from '../../request.ts'
import { among, weighted } from '../arbitraries.ts'
import { columnsOfClaim } from '../callers.ts'
import type { Sample } from '../open-model.ts'
import { newValueOf, type SampledModel } from '../values.ts'
import { randomKey } from './keys.ts'

type Verb = 'create' | 'update'

/** The input of a create or an update. */
export const randomInput = (
  source: SampledModel,
  resource: Resource,
  verb: Verb,
  caller: ParityCaller,
): fc.Arbitrary<JsonMembers> => rowOf(source, resource, verb, { caller, depth: 0, set: [] })

/** A new row of a bulk create, sometimes with rows along its relations. */
export const randomRowInput = (
  source: SampledModel,
  resource: Resource,
  caller: ParityCaller,
): fc.Arbitrary<JsonMembers> =>
  rowOf(source, resource, 'create', { caller, depth: MAX_NESTED_DEPTH - 1, set: [] })

/** A new row without rows along its relations. */
export const randomFlatInput = (
  source: SampledModel,
  resource: Resource,
  caller: ParityCaller,
): fc.Arbitrary<JsonMembers> =>
  rowOf(source, resource, 'create', { caller, depth: MAX_NESTED_DEPTH, set: [] })

const MAX_NESTED_DEPTH = 2

interface Nesting {
  readonly caller: ParityCaller
  readonly depth: number
  /** Fields that the row around sets. */
  readonly set: readonly Field[]
}

function rowOf(
  source: SampledModel,
  resource: Resource,
  verb: Verb,
  nesting: Nesting,
): fc.Arbitrary<JsonMembers> {
  return writtenFields(resource, verb)
    .chain((fields) =>
      fc.tuple(
        ...fields.map((field) =>
          fieldValueOf(source, resource, field, nesting.caller).map(
            (value) => [field.name, value] as const,
          ),
        ),
      ),
    )
    .map((members): JsonMembers => Object.fromEntries(members))
    .chain((values) => withForeignKeys(source, resource, values))
    .chain((values) =>
      verb === 'create' ? withNested(source, resource, values, nesting) : fc.constant(values),
    )
}

/** All required fields and some others of a create; up to three fields of an update. */
function writtenFields(resource: Resource, verb: Verb): fc.Arbitrary<readonly Field[]> {
  const fields = writable(resource, verb)
  if (verb === 'update')
    return fc.subarray([...fields], {
      minLength: Math.min(1, fields.length),
      maxLength: Math.min(3, fields.length),
    })
  const required = fields.filter((field) => field.create === 'required')
  const others = fields.filter((field) => field.create !== 'required')
  return fc.subarray(others).map((some) => [...required, ...some])
}

/** A value of the field, mostly the caller's own claim where the field is compared with one. */
function fieldValueOf(
  { model, samples }: SampledModel,
  resource: Resource,
  field: Field,
  { payload }: ParityCaller,
): fc.Arbitrary<unknown> {
  const own = Object.entries(payload ?? {})
    .filter(([claim]) => columnsOfClaim(model, claim).has(field.name))
    .map(([, value]) => value)
  const value = weighted([1, newValueOf(samples, resource, field)], [4, among(own)])
  return weighted([5, value], [1, field.nullable ? fc.constant(null) : null])
}

/** The values with foreign keys of rows that exist, half of the time. */
function withForeignKeys(
  source: SampledModel,
  resource: Resource,
  values: JsonMembers,
): fc.Arbitrary<JsonMembers> {
  const references = resource.foreignKeys.flatMap(
    (foreignKey) => referenceOf(source, foreignKey, values) ?? [],
  )
  if (references.length === 0) return fc.constant(values)
  return fc
    .tuple(fc.boolean(), ...references)
    .map(([keep, ...keys]): JsonMembers => (keep ? values : Object.assign({}, values, ...keys)))
}

/** The columns of a foreign key, taken together from one row; null where the input or the samples do not have it. */
function referenceOf(
  { model, samples }: SampledModel,
  { target: key, fields, targetColumns }: ForeignKey,
  values: JsonMembers,
): fc.Arbitrary<JsonMembers> | null {
  const target = key === null ? undefined : model.resources.get(key)
  if (target === undefined || fields.some(({ name }) => (values[name] ?? null) === null))
    return null
  const names = targetColumns.map(
    (column) =>
      [...target.fields.values()].find(
        ({ source }) => 'column' in source && source.column === column,
      )?.name,
  )
  const reference = (row: Sample): JsonMembers =>
    Object.fromEntries(
      fields.map((field, i) => [field.name, row[names[i] ?? ''] ?? values[field.name]]),
    )
  return among(samples.get(target.key) ?? [])?.map(reference) ?? null
}

/** The values, sometimes with one relation along which a create may write. */
function withNested(
  source: SampledModel,
  resource: Resource,
  values: JsonMembers,
  nesting: Nesting,
): fc.Arbitrary<JsonMembers> {
  const all = nestedOf(source.model, resource).filter(
    ({ relation, links }) => relation.many || !links.some((field) => nesting.set.includes(field)),
  )
  if (all.length === 0 || nesting.depth === MAX_NESTED_DEPTH) return fc.constant(values)
  const nested = fc.constantFrom(...all).chain((one) =>
    nestedInputOf(source, one, nesting).map((made): JsonMembers => ({
      ...without(values, one.relation.many ? [] : one.links),
      [one.relation.name]: made,
    })),
  )
  return weighted([2, fc.constant(values)], [1, nested])
}

const without = (row: JsonMembers, fields: readonly Field[]): JsonMembers =>
  Object.fromEntries(
    Object.entries(row).filter(([name]) => fields.every((field) => field.name !== name)),
  )

/** `{ create }` with new rows, or `{ connect }` with the keys of rows that exist. */
function nestedInputOf(
  source: SampledModel,
  { relation: { many }, target, links, create, connect }: Nested,
  { caller, depth }: Nesting,
): fc.Arbitrary<JsonMembers> {
  const set = many ? links : []
  const row = rowOf(source, target, 'create', { caller, depth: depth + 1, set }).map((made) =>
    without(made, set),
  )
  const key = randomKey(source, target, target.primaryKey, caller)
  const oneOrMany = (one: fc.Arbitrary<JsonMembers>): fc.Arbitrary<unknown> =>
    many ? fc.array(one, { maxLength: 2 }) : one
  const created = oneOrMany(row).map((value): JsonMembers => ({ create: value }))
  const connected = oneOrMany(key).map((value): JsonMembers => ({ connect: value }))
  if (!connect) return created
  return create ? fc.oneof(created, connected) : connected
}
