// Schemas of the OpenAPI document: rows, pages and filters from the model, inputs from the very Zod schemas that check them.
import { z } from 'zod'
import { defaultLimits, type Limits } from '../../engine/parse/limits.ts'
import { comparedIn } from '../../schema/model/aggregates.ts'
import { COUNT, countField } from '../../schema/model/counts.ts'
import type { KindName } from '../../schema/values/kinds.ts'
import {
  type CustomOperation,
  type EnumType,
  type Field,
  type Model,
  type Relation,
  type Resource,
  targetOf,
} from '../../schema/model/model.ts'
import { toPascal } from '../../schema/declare/names.ts'
import { vectorMetrics } from '../../schema/model/nearest.ts'
import { buildInputSchemas, comparisonName } from '../../schema/inputs/standard-inputs.ts'
import { detailsName } from '../../schema/declare/declared-errors.ts'
import { errorTable, issueParts } from '../../errors.ts'
import { batchShape } from '../request/batch-shape.ts'
import { aggregateSchemas } from './aggregates.ts'
import { listRequestSchema } from './list-request.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

export const refTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })

const integer = (bits: 16 | 32): JsonSchema => ({
  type: 'integer',
  format: `int${bits}`,
  minimum: -(2 ** (bits - 1)),
  maximum: 2 ** (bits - 1) - 1,
})

/** Values on the wire (contract: digits untouched, ISO 8601), with the formats of the OpenAPI registry. */
const kindSchemas: Readonly<Record<KindName, JsonSchema>> = {
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

/** One value of a field, in a path. */
export const wireSchema = (field: Field): JsonSchema =>
  field.enum === null ? kindSchemas[field.kind.name] : refTo(field.enum.name)

const nullable = (schema: JsonSchema): JsonSchema => {
  if (typeof schema['type'] === 'string') return { ...schema, type: [schema['type'], 'null'] }
  return Object.keys(schema).length === 0 ? schema : { anyOf: [schema, { type: 'null' }] }
}

const described = (
  schema: JsonSchema,
  about: { readonly description?: string; readonly deprecated?: string },
): JsonSchema => {
  const description = [about.description, about.deprecated]
    .filter((part) => part !== undefined)
    .join(' ')
  return {
    ...schema,
    ...(description === '' ? {} : { description }),
    ...(about.deprecated === undefined ? {} : { deprecated: true }),
  }
}

/** A field with any read policy is null where the policy hides it; floats have values that JSON has not. */
function fieldSchema(field: Field): JsonSchema {
  const one = wireSchema(field)
  const whole: JsonSchema = field.list ? { type: 'array', items: nullable(one) } : one
  return described(
    field.nullable || field.read !== null || field.kind.name === 'float' ? nullable(whole) : whole,
    field,
  )
}

const rowSchema = (model: Model, resource: Resource): JsonSchema =>
  described(
    {
      type: 'object',
      properties: {
        ...Object.fromEntries(
          [...resource.fields.values()].map((field) => [field.name, fieldSchema(field)]),
        ),
        ...Object.fromEntries(
          [...resource.relations.values()].map((relation) => {
            const { type } = targetOf(model, relation)
            const schema = relation.many
              ? refTo(`${type}Page`)
              : relation.nullable
                ? nullable(refTo(type))
                : refTo(type)
            return [relation.name, described(schema, relation)]
          }),
        ),
      },
    },
    resource,
  )

const pageSchema = (resource: Resource): JsonSchema => ({
  type: 'object',
  required: ['data', 'page'],
  properties: { data: { type: 'array', items: refTo(resource.type) }, page: refTo('PageInfo') },
})

const pageInfo: JsonSchema = {
  type: 'object',
  required: ['next', 'previous'],
  properties: {
    next: {
      type: ['string', 'null'],
      description: 'The cursor to give as `after`; null on the last page.',
    },
    previous: {
      type: ['string', 'null'],
      description: 'The cursor to give as `before`; null on the first page.',
    },
    total: {
      type: 'integer',
      minimum: 0,
      description: 'All rows of the list; only with `count=exact` or `count=estimated`.',
    },
  },
}

/** From the model, as the Zod schema has no end where relations go in circles. */
function filterSchema(model: Model, resource: Resource): JsonSchema {
  const self = refTo(`${resource.type}Filter`)
  const related = (relation: Relation) =>
    relation.many
      ? refTo(`${targetOf(model, relation).type}ListFilter`)
      : { ...refTo(`${targetOf(model, relation).type}Filter`), minProperties: 1 }
  return {
    type: 'object',
    additionalProperties: false,
    description: `Which ${resource.plural}: all members hold at once.`,
    properties: {
      ...Object.fromEntries(
        [...resource.fields.values()].map((field) => [field.name, refTo(comparisonName(field))]),
      ),
      ...Object.fromEntries(
        [...resource.relations.values()].map((relation) => [relation.name, related(relation)]),
      ),
      AND: { type: 'array', items: self },
      OR: { type: 'array', items: self },
      NOT: self,
    },
  }
}

const listFilterSchema = (resource: Resource): JsonSchema => {
  const filter = refTo(`${resource.type}Filter`)
  return {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: {
      some: filter,
      none: filter,
      every: filter,
      [COUNT]: refTo(comparisonName(countField)),
    },
  }
}

const enumSchema = (type: EnumType): JsonSchema => ({
  type: 'string',
  enum: type.values.map(({ label }) => label),
})

/** Names of a custom operation's own schemas. */
export const inputName = (operation: CustomOperation): string => `${toPascal(operation.name)}Input`
export const outputName = (operation: CustomOperation): string =>
  `${toPascal(operation.name)}Output`

/** Every schema the document may refer to, by name; `together` is how many writes a batch has at most. */
export function buildSchemas(
  model: Model,
  { together }: Pick<Limits, 'together'> = defaultLimits,
): Readonly<Record<string, JsonSchema>> {
  const resources = [...model.resources.values()]
  const enums = new Map(
    resources
      .flatMap((resource) => [...resource.fields.values()])
      .flatMap((field) => field.enum ?? [])
      .map((type) => [type.name, type]),
  )
  const own = resources.flatMap((resource): (readonly [string, JsonSchema])[] => [
    [resource.type, rowSchema(model, resource)],
    [`${resource.type}Page`, pageSchema(resource)],
    [`${resource.type}Filter`, filterSchema(model, resource)],
    [`${resource.type}ListFilter`, listFilterSchema(resource)],
    [`${resource.type}ListRequest`, listRequestSchema(resource, refTo)],
    ...aggregateSchemas(resource, { fieldSchema, refTo }),
  ])
  return {
    ...fromZod(model, enums),
    ...Object.fromEntries(own),
    ...Object.fromEntries([...enums.values()].map((type) => [type.name, enumSchema(type)])),
    PageInfo: pageInfo,
    VectorNearest: vectorNearest,
    GeoJSON: geoJsonSchema,
    GeoNearest: {
      type: 'object',
      additionalProperties: false,
      required: ['to'],
      properties: { to: kindSchemas.geometry },
    },
    Problem: problem,
    ProblemIssue: issue,
    WriteBatch: toBatchSchema(together),
    WriteBatchResults: batchResults,
  }
}

/** Comparisons, inputs of writes, and what custom operations take and give. */
function fromZod(
  model: Model,
  enums: ReadonlyMap<string, EnumType>,
): Readonly<Record<string, JsonSchema>> {
  const inputSchemas = buildInputSchemas(model)
  for (const resource of model.resources.values()) {
    for (const field of [...resource.fields.values(), countField, ...comparedIn(resource)])
      inputSchemas.comparison(field)
    inputSchemas.create(resource)
    inputSchemas.update(resource)
  }
  for (const schema of inputSchemas.named.values()) buildMembers(schema)
  const custom = model.operations.filter((operation) => operation.standard === null)
  const given = custom.flatMap((operation) =>
    operation.output.type === 'value'
      ? [[outputName(operation), operation.output.schema] as const]
      : [],
  )
  const told = custom.flatMap(({ errors }) =>
    errors.flatMap(({ code, details }) =>
      details === null ? [] : [[detailsName(code), details] as const],
    ),
  )
  const taken = custom.flatMap((operation) =>
    operation.input === null ? [] : [[inputName(operation), operation.input] as const],
  )
  const names = new Map(
    [...enums.values()].map((type) => [
      JSON.stringify(type.values.map(({ label }) => label)),
      type.name,
    ]),
  )
  return {
    ...toSchemas([...inputSchemas.named, ...taken], 'input', names),
    ...toSchemas([...given, ...new Map(told)], 'output', names),
  }
}

/** Members of a shape are built when they are looked at, and what is written along relations is named then. */
function buildMembers(schema: z.ZodType): void {
  if (schema instanceof z.ZodObject) Object.values(schema.shape)
}

type NamedSchemas = readonly (readonly [name: string, schema: z.ZodType])[]

function toSchemas(
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

function toBatchSchema(together: number): JsonSchema {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(batchShape, {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.type === 'array') jsonSchema.maxItems = together // a limit of the engine, which refuses what is over it as too complex
    },
  })
  return schema
}

const batchResults: JsonSchema = {
  type: 'object',
  required: ['results'],
  properties: {
    results: {
      type: 'array',
      description: 'The answers, in the order of the requests.',
      items: {
        type: 'object',
        required: ['status'],
        properties: {
          status: { type: 'integer' },
          headers: { type: 'object', additionalProperties: { type: 'string' } },
          body: {
            description: 'What the request would answer by itself; none where there is no body.',
          },
        },
      },
    },
  },
}

const geoJsonSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['type'],
  description: 'A geometry (RFC 7946): longitude first.',
  properties: {
    type: {
      type: 'string',
      enum: [
        'Point',
        'MultiPoint',
        'LineString',
        'MultiLineString',
        'Polygon',
        'MultiPolygon',
        'GeometryCollection',
      ],
    },
    coordinates: { type: 'array', items: {} },
    geometries: {
      type: 'array',
      items: { $ref: '#/components/schemas/GeoJSON' },
      description: 'Of a GeometryCollection, in place of coordinates.',
    },
  },
}

const vectorNearest: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['to'],
  properties: {
    to: { ...kindSchemas.vector, description: 'As many numbers as the column has dimensions.' },
    metric: { type: 'string', enum: vectorMetrics, default: 'L2' },
  },
}

const issue: JsonSchema = {
  type: 'object',
  required: ['in', 'path', 'code', 'message'],
  properties: {
    in: {
      type: 'string',
      enum: [...issueParts],
      description: 'The part of the request that is wrong.',
    },
    path: {
      type: 'array',
      items: { type: ['string', 'integer'] },
      description: 'Where in that part.',
    },
    code: { type: 'string', description: 'A stable word for programs.' },
    message: { type: 'string' },
  },
}

const problem: JsonSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'instance'],
  description: 'What went wrong (RFC 9457). Switch on `code`.',
  properties: {
    type: { type: 'string', format: 'uri', description: 'A URN of the code.' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(errorTable) },
    issues: {
      type: 'array',
      items: refTo('ProblemIssue'),
      description: 'Each single thing that is wrong with the request.',
    },
    request: { type: 'integer', description: 'Which request of a batch it is about, from 0.' },
    instance: { type: 'string', description: 'The id of the request, which names it in the log.' },
  },
}
