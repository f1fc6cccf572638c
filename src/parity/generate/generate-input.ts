// Random keys and inputs: of rows that are there, of rows that are not, for a team's own operations by their Zod types.
import * as fc from 'fast-check'
import { pathParameters } from '../../schema/build/build-operations.ts'
import type { CustomOperation, Field, Resource, UniqueKey } from '../../schema/model/model.ts'
import { type Nested, nestedOf } from '../../schema/model/nested.ts'
import { writable } from '../../schema/inputs/standard-inputs.ts'
import { describeZod, type Member, type ValueType } from '../../schema/values/zod-types.ts'
import { columnsOfClaim } from './callers.ts'
import type { Source } from './generate-list.ts'
import type { Sample } from './open-model.ts'
import type { ParityCaller } from '../request.ts'
import { edgesOf, newValueOf, sampled, valueOf } from './values.ts'

type Values = Readonly<Record<string, unknown>>

/** The key of a row, most often of one that is there, and of the caller's own where rows have owners. */
export function keyOf(
  { model, samples }: Source,
  resource: Resource,
  by: UniqueKey,
  { payload }: ParityCaller,
): fc.Arbitrary<Values> {
  const isOwn = (row: Sample): boolean =>
    Object.entries(payload ?? {}).some(([claim, value]) =>
      [...columnsOfClaim(model, claim)].some((column) => row[column] === value),
    )
  const keysOf = (rows: readonly Sample[]) =>
    rows
      .map((row): Values => Object.fromEntries(by.fields.map(({ name }) => [name, row[name]])))
      .filter((key) => Object.values(key).every((value) => value !== null))
  const rows = samples.get(resource.key) ?? []
  const [there, own] = [keysOf(rows), keysOf(rows.filter(isOwn))]
  const made = fc.record(
    Object.fromEntries(
      by.fields.map((field) => [field.name, urlSafe(field, valueOf(new Map(), resource, field))]),
    ),
  ) // no samples: edges alone
  return fc
    .oneof(
      { weight: 1, arbitrary: made },
      { weight: there.length === 0 ? 0 : 6, arbitrary: fc.constantFrom(...there, {}) },
      { weight: own.length === 0 ? 0 : 6, arbitrary: fc.constantFrom(...own, {}) },
    )
    .filter((key) => Object.keys(key).length > 0)
}

/** An empty segment of a path is another path, and one of dots alone is taken away by URL parsers. */
const urlSafe = (field: Field, values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  field.kind.name === 'text' ? values.filter((value) => !isNoSegment(value)) : values

export const isNoSegment = (value: unknown): boolean => /^\.{0,2}$/.test(String(value))

/** What a create or an update is given. */
export const inputOf = (
  source: Source,
  resource: Resource,
  verb: 'create' | 'update',
  caller: ParityCaller,
): fc.Arbitrary<Values> => rowOf(source, resource, verb, { caller, depth: 0, set: [] })

function rowOf(
  source: Source,
  resource: Resource,
  verb: 'create' | 'update',
  nesting: Nesting,
): fc.Arbitrary<Values> {
  const { caller } = nesting
  const fields = writable(resource, verb)
  const required = fields.filter((field) => field.create === 'required')
  const optional = fields.filter((field) => !required.includes(field))
  const chosen =
    verb === 'create'
      ? fc.subarray(optional).map((some) => [...required, ...some])
      : fc.subarray([...fields], {
          minLength: Math.min(1, fields.length),
          maxLength: Math.min(3, fields.length),
        })
  return chosen
    .chain((some) =>
      fc.tuple(
        ...some.map((field) =>
          fieldInput(source, resource, field, caller).map((value) => [field.name, value] as const),
        ),
      ),
    )
    .map((members): Values => Object.fromEntries(members))
    .chain((values) => withForeignKeys(source, resource, values))
    .chain((values) =>
      verb === 'create' ? withNested(source, resource, values, nesting) : fc.constant(values),
    )
}

/** A new row among several, now and then with rows along its relations. */
export const rowInputOf = (
  source: Source,
  resource: Resource,
  caller: ParityCaller,
): fc.Arbitrary<Values> => rowOf(source, resource, 'create', { caller, depth: NESTED - 1, set: [] })

/** A new row without what is written along its relations. */
export const flatInputOf = (
  source: Source,
  resource: Resource,
  caller: ParityCaller,
): fc.Arbitrary<Values> => rowOf(source, resource, 'create', { caller, depth: NESTED, set: [] })

/** How deep rows are nested at most. */
const NESTED = 2

interface Nesting {
  readonly caller: ParityCaller
  readonly depth: number
  /** Fields that the row around sets. */
  readonly set: readonly Field[]
}

/** Now and then a relation that a create may write along: a reference in place of its columns, new rows, rows that are there. */
function withNested(
  source: Source,
  resource: Resource,
  values: Values,
  nesting: Nesting,
): fc.Arbitrary<Values> {
  const all = nestedOf(source.model, resource).filter(
    ({ relation, links }) => relation.many || !links.some((field) => nesting.set.includes(field)),
  )
  if (all.length === 0 || nesting.depth === NESTED) return fc.constant(values)
  const nested = fc.constantFrom(...all).chain((one) =>
    nestedOne(source, one, nesting).map((made): Values => ({
      ...without(values, one.relation.many ? [] : one.links),
      [one.relation.name]: made,
    })),
  )
  return fc.oneof({ weight: 2, arbitrary: fc.constant(values) }, { weight: 1, arbitrary: nested })
}

const without = (row: Values, fields: readonly Field[]): Values =>
  Object.fromEntries(
    Object.entries(row).filter(([name]) => fields.every((field) => field.name !== name)),
  )

function nestedOne(
  source: Source,
  { relation: { many }, target, links, create, connect }: Nested,
  { caller, depth }: Nesting,
): fc.Arbitrary<Values> {
  const row = rowOf(source, target, 'create', {
    caller,
    depth: depth + 1,
    set: many ? links : [],
  }).map((made) => (many ? without(made, links) : made))
  const key = keyOf(source, target, target.primaryKey, caller)
  const of = (made: fc.Arbitrary<Values>) => (many ? fc.array(made, { maxLength: 2 }) : made)
  const created = of(row).map((one) => ({ create: one }))
  const connected = of(key).map((one) => ({ connect: one }))
  return !connect ? created : !create ? connected : fc.oneof(created, connected)
}

function fieldInput(
  { model, samples }: Source,
  resource: Resource,
  field: Field,
  { payload }: ParityCaller,
): fc.Arbitrary<unknown> {
  const value = newValueOf(samples, resource, field)
  const own = Object.entries(payload ?? {})
    .filter(([claim]) => columnsOfClaim(model, claim).has(field.name))
    .map(([, given]) => given)
  const claimed =
    own.length === 0
      ? value
      : fc.oneof({ weight: 1, arbitrary: value }, { weight: 4, arbitrary: fc.constantFrom(...own) })
  return field.nullable
    ? fc.oneof({ weight: 5, arbitrary: claimed }, { weight: 1, arbitrary: fc.constant(null) })
    : claimed
}

/** Columns of a foreign key together, as they stand in one row that is there. */
function withForeignKeys(
  { model, samples }: Source,
  resource: Resource,
  values: Values,
): fc.Arbitrary<Values> {
  const rows = resource.foreignKeys.flatMap((foreignKey) => {
    const target = foreignKey.target === null ? undefined : model.resources.get(foreignKey.target)
    const given = foreignKey.fields.every(
      (field) => values[field.name] !== undefined && values[field.name] !== null,
    )
    const there = target === undefined ? [] : (samples.get(target.key) ?? [])
    if (target === undefined || !given || there.length === 0) return []
    const names = foreignKey.targetColumns.map(
      (column) =>
        [...target.fields.values()].find(
          (field) => 'column' in field.source && field.source.column === column,
        )?.name,
    )
    return [
      fc
        .constantFrom(...there)
        .map((row) =>
          Object.fromEntries(
            foreignKey.fields.map((field, i) => [
              field.name,
              row[names[i] ?? ''] ?? values[field.name],
            ]),
          ),
        ),
    ]
  })
  return rows.length === 0
    ? fc.constant(values)
    : fc
        .tuple(fc.boolean(), ...rows)
        .map(([keep, ...keys]) => (keep ? values : (Object.assign({}, values, ...keys) as Values)))
}

/** The input of a team's own operation. On a query REST has it in the query string, which knows no null. */
export function customInputOf(source: Source, operation: CustomOperation): fc.Arbitrary<unknown> {
  if (operation.input === null) return fc.constant(undefined)
  const member = describeZod(operation.input)
  const inPath = pathParameters(operation.rest.path)
  return memberOf(
    { source, nulls: operation.kind === 'mutation' },
    member.value,
    operation.name,
  ).filter((input) => inPath.every((name) => !isNoSegment((input as Values)[name]))) // an object by its schema
}

interface Making {
  readonly source: Source
  readonly nulls: boolean
}

function memberOf(making: Making, value: ValueType, name: string): fc.Arbitrary<unknown> {
  switch (value.type) {
    case 'enum':
      return fc.constantFrom(...value.labels)
    case 'scalar':
      return scalarOf(making.source, value.kind, name)
    case 'list':
      return fc.array(memberOf(making, value.of.value, name), { maxLength: 3 })
    case 'object': {
      const members = [...value.members].map(([key, member]) =>
        maybe(making, member, memberOf(making, member.value, key)).map(
          (one) => [key, one] as const,
        ),
      )
      return fc
        .tuple(...members)
        .map((all) => Object.fromEntries(all.filter(([, one]) => one !== undefined)))
    }
  }
}

function maybe(
  { nulls }: Making,
  { optional, nullable }: Member,
  value: fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const absent = optional ? fc.option(value, { nil: undefined }) : value
  return nullable && nulls
    ? fc.oneof({ weight: 4, arbitrary: absent }, { weight: 1, arbitrary: fc.constant(null) })
    : absent
}

/** Values of columns that have this name and kind, of keys of the kind, small numbers. */
function scalarOf(
  { model, samples }: Source,
  kind: Extract<ValueType, { type: 'scalar' }>['kind'],
  name: string,
): fc.Arbitrary<unknown> {
  const resources = [...model.resources.values()]
  const named = resources.flatMap((resource) =>
    [...resource.fields.values()]
      .filter((field) => field.name === name && field.kind.name === kind && !field.list)
      .flatMap((field) => sampled(samples, resource, field)),
  )
  const keys =
    kind === 'uuid'
      ? resources.flatMap(({ key, primaryKey: { fields } }) =>
          fields
            .filter((field) => field.kind.name === 'uuid')
            .flatMap((field) => (samples.get(key) ?? []).map((row) => row[field.name])),
        )
      : []
  const small = kind === 'integer' || kind === 'smallint' || kind === 'float' ? [0, 1, 2, 3] : []
  const there = [...new Set([...named, ...keys, ...small])]
  const edge = fc.constantFrom(...edgesOf(kind))
  return there.length === 0
    ? edge
    : fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...there) }, { weight: 1, arbitrary: edge })
}
