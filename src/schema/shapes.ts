// The Zod schemas of every input of the standard operations, from the model: both faces are checked by these.
import { z } from 'zod'
import type { Field, Model, Relation, Resource, UniqueKey } from './model.ts'
import { targetOf } from './model.ts'
import { operatorsOf } from './operators.ts'

/** Schemas by the names they have in both documents. Built lazily: filters are recursive through relations. */
export interface Shapes {
  where(resource: Resource): z.ZodType
  orderBy(resource: Resource): z.ZodType
  create(resource: Resource): z.ZodType
  update(resource: Resource): z.ZodType
  key(key: UniqueKey): z.ZodType
  comparison(field: Field): z.ZodType
  /** Every named schema met so far, by name; what OpenAPI lists under components. */
  readonly named: ReadonlyMap<string, z.ZodType>
}

/** A caller's filters see what is served; a policy's see every column. */
type View = 'served' | 'inner'

export const orderDirections = ['ASC', 'DESC', 'ASC_NULLS_FIRST', 'ASC_NULLS_LAST', 'DESC_NULLS_FIRST', 'DESC_NULLS_LAST'] as const
export type OrderDirection = typeof orderDirections[number]

/** `IntFilter`, `DecimalListFilter`, `OrderStatusFilter`: one type per kind, whatever the column. */
export function comparisonName(field: Field): string {
  const base = field.enum?.name ?? comparisonBase[field.kind.name]
  return `${base}${field.list ? 'List' : ''}Filter`
}
const comparisonBase = {
  smallint: 'Int', integer: 'Int', bigint: 'BigInt', decimal: 'Decimal', float: 'Float', boolean: 'Boolean', text: 'String', uuid: 'UUID',
  date: 'Date', time: 'Time', localDateTime: 'LocalDateTime', dateTime: 'DateTime', duration: 'Duration', enum: 'Enum', json: 'JSON',
  bytes: 'Bytes', other: 'Opaque',
} as const

export const emptyObject = 'An empty object would match everything; leave it out, or name what it compares.'

export function buildShapes(model: Pick<Model, 'resources'>, view: View = 'served'): Shapes {
  const named = new Map<string, z.ZodType>()
  const once = (name: string, build: () => z.ZodType): z.ZodType => {
    const known = named.get(name)
    if (known !== undefined) return known
    const built = build()
    named.set(name, built)
    return built
  }
  const parts = (resource: Resource) => view === 'served' ? resource : resource.inner

  const comparison = (field: Field): z.ZodType => once(comparisonName(field), () => nonEmpty(z.strictObject(
    Object.fromEntries(operatorsOf(field).map((operator) => [operator.name, operator.operand(field).optional()])),
  )))

  const where = (resource: Resource): z.ZodType => once(`${resource.type}Filter`, () => {
    const self = () => where(resource)
    const shape: Record<string, z.ZodType> = {}
    for (const field of parts(resource).fields.values()) shape[field.name] = comparison(field).optional()
    for (const relation of parts(resource).relations.values()) {
      Object.defineProperty(shape, relation.name, { enumerable: true, get: () => relationFilter(relation).optional() })
    }
    Object.defineProperty(shape, 'AND', { enumerable: true, get: () => z.array(self()).optional() })
    Object.defineProperty(shape, 'OR', { enumerable: true, get: () => z.array(self()).optional() })
    Object.defineProperty(shape, 'NOT', { enumerable: true, get: () => self().optional() })
    return z.strictObject(shape)
  })

  const relationFilter = (relation: Relation): z.ZodType => {
    const target = targetOf(model, relation)
    if (!relation.many) return nonEmpty(where(target))
    return once(`${target.type}ListFilter`, () => nonEmpty(z.strictObject({
      get some() { return where(target).optional() },
      get none() { return where(target).optional() },
      get every() { return where(target).optional() },
    })))
  }

  const orderKey = (resource: Resource): z.ZodType => once(`${resource.type}Order`, () => {
    const shape: Record<string, z.ZodType> = {}
    for (const field of parts(resource).fields.values()) if (isSortable(field)) shape[field.name] = z.enum(orderDirections).optional()
    for (const relation of parts(resource).relations.values()) {
      if (relation.many) continue
      Object.defineProperty(shape, relation.name, { enumerable: true, get: () => orderKey(targetOf(model, relation)).optional() })
    }
    return z.strictObject(shape).refine((key) => Object.keys(key).length === 1, { message: 'Give exactly one key an object.', params: { shape: true } })
  })

  return {
    named, where, comparison,
    orderBy: (resource) => z.array(orderKey(resource)).max(8),
    create: (resource) => once(`${resource.type}Create`, () => z.strictObject(Object.fromEntries(
      writable(resource, 'create').map((field) => [field.name, inputOf(field, field.create === 'required')])))),
    update: (resource) => once(`${resource.type}Update`, () => z.strictObject(Object.fromEntries(
      writable(resource, 'update').map((field) => [field.name, inputOf(field, false)])))
      .refine((input) => Object.keys(input).length > 0, { message: 'Name at least one field to change.', params: { shape: true } })),
    key: (key) => z.strictObject(Object.fromEntries(key.fields.map((field) => [field.name, field.wire]))),
  }
}

export const isSortable = (field: Field): boolean => !field.list && field.kind.name !== 'json' && field.kind.name !== 'other'

/** Fields that a create or update may name. */
export const writable = (resource: Resource, verb: 'create' | 'update'): readonly Field[] =>
  [...resource.fields.values()].filter((field) => field[verb] !== 'never')

const inputOf = (field: Field, required: boolean): z.ZodType => {
  const schema = field.nullable ? field.input.nullable() : field.input
  return required ? schema : schema.optional()
}

const nonEmpty = <S extends z.ZodType>(schema: S): S =>
  schema.refine((value) => Object.keys(value as object).length > 0, { message: emptyObject, params: { shape: true } }) // objects all
