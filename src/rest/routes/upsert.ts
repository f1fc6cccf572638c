// Upsert: PUT of one row by a key, which creates the row or changes the given fields of the one that is there.
import { Problem } from '../../errors.ts'
import { writable } from '../../schema/inputs/standard-inputs.ts'
import type { Field, Resource, StandardOperation } from '../../schema/model/model.ts'
import {
  type JsonObject,
  type OperationObject,
  propertiesOf,
  type Schemas,
} from '../openapi/description.ts'
import { describeStandard, requiredBody } from '../openapi/operation.ts'
import { writeParameters } from '../openapi/parameters.ts'
import { emptyResponse, errorRefs, shownContent, tagNames } from '../openapi/responses.ts'
import { refTo } from '../openapi/schemas.ts'
import { fieldsOf, refuseMergePatch } from '../request/body.ts'
import type { RestContext } from '../request/incoming.ts'
import { operationPath } from '../request/paths.ts'
import { openRowKey } from '../request/reading.ts'
import { openWriteOptions } from '../request/write-options.ts'
import { toLocation } from '../response/answer.ts'
import { rowResult, showRow, statusOf, writtenRow } from '../response/written.ts'
import { ask, type Route } from './route.ts'

export const upsertRoutes = (
  context: RestContext,
  operation: StandardOperation,
): readonly Route[] => [
  {
    method: 'PUT',
    path: operationPath(operation),
    operationsOf: () => [operation.name],
    answer: answerUpsert(context, operation),
    describe: (schemas) => describeUpsert(operation, schemas),
  },
]

function answerUpsert(context: RestContext, operation: StandardOperation): Route['answer'] {
  const readOptions = openWriteOptions(context, operation, 'representation')
  const readKey = openRowKey(context, operation)
  return async (incoming) => {
    refuseMergePatch(incoming)
    const options = readOptions(incoming)
    const { selection, applied } = options
    const input = { input: withKey(readKey(incoming), fieldsOf(incoming)) }
    const result = rowResult(await ask(incoming, { operation, input, selection }))
    const written = writtenRow(result)
    const shown = showRow(written, options)
    if (result.created !== true) return { status: statusOf(shown.body), headers: applied, ...shown }
    if (written === null) return { status: 201, headers: applied, ...shown }
    const location = toLocation(context.prefix, written)
    return { status: 201, headers: { ...applied, location }, ...shown }
  }
}

/** The row's fields with the key of the path. The body may repeat the key, but not name another. */
function withKey(key: Readonly<Record<string, unknown>>, fields: object): object {
  const given = new Map<string, unknown>(Object.entries(fields))
  const others = Object.keys(key).filter(
    (name) => given.get(name) !== undefined && given.get(name) !== key[name],
  )
  if (others.length > 0) {
    const message = `The path says another ${others.join(', ')}.`
    throw new Problem('VALIDATION_FAILED', message, {
      issues: others.map((name) => ({ in: 'input', path: [name], code: 'other_key', message })),
    })
  }
  return { ...fields, ...key }
}

function describeUpsert(operation: StandardOperation, schemas: Schemas): OperationObject {
  const { resource, by } = operation
  const row = refTo(resource.type)
  const tag = tagNames(resource)
  return describeStandard(operation, {
    parameters: writeParameters(operation),
    requestBody: {
      ...requiredBody('PUT', upsertSchema(resource, by?.fields ?? [], schemas)),
      description:
        'The row. Where it is there already, what is absent stays. The key is that of the path; a body may say it too.',
    },
    responses: {
      200: {
        description: 'The row was there; as it is now.',
        ...shownContent(resource, row, tag),
      },
      201: {
        description:
          'The row was created; no body where you may not read it, or asked for nothing.',
        ...shownContent(resource, row, [...tag, 'Location']),
      },
      204: emptyResponse(
        'The row was there, and was changed; you may not read it, or asked for nothing.',
        tag,
      ),
      ...errorRefs([409, 413, 415]),
    },
  })
}

/** The input of a create without relations; the fields of the key in the path are optional. */
function upsertSchema(resource: Resource, inPath: readonly Field[], schemas: Schemas): JsonObject {
  const created = schemas[`${resource.type}Create`] ?? {}
  const { properties: _properties, required: _required, allOf: _relations, ...rest } = created
  const known = propertiesOf(created)
  const isInPath = (field: Field): boolean => inPath.some(({ name }) => field.name === name)
  const toProperty = (field: Field): JsonObject => {
    const schema = known[field.name] ?? {}
    return isInPath(field) ? withoutNull(schema) : schema
  }
  const own = writable(resource, 'create')
  const required = own
    .filter((field) => field.create === 'required' && !isInPath(field))
    .map(({ name }) => name)
  const properties = Object.fromEntries(own.map((field) => [field.name, toProperty(field)]))
  return required.length === 0 ? { ...rest, properties } : { ...rest, properties, required }
}

/** The value of a key is never null, although its column may be. */
function withoutNull({ type, anyOf, ...rest }: JsonObject): JsonObject {
  if (Array.isArray(anyOf)) return { ...rest, ...anyOf.find((schema) => !isNull(schema)) }
  if (type === undefined) return rest
  const [only, ...more] = [type].flat().filter((name) => name !== 'null')
  return { type: more.length === 0 ? only : [only, ...more], ...rest }
}

const isNull = (schema: unknown): boolean =>
  typeof schema === 'object' && schema !== null && Reflect.get(schema, 'type') === 'null'
