// The Zod schemas of every input of the standard operations, from the model: both faces are checked by these.
import { z } from 'zod'
import { COUNT, countField } from '../model/counts.ts'
import {
  type Field,
  isSortable,
  type Model,
  type Relation,
  type Resource,
  type UniqueKey,
} from '../model/model.ts'
import { targetOf } from '../model/model.ts'
import { isMeasured, nearestShape } from '../model/nearest.ts'
import { type Nested, nestedName, nestedOf } from '../model/nested.ts'
import { operatorsOf } from '../model/operators.ts'

/** Schemas by the names they have in both documents. Built lazily: filters are recursive through relations. */
export interface InputSchemas {
  where(resource: Resource): z.ZodType
  orderBy(resource: Resource): z.ZodType
  distinctOn(resource: Resource): z.ZodType
  create(resource: Resource): z.ZodType
  update(resource: Resource): z.ZodType
  createMany(resource: Resource): z.ZodType
  /** A create whose key is given: it names the row. */
  upsert(resource: Resource, by: UniqueKey): z.ZodType
  key(key: UniqueKey): z.ZodType
  comparison(field: Field): z.ZodType
  /** Every named schema met so far, by name; what OpenAPI lists under components. */
  readonly named: ReadonlyMap<string, z.ZodType>
}

/** A caller's filters see what is served; a policy's see every column. */
type View = 'served' | 'inner'

export const orderDirections = [
  'ASC',
  'DESC',
  'ASC_NULLS_FIRST',
  'ASC_NULLS_LAST',
  'DESC_NULLS_FIRST',
  'DESC_NULLS_LAST',
] as const
export type OrderDirection = (typeof orderDirections)[number]

/** `IntFilter`, `DecimalListFilter`, `OrderStatusFilter`: one type per kind, whatever the column. */
export function comparisonName(field: Field): string {
  const base = field.enum?.name ?? comparisonBase[field.kind.name]
  return `${base}${field.list ? 'List' : ''}Filter`
}
const comparisonBase = {
  smallint: 'Int',
  integer: 'Int',
  bigint: 'BigInt',
  decimal: 'Decimal',
  float: 'Float',
  boolean: 'Boolean',
  text: 'String',
  uuid: 'UUID',
  date: 'Date',
  time: 'Time',
  localDateTime: 'LocalDateTime',
  dateTime: 'DateTime',
  duration: 'Duration',
  enum: 'Enum',
  json: 'JSON',
  bytes: 'Bytes',
  vector: 'Vector',
  geometry: 'Geo',
  other: 'Opaque',
} as const

/** Names of comparisons that every model may have, whatever its enums. */
export const comparisonNames: readonly string[] = [
  ...Object.values(comparisonBase).flatMap((base) => [`${base}Filter`, `${base}ListFilter`]),
  'JSONPathFilter',
]

const emptyObject =
  'An empty object would match everything; leave it out, or name what it compares.'

/** Names schemas on their first use; filters and orders lead to each other, so each is built once and lazily. */
interface Naming {
  readonly model: Pick<Model, 'resources'>
  parts(resource: Resource): Pick<Resource, 'fields' | 'relations'>
  once(name: string, build: () => z.ZodType): z.ZodType
}

export function buildInputSchemas(
  model: Pick<Model, 'resources'>,
  view: View = 'served',
): InputSchemas {
  const named = new Map<string, z.ZodType>()
  const naming: Naming = {
    model,
    parts: (resource) => (view === 'served' ? resource : resource.inner),
    once: (name, build) => {
      const known = named.get(name)
      if (known !== undefined) return known
      const built = build()
      named.set(name, built)
      return built
    },
  }
  return {
    named,
    where: (resource) => filterShape(naming, resource),
    comparison: (field) => comparisonShape(naming, field),
    orderBy: (resource) => z.array(orderShape(naming, resource)).max(8),
    distinctOn: (resource) =>
      z.array(z.enum(sortableFields(naming.parts(resource)).map(({ name }) => name))).max(8),
    create: (resource) => createShape(naming, resource),
    update: (resource) =>
      naming.once(`${resource.type}Update`, () =>
        z
          .strictObject(updateFields(resource))
          .refine(isNonEmpty, shapeRule('Name at least one field to change.'))
          .meta({ minProperties: 1 }),
      ),
    createMany: (resource) => z.array(createShape(naming, resource)),
    upsert: (resource, by) =>
      z.strictObject({
        ...ownFields(resource),
        ...Object.fromEntries(by.fields.map((field) => [field.name, neverNull(field)])),
      }),
    key: (key) =>
      z.strictObject(Object.fromEntries(key.fields.map((field) => [field.name, field.wire]))),
  }
}

const createShape = (naming: Naming, resource: Resource): z.ZodType =>
  naming.once(`${resource.type}Create`, () => newRow(naming, resource, []))

/** What a new row takes: its own fields, those aside that a row around it sets, and what is written along relations. */
function newRow(naming: Naming, resource: Resource, set: readonly Field[]): z.ZodType {
  const nested = nestedOf(naming.model, resource).filter(
    ({ relation, links }) => relation.many || !links.some((field) => set.includes(field)),
  )
  const own = writable(resource, 'create')
    .filter((field) => !set.includes(field))
    .map(
      (field) =>
        [
          field.name,
          inputOf(
            field,
            'create',
            isRequired(field, 'create') &&
              !nested.some(({ relation, links }) => !relation.many && links.includes(field)),
          ),
        ] as const,
    )
  const row = z.strictObject(
    lazily(
      nested.map((one) => [one.relation.name, made(() => nestedShape(naming, resource, one))]),
      Object.fromEntries(own),
    ),
  )
  const either = nested.flatMap(({ relation, links }) => {
    const required = links.filter((field) => isRequired(field, 'create')).map(({ name }) => name)
    return relation.many || required.length === 0
      ? []
      : [{ oneOf: [{ required: [relation.name] }, { required }] }]
  })
  return either.length === 0 ? row : row.meta({ allOf: either }) // the engine judges it, in words of its own: see parse-nested-input.ts
}

/** `{ create, connect }`: of a to-one relation one of them, of a to-many one lists. */
function nestedShape(naming: Naming, resource: Resource, nested: Nested): z.ZodType {
  const {
    relation: { many },
    target,
    links,
    keys,
  } = nested
  const name = nestedName(resource, nested)
  return naming.once(`${name}Nested`, () => {
    const create = () =>
      many
        ? z.array(naming.once(`${name}Create`, () => newRow(naming, target, links)))
        : createShape(naming, target)
    const key = many ? target.primaryKey.fields : keys
    const connect = () => {
      const row = naming.once(`${name}Connect`, () =>
        z.strictObject(Object.fromEntries(key.map((field) => [field.name, field.wire]))),
      )
      return many ? z.array(row) : row
    }
    const ways = [
      ...(nested.create ? [['create', made(create)] as const] : []),
      ...(nested.connect ? [['connect', made(connect)] as const] : []),
    ]
    const members = z.strictObject(lazily(ways))
    const only = ways.length === 1 ? `Give ${ways.map(([way]) => way).join()}.` : null
    if (many)
      return members
        .refine(isNonEmpty, shapeRule(only ?? 'Give create, connect or both.'))
        .meta({ minProperties: 1 })
    return members
      .refine(
        (value) => namesOf(value).length === 1,
        shapeRule(only ?? 'Give either create or connect.'),
      )
      .meta({ minProperties: 1, maxProperties: 1 })
  })
}

/** JSON Schema knows a schema by its identity: a member is made once. */
function made(build: () => z.ZodType): () => z.ZodType {
  let built: z.ZodType | null = null
  return () => (built ??= build())
}

const comparisonShape = ({ once }: Naming, field: Field): z.ZodType =>
  once(comparisonName(field), () =>
    nonEmpty(
      z.strictObject(
        Object.fromEntries(
          operatorsOf(field).map((operator) => [operator.name, operator.operand(field).optional()]),
        ),
      ),
    ),
  )

function filterShape(naming: Naming, resource: Resource): z.ZodType {
  const self = () => filterShape(naming, resource)
  return naming.once(`${resource.type}Filter`, () => {
    const { fields, relations } = naming.parts(resource)
    return z.strictObject(
      lazily([
        ...[...fields.values()].map(
          (field) => [field.name, () => comparisonShape(naming, field)] as const,
        ),
        ...[...relations.values()].map(
          (relation) => [relation.name, () => relationShape(naming, relation)] as const,
        ),
        ['AND', () => z.array(self())],
        ['OR', () => z.array(self())],
        ['NOT', self],
      ]),
    )
  })
}

function relationShape(naming: Naming, relation: Relation): z.ZodType {
  const target = targetOf(naming.model, relation)
  const filter = () => filterShape(naming, target)
  if (!relation.many) return nonEmpty(filter())
  return naming.once(`${target.type}ListFilter`, () =>
    nonEmpty(
      z.strictObject(
        lazily([
          ['some', filter],
          ['none', filter],
          ['every', filter],
          [COUNT, () => comparisonShape(naming, countField)],
        ]),
      ),
    ),
  )
}

function orderShape(naming: Naming, resource: Resource): z.ZodType {
  return naming.once(`${resource.type}Order`, () => {
    const { fields, relations } = naming.parts(resource)
    return oneKey(
      lazily([
        ...[...fields.values()]
          .filter(isSortable)
          .map((field) => [field.name, () => z.enum(orderDirections)] as const),
        ...[...fields.values()]
          .filter(isMeasured)
          .map((field) => [field.name, () => nearestShape(field)] as const),
        ...[...relations.values()].map(
          (relation) => [relation.name, () => relationOrderShape(naming, relation)] as const,
        ),
      ]),
    )
  })
}

/** Along a to-one relation by anything of its row, of a to-many by the number of its rows. */
function relationOrderShape(naming: Naming, relation: Relation): z.ZodType {
  const target = targetOf(naming.model, relation)
  if (!relation.many) return orderShape(naming, target)
  return naming.once(`${target.type}ListOrder`, () =>
    oneKey({ [COUNT]: z.enum(orderDirections).optional() }),
  )
}

/** A key of an order: an object of one member. */
export const oneKey = (members: Record<string, z.ZodType>): z.ZodType =>
  z
    .strictObject(members)
    .refine((key) => namesOf(key).length === 1, shapeRule('Give exactly one key an object.'))

/** Optional members by name, each built when Zod first looks at it: schemas may then refer to each other in circles. */
export function lazily(
  members: readonly (readonly [string, () => z.ZodType])[],
  shape: Record<string, z.ZodType> = {},
): Record<string, z.ZodType> {
  for (const [name, build] of members) {
    const get = made(() => build().optional())
    Object.defineProperty(shape, name, { enumerable: true, configurable: true, get })
  }
  return shape
}

/** What a new row takes where nothing is written along its relations. */
const ownFields = (resource: Resource): Record<string, z.ZodType> =>
  Object.fromEntries(
    writable(resource, 'create').map((field) => [
      field.name,
      inputOf(field, 'create', isRequired(field, 'create')),
    ]),
  )

const updateFields = (resource: Resource): Record<string, z.ZodType> =>
  Object.fromEntries(
    writable(resource, 'update').map((field) => [field.name, inputOf(field, 'update', false)]),
  )

/** Own fields that an order may name, and `distinctOn` with it. */
export const sortableFields = ({ fields }: Pick<Resource, 'fields'>): readonly Field[] =>
  [...fields.values()].filter(isSortable)

/** Fields that a create or update may name. */
export const writable = (resource: Resource, verb: 'create' | 'update'): readonly Field[] =>
  [...resource.fields.values()].filter((field) => field[verb] !== 'never')

const inputOf = (field: Field, verb: 'create' | 'update', required: boolean): z.ZodType => {
  const schema = field.nullable ? field.input.nullable() : neverNull(field)
  const { description, deprecated } = inputAbout(field, verb)
  const text = [description, deprecated].filter((part) => part !== undefined).join(' ')
  const about = {
    ...(text === '' ? {} : { description: text }),
    ...(deprecated === undefined ? {} : { deprecated: true }),
  }
  return (required ? schema : schema.optional()).meta(about)
}

const isRequired = (field: Field, verb: 'create' | 'update'): boolean =>
  verb === 'create' && field.create === 'required'

/** What both documents say of a field in an input; no required member is deprecated, as GraphQL has it. */
export function inputAbout(
  field: Field,
  verb: 'create' | 'update',
): { readonly description?: string; readonly deprecated?: string } {
  const own =
    verb === 'create' && field.own
      ? 'Absent: filled in with your own, where you may create no other.'
      : ''
  const description = [field.description ?? '', own].filter((part) => part !== '').join(' ')
  const { deprecated } = field
  return {
    ...(description === '' ? {} : { description }),
    ...(deprecated === undefined || (isRequired(field, verb) && !field.nullable)
      ? {}
      : { deprecated }),
  }
}

/** Any JSON passes JSON's schema, null too, which would be SQL's null. */
const neverNull = (field: Field): z.ZodType =>
  field.kind.name !== 'json' || field.list
    ? field.input
    : field.input
        .refine((value) => value !== null, shapeRule('Expected JSON other than null.'))
        .meta({ not: { type: 'null' } })

/** What a rule is in JSON Schema stands beside it, as Zod's `meta`. */
export const nonEmpty = <S extends z.ZodType>(schema: S): S =>
  schema.refine(isNonEmpty, shapeRule(emptyObject)).meta({ minProperties: 1 })

/** An undefined member is none: an absent variable must never widen a filter. */
const namesOf = (value: unknown): readonly string[] =>
  Object.entries(value as object)
    .filter(([, member]) => member !== undefined)
    .map(([name]) => name) // objects all

const isNonEmpty = (value: unknown): boolean => namesOf(value).length > 0

/** A rule about shape, judged where nothing else was found: an unknown member is fault enough. */
export const shapeRule = (message: string) => ({
  message,
  params: { shape: true },
  when: ({ issues }: z.core.ParsePayload) => issues.length === 0,
})
