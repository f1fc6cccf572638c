// JSON Schemas that are the same for every model: errors, batches, places and vectors.
import { z } from 'zod'
import { errorTable, issueParts } from '../../../errors.ts'
import { vectorMetrics } from '../../../schema/model/nearest.ts'
import { batchShape } from '../../request/batch-shape.ts'
import { type JsonSchema, kindSchemas, refTo } from '../schemas.ts'

/** @param together how many writes a batch has at most */
export const buildFixedSchemas = (together: number): Readonly<Record<string, JsonSchema>> => ({
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
})

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
