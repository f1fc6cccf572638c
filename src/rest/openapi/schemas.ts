// JSON Schemas of values: each kind as it is on the wire, and the fields of rows.
import type { KindName } from '../../schema/values/kinds.ts'
import { type About, documented } from '../../schema/values/value-types.ts'
import type { CustomOperation, Field } from '../../schema/model/model.ts'
import { toPascal } from '../../schema/declare/names.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

export const refTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })

const integer = (bits: 16 | 32): JsonSchema => ({
  type: 'integer',
  format: `int${bits}`,
  minimum: -(2 ** (bits - 1)),
  maximum: 2 ** (bits - 1) - 1,
})

/** Values on the wire (contract: digits untouched, ISO 8601), with the formats of the OpenAPI registry. */
export const kindSchemas: Readonly<Record<KindName, JsonSchema>> = {
  smallint: integer(16),
  integer: integer(32),
  bigint: { type: 'string', format: 'int64', pattern: '^-?[0-9]{1,19}$' },
  decimal: {
    type: 'string',
    format: 'decimal',
    pattern: '^(-?[0-9]+([.][0-9]+)?|NaN|-?Infinity)$',
  },
  float: { type: 'number', format: 'double' },
  boolean: { type: 'boolean' },
  text: { type: 'string' },
  enum: { type: 'string' },
  other: { type: 'string' },
  uuid: { type: 'string', format: 'uuid' },
  date: { type: 'string', format: 'date' },
  time: { type: 'string', format: 'time-local' },
  localDateTime: { type: 'string', format: 'date-time-local' },
  dateTime: { type: 'string', format: 'date-time' },
  duration: { type: 'string', format: 'duration' },
  bytes: { type: 'string', contentEncoding: 'base64' },
  json: {},
  vector: { type: 'array', items: { type: 'number', format: 'float' } },
  geometry: { $ref: '#/components/schemas/GeoJSON' },
}

/** One value of a field, in a path. */
export const wireSchema = (field: Field): JsonSchema =>
  field.enum === null ? kindSchemas[field.kind.name] : refTo(field.enum.name)

export const nullable = (schema: JsonSchema): JsonSchema => {
  if (typeof schema['type'] === 'string') return { ...schema, type: [schema['type'], 'null'] }
  return Object.keys(schema).length === 0 ? schema : { anyOf: [schema, { type: 'null' }] }
}

export const withDescription = (schema: JsonSchema, about: About): JsonSchema => ({
  ...schema,
  ...documented(about),
})

/** A field with any read policy is null where the policy hides it; floats have values that JSON has not. */
export function fieldSchema(field: Field): JsonSchema {
  const one = wireSchema(field)
  const whole: JsonSchema = field.list ? { type: 'array', items: nullable(one) } : one
  return withDescription(
    field.nullable || field.read !== null || field.kind.name === 'float' ? nullable(whole) : whole,
    field,
  )
}

/** Names of a custom operation's own schemas. */
export const inputName = (operation: CustomOperation): string => `${toPascal(operation.name)}Input`
export const outputName = (operation: CustomOperation): string =>
  `${toPascal(operation.name)}Output`
