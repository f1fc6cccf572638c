// JSON Schemas of inputs, printed from their types: filters as they stand, and by way of Zod what a column or a team limits.
import type { z } from 'zod'
import { defined } from '../../../defined.ts'
import { comparedIn } from '../../../schema/model/aggregates.ts'
import { countField } from '../../../schema/model/counts.ts'
import type { Model, Resource } from '../../../schema/model/model.ts'
import type { InputTypes } from '../../../schema/inputs/input-types.ts'
import { toDescribedZod, toZod } from '../../../schema/inputs/to-zod.ts'
import {
  boundsOf,
  type Member,
  type NamedType,
  type ObjectType,
  type ValueType,
} from '../../../schema/values/value-types.ts'
import { type JsonSchema, kindSchemas, refTo } from '../schemas.ts'

type Named = readonly [string, JsonSchema]

/** Filters on rows, and on related rows. */
export const filterSchemas = (types: InputTypes, resource: Resource): readonly Named[] => [
  named(types.where(resource), `Which ${resource.plural}: all members hold at once.`),
  named(types.listWhere(resource)),
]

/** The filter on groups. */
export const havingSchema = (types: InputTypes, resource: Resource): Named =>
  named(
    types.having(resource),
    `Which groups of ${resource.plural} to take: all members hold at once.`,
  )

const named = (type: NamedType, description?: string): Named => [
  type.name,
  objectSchema(type, description),
]

/** Its members have no description: each refers to a schema that says what it is. */
const objectSchema = ({ rule, members }: ObjectType, description?: string): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  ...boundsOf(rule, members),
  ...defined({ description }),
  properties: Object.fromEntries(
    [...members].map(([name, member]) => [name, memberSchema(member)]),
  ),
})

const memberSchema = ({ value, rule }: Member): JsonSchema => ({
  ...typeSchema(value),
  ...boundsOf(rule),
})

function typeSchema(type: ValueType): JsonSchema {
  switch (type.type) {
    case 'scalar':
      return kindSchemas[type.kind]
    case 'enum':
      return type.name === undefined ? { type: 'string', enum: type.labels } : refTo(type.name)
    case 'list':
      return { type: 'array', items: memberSchema(type.of) }
    case 'object':
      return isNamed(type) ? refTo(type.name) : objectSchema(type)
  }
}

const isNamed = (type: ValueType): type is NamedType =>
  type.type === 'object' && type.name !== undefined && type.inPlace !== true

/** Comparisons, and what writes take, by name: in Zod, which knows the limits of each value. */
export function zodInputs(types: InputTypes, model: Model): ReadonlyMap<string, z.ZodType> {
  const schemas = new Map<string, z.ZodType>()
  const writes: NamedType[] = []
  for (const resource of model.resources.values()) {
    for (const field of [...resource.fields.values(), countField, ...comparedIn(resource)]) {
      const type = types.comparison(field)
      schemas.set(type.name, toZod(type))
    }
    for (const type of [types.create(resource), types.update(resource)]) {
      schemas.set(type.name, toDescribedZod(type))
      writes.push(type)
    }
  }
  for (const type of writes) {
    for (const nested of [...type.members.values()].flatMap(namedIn)) {
      if (schemas.has(nested.name)) continue
      schemas.set(nested.name, toDescribedZod(nested))
      writes.push(nested) // the loop comes to it
    }
  }
  return schemas
}

function namedIn({ value }: Member): readonly NamedType[] {
  if (value.type === 'list') return namedIn(value.of)
  return isNamed(value) ? [value] : []
}
