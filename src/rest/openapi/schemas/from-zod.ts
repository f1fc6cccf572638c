// JSON Schemas from Zod schemas, with the formats and the names of this document.
import { z } from 'zod'
import type { KindName } from '../../../schema/values/kinds.ts'
import { type JsonSchema, kindSchemas, nullable, refTo } from '../schemas.ts'

/** What our kinds are called as Zod's string formats. */
const kindOfFormat: Readonly<Record<string, KindName>> = {
  text: 'text',
  bigint: 'bigint',
  decimal: 'decimal',
  uuid: 'uuid',
  date: 'date',
  time: 'time',
  'local-date-time': 'localDateTime',
  'date-time': 'dateTime',
  duration: 'duration',
  base64: 'bytes',
}

export type NamedSchemas = readonly (readonly [name: string, schema: z.ZodType])[]

export function toJsonSchemas(
  schemas: NamedSchemas,
  io: 'input' | 'output',
  enums: ReadonlyMap<string, string>,
): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string }>()
  // a registry has one name for a schema, where several operations may share it
  for (const [name, schema] of schemas)
    registry.add(registry.has(schema) ? z.core.clone(schema) : schema, { id: name })
  const descriptions = z.registry<z.core.GlobalMeta>()
  // names inside of a team's schemas are not ours to give: everything below the top is written in its place
  descriptions.get = (schema: z.core.$ZodType) => {
    const { id: _id, ...meta } = z.globalRegistry.get(schema) ?? {}
    return meta
  }
  const { schemas: made } = z.toJSONSchema(registry, {
    io,
    metadata: descriptions,
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
    override: ({ zodSchema, jsonSchema }) => override(zodSchema, jsonSchema, enums),
  })
  return Object.fromEntries(
    Object.entries(made).map(([name, { $schema: _schema, $id: _id, id: _name, ...schema }]) => [
      name,
      tidy(schema) as JsonSchema,
    ]),
  ) // an object stays one
}

/** Zod writes what may be null as `anyOf` with null, even where that is anything; 3.1 has a shorter form. */
function tidy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(tidy)
  const { anyOf, ...schema } = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, tidy(member)]),
  )
  if (!Array.isArray(anyOf)) return schema
  const [one, other, more] = anyOf as readonly JsonSchema[] // JSON Schema has nothing else there
  const isNullable = one !== undefined && other?.['type'] === 'null' && more === undefined
  return isNullable ? { ...nullable(one), ...schema } : { anyOf, ...schema }
}

/** Our formats as OpenAPI's, and the enums of columns by their names. */
function override(
  zodSchema: z.core.$ZodTypes,
  json: z.core.JSONSchema.BaseSchema,
  enums: ReadonlyMap<string, string>,
): void {
  const name = json.enum === undefined ? undefined : enums.get(JSON.stringify(json.enum))
  if (name !== undefined) {
    for (const key of Object.keys(json)) delete json[key]
    Object.assign(json, refTo(name))
  }
  const { def } = zodSchema._zod
  const kind =
    def.type === 'string' && 'format' in def ? kindOfFormat[String(def.format)] : undefined
  if (kind !== undefined && json.type === 'string') {
    const { format: _format, ...rest } = json
    for (const key of Object.keys(json)) delete json[key]
    Object.assign(json, kindSchemas[kind], rest)
  }
  if (json.type === 'integer' && json.minimum === -(2 ** 31)) json.format = 'int32'
}
