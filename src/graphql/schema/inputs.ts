// Inputs of the standard operations: filters, orders, and what a create or update takes, under the names of the shapes.
import type { ArgBuilder, EnumRef, InputFieldMap, InputTypeParam } from '@pothos/core'
import { comparedIn } from '../../schema/model/aggregates.ts'
import { COUNT, countField } from '../../schema/model/counts.ts'
import {
  type Field,
  isSortable,
  type Model,
  type Resource,
  targetOf,
} from '../../schema/model/model.ts'
import { isMeasured } from '../../schema/model/nearest.ts'
import { type Operator, operatorsOf } from '../../schema/model/operators.ts'
import { type Nested, nestedName, nestedOf } from '../../schema/model/nested.ts'
import {
  comparisonName,
  inputAbout,
  orderDirections,
  sortableFields,
  writable,
} from '../../schema/inputs/standard-inputs.ts'
import type { Relations } from '../../schema/declare/types.ts'
import type { GatewayBuilder, GatewayTypes } from './builder.ts'
import { type Described, described } from './descriptions.ts'
import { defineDistances, geoDistance, type InputRef } from './distances.ts'
import { toScalarName } from './scalars.ts'

export type Types = GatewayTypes<Relations>
type InputParam = InputTypeParam<Types>
export type Enums = ReadonlyMap<string, EnumRef<Types, string>>
type MemberBuilder = PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>

/** The input types of every resource, by resource key; null where a type would have no member. */
export interface Inputs {
  readonly where: ReadonlyMap<string, InputRef>
  readonly orderBy: ReadonlyMap<string, InputRef>
  /** Names of the fields that `distinctOn` takes. */
  readonly distinctOn: Enums
  readonly create: ReadonlyMap<string, InputRef>
  readonly update: ReadonlyMap<string, InputRef>
  /** A key's field as an argument. */
  keyType(field: Field): InputParam
}

interface Defining {
  readonly builder: GatewayBuilder
  readonly model: Model
  readonly enums: Enums
}

export function defineInputs(builder: GatewayBuilder, model: Model, enums: Enums): Inputs {
  const defining: Defining = { builder, model, enums }
  const listed = [...model.resources.values()].filter(
    (resource) => resource.access.read.type !== 'nobody',
  )
  const comparisons = defineComparisons(defining, listed)
  const lists = new Map<string, InputRef>()
  const where = new Map<string, InputRef>()
  const related = { where, lists, counts: comparisons.get(comparisonName(countField)) }
  for (const resource of listed)
    where.set(resource.key, defineFilter(defining, resource, comparisons, related))
  for (const resource of listed)
    if (isTargetOfMany(model, resource))
      lists.set(resource.key, defineListFilter(defining, resource, related))
  return {
    where,
    orderBy: defineOrders(defining, listed),
    distinctOn: defineFieldNames(defining, listed),
    create: defineCreates(defining),
    update: defineUpdates(defining),
    keyType: (field) => elementType(defining, field),
  }
}

/** The type of a field's value, or of one element where the field is a list. */
const elementType = ({ enums }: Defining, field: Field): InputParam =>
  field.enum === null ? toScalarName(field.kind.name) : (enums.get(field.enum.name) ?? 'String')

function defineComparisons(
  defining: Defining,
  resources: readonly Resource[],
): ReadonlyMap<string, InputRef> {
  const comparisons = new Map<string, InputRef>()
  const counted = resources.some((resource) => isTargetOfMany(defining.model, resource))
    ? [countField]
    : []
  for (const field of [
    ...resources.flatMap((resource) => [...resource.fields.values(), ...comparedIn(resource)]),
    ...counted,
  ]) {
    const name = comparisonName(field)
    if (comparisons.has(name)) continue
    const within = operatorsOf(field).find((operator) => operator.within !== undefined)?.within
    const path =
      within === undefined
        ? null
        : defineComparison(defining, 'JSONPathFilter', { field, operators: within, path: null })
    comparisons.set(
      name,
      defineComparison(defining, name, { field, operators: operatorsOf(field), path }),
    )
  }
  return comparisons
}

interface Comparison {
  readonly field: Field
  readonly operators: readonly Operator[]
  /** The type of what holds at a path inside of JSON. */
  readonly path: InputRef | null
}

const defineComparison = (defining: Defining, name: string, comparison: Comparison): InputRef =>
  defining.builder.inputType(name, {
    description: 'What a value is compared with; several comparisons must all hold.',
    fields: (t) =>
      Object.fromEntries(
        comparison.operators.map((operator) => [
          operator.name,
          operandOf(defining, t, comparison, operator),
        ]),
      ),
  })

function operandOf(
  defining: Defining,
  t: MemberBuilder,
  { field, path }: Comparison,
  { takes, description, name }: Operator,
) {
  const element = elementType(defining, field)
  if (takes === 'boolean') return t.boolean({ description })
  if (takes === 'distance') return t.field({ type: geoDistance(defining.builder), description })
  if (takes === 'key') return t.string({ description })
  if (takes === 'steps') return t.stringList({ description, required: true })
  if (takes === 'path') return t.field({ type: known(path ?? undefined, name), description })
  if (takes === 'element') return t.field({ type: element, description })
  if (takes === 'elements') return t.field({ type: t.listRef(element), description })
  const value = field.list ? t.listRef(element, { required: false }) : element
  return t.field({ type: takes === 'values' ? t.listRef(value) : value, description })
}

interface Related {
  readonly where: ReadonlyMap<string, InputRef>
  readonly lists: ReadonlyMap<string, InputRef>
  readonly counts: InputRef | undefined
}

function defineFilter(
  defining: Defining,
  resource: Resource,
  comparisons: ReadonlyMap<string, InputRef>,
  related: Related,
): InputRef {
  return defining.builder.inputType(`${resource.type}Filter`, {
    description: `Which ${resource.plural} to take: every member must hold.`,
    fields: (t) => {
      const members: InputFieldMap = {}
      for (const field of resource.fields.values())
        members[field.name] = member(t, comparisons.get(comparisonName(field)), field)
      for (const relation of resource.relations.values()) {
        const target = targetOf(defining.model, relation).key
        members[relation.name] = member(
          t,
          (relation.many ? related.lists : related.where).get(target),
          relation,
        )
      }
      const self = known(related.where.get(resource.key), resource.type)
      members['AND'] = t.field({ type: t.listRef(self), description: 'All of these hold.' })
      members['OR'] = t.field({
        type: t.listRef(self),
        description: 'One of these holds at least; an empty list matches nothing.',
      })
      members['NOT'] = t.field({ type: self, description: 'This does not hold.' })
      return members
    },
  })
}

const member = (
  t: MemberBuilder,
  type: InputRef | undefined,
  named: Described & { readonly name: string },
) => t.field({ type: known(type, named.name), ...described(named) })

function known(ref: InputRef | undefined, name: string): InputRef {
  if (ref === undefined) throw new Error(`The input type of ${name} was not defined.`)
  return ref
}

const isTargetOfMany = (model: Model, target: Resource): boolean =>
  [...model.resources.values()].some((resource) =>
    [...resource.relations.values()].some(
      (relation) => relation.many && relation.target === target.key,
    ),
  )

const defineListFilter = (
  { builder }: Defining,
  resource: Resource,
  { where, counts }: Related,
): InputRef =>
  builder.inputType(`${resource.type}ListFilter`, {
    description: `What holds of the related ${resource.plural}.`,
    fields: (t) => ({
      some: t.field({
        type: known(where.get(resource.key), resource.type),
        description: 'One of them matches at least.',
      }),
      none: t.field({
        type: known(where.get(resource.key), resource.type),
        description: 'None of them matches.',
      }),
      every: t.field({
        type: known(where.get(resource.key), resource.type),
        description: 'All of them match; so it is where there are none.',
      }),
      [COUNT]: t.field({
        type: known(counts, COUNT),
        description: 'How many there are that you may see.',
      }),
    }),
  })

const defineFieldNames = ({ builder }: Defining, resources: readonly Resource[]): Enums =>
  new Map(
    resources
      .filter((resource) => sortableFields(resource).length > 0)
      .map((resource) => [
        resource.key,
        builder.enumType(`${resource.type}Field`, {
          description: `Fields of a ${resource.type} that rows can be told apart by.`,
          values: Object.fromEntries(
            sortableFields(resource).map((field) => [field.name, { value: field.name }]),
          ),
        }),
      ]),
  )

function defineOrders(
  { builder, model }: Defining,
  resources: readonly Resource[],
): ReadonlyMap<string, InputRef> {
  const direction = builder.enumType('OrderDirection', {
    description:
      'Which way to sort. Without a place, nulls come last in ASC and first in DESC, as in PostgreSQL.',
    values: orderDirections,
  })
  const lists = new Map(
    resources
      .filter((resource) => isTargetOfMany(model, resource))
      .map((resource) => [
        resource.key,
        builder.inputType(`${resource.type}ListOrder`, {
          isOneOf: true,
          description: `What to sort by of the related ${resource.plural}: exactly one member.`,
          fields: (t) => ({
            [COUNT]: t.field({
              type: direction,
              description: 'How many there are that you may see.',
            }),
          }),
        }),
      ]),
  )
  const distances = defineDistances(builder, resources)
  const orders = new Map<string, InputRef>()
  for (const resource of resources) {
    const measured = [...resource.fields.values()].filter(isMeasured)
    const fields = [...resource.fields.values()].filter(isSortable)
    const relations = [...resource.relations.values()]
    if (fields.length + measured.length + relations.length === 0) continue
    orders.set(
      resource.key,
      builder.inputType(`${resource.type}Order`, {
        isOneOf: true,
        description: 'What to sort by: exactly one member.',
        fields: (t) =>
          Object.fromEntries([
            ...fields.map(
              (field) => [field.name, t.field({ type: direction, ...described(field) })] as const,
            ),
            ...measured.map(
              (field) => [field.name, member(t, distances.get(field.kind.name), field)] as const,
            ),
            ...relations.flatMap((relation) => {
              const target = (relation.many ? lists : orders).get(targetOf(model, relation).key)
              return target === undefined
                ? []
                : [[relation.name, member(t, target, relation)] as const]
            }),
          ]),
      }),
    )
  }
  return orders
}

const writtenBy = ({ model }: Defining, verb: 'create' | 'update'): readonly Resource[] =>
  [...model.resources.values()].filter(
    (resource) => resource.access[verb].type !== 'nobody' && writable(resource, verb).length > 0,
  )

const defineUpdates = (defining: Defining): ReadonlyMap<string, InputRef> =>
  new Map(
    writtenBy(defining, 'update').map((resource) => [
      resource.key,
      defining.builder.inputType(`${resource.type}Update`, {
        description: `The fields of a ${resource.type} to change: null sets null, what is absent stays.`,
        fields: (t) =>
          Object.fromEntries(
            writable(resource, 'update').map((field) => [
              field.name,
              inputField(defining, t, field, { verb: 'update', required: false }),
            ]),
          ),
      }),
    ]),
  )

function defineCreates(defining: Defining): ReadonlyMap<string, InputRef> {
  const creates = new Map<string, InputRef>()
  for (const resource of writtenBy(defining, 'create')) {
    creates.set(
      resource.key,
      defining.builder.inputType(`${resource.type}Create`, {
        description: `A new ${resource.type}.`,
        fields: (t) => newRowFields(defining, t, { resource, set: [], creates }),
      }),
    )
  }
  return creates
}

interface NewRow {
  readonly resource: Resource
  /** Fields that a row around it sets. */
  readonly set: readonly Field[]
  readonly creates: ReadonlyMap<string, InputRef>
}

function newRowFields(
  defining: Defining,
  t: MemberBuilder,
  { resource, set, creates }: NewRow,
): InputFieldMap {
  const nested = nestedOf(defining.model, resource).filter(
    ({ relation, links }) => relation.many || !links.some((field) => set.includes(field)),
  )
  const own = writable(resource, 'create')
    .filter((field) => !set.includes(field))
    .map((field) => {
      const isLinked = nested.some(({ relation, links }) => !relation.many && links.includes(field))
      return [
        field.name,
        inputField(defining, t, field, {
          verb: 'create',
          required: field.create === 'required' && !field.nullable && !isLinked,
        }),
      ] as const
    })
  return Object.fromEntries([
    ...own,
    ...nested.map(
      (one) =>
        [
          one.relation.name,
          t.field({
            type: nestedType(defining, resource, one, creates),
            ...described(one.relation),
          }),
        ] as const,
    ),
  ])
}

const inputField = (
  defining: Defining,
  t: MemberBuilder,
  field: Field,
  { verb, required }: { readonly verb: 'create' | 'update'; readonly required: boolean },
) => {
  const element = elementType(defining, field)
  return t.field({
    type: field.list
      ? t.listRef(element, { required: false })
      : field.kind.name === 'vector'
        ? t.listRef(element)
        : element,
    required,
    ...described(inputAbout(field, verb)),
  })
}

/** Types of nested writes by their names: a relation of a row is the same wherever the row is written. */
const nestedTypes = new WeakMap<GatewayBuilder, Map<string, InputRef>>()

function nestedType(
  defining: Defining,
  resource: Resource,
  nested: Nested,
  creates: ReadonlyMap<string, InputRef>,
): InputRef {
  const { builder } = defining
  const {
    relation: { many },
    target,
    links,
    keys,
  } = nested
  const types = nestedTypes.get(builder) ?? new Map<string, InputRef>()
  nestedTypes.set(builder, types)
  const name = nestedName(resource, nested)
  const before = types.get(name)
  if (before !== undefined) return before
  const made = builder.inputRef(`${name}Nested`)
  types.set(name, made) // before what is below, which may lead here again
  const key = (many ? target.primaryKey.fields : keys).map((field) => [field.name, field] as const)
  const connect = nested.connect
    ? builder.inputType(`${name}Connect`, {
        description: `The key of a ${target.type} that is there.`,
        fields: (t) =>
          Object.fromEntries(
            key.map(([field, of]) => [
              field,
              t.field({ type: elementType(defining, of), required: true }),
            ]),
          ),
      })
    : null
  const create = !nested.create
    ? null
    : !many
      ? known(creates.get(target.key), target.type)
      : builder.inputType(`${name}Create`, {
          description: `A new ${target.type}; the ${resource.type} that it belongs to is the one around it.`,
          fields: (t) => newRowFields(defining, t, { resource: target, set: links, creates }),
        })
  made.implement({
    description: many
      ? `Which ${target.plural} belong to it: new ones, and such that are there.`
      : `The ${target.type} that it refers to: a new one, or one that is there.`,
    ...(many ? {} : { isOneOf: true }),
    fields: (t) => ({
      ...(create === null ? {} : { create: t.field({ type: many ? t.listRef(create) : create }) }),
      ...(connect === null
        ? {}
        : { connect: t.field({ type: many ? t.listRef(connect) : connect }) }),
    }),
  })
  return made
}

/** The arguments of a list, at the root and in a relation alike. */
export function listArguments(
  t: ArgBuilder<Types>,
  inputs: Inputs,
  resource: Resource,
): InputFieldMap {
  const {
    page: { default: usual, max },
    key,
    plural,
    search,
  } = resource
  const [order, distinct] = [inputs.orderBy.get(key), inputs.distinctOn.get(key)]
  return {
    where: t({
      type: known(inputs.where.get(key), key),
      description: `Which ${plural} to take; absent: all that you may see.`,
    }),
    ...(order === undefined
      ? {}
      : {
          orderBy: t({
            type: t.listRef(order),
            description: 'The order; the key is always the last tie-breaker.',
          }),
        }),
    ...(distinct === undefined
      ? {}
      : {
          distinctOn: t({
            type: t.listRef(distinct),
            description:
              'The first row of each group that is equal in these fields; the order begins with them.',
          }),
        }),
    ...(search === null
      ? {}
      : {
          search: t.string({
            description: `Words to find in ${plural}, as search engines take them: "a phrase", or, -without. The best matches come first unless an order is given.`,
          }),
        }),
    first: t.int({ description: `Rows of the page: ${usual} unless given, ${max} at most.` }),
    after: t.string({ description: 'The cursor to begin after.' }),
    last: t.int({ description: 'Rows of the page, counted from the end.' }),
    before: t.string({ description: 'The cursor to end before.' }),
    offset: t.int({
      description: 'Rows to leave out at the beginning; not together with a cursor.',
    }),
  }
}
