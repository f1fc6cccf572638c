// Operations of the OpenAPI document, one for every route.
import {
  type CustomOperation,
  type Field,
  type Model,
  type Operation,
  type Relation,
  type Resource,
  type StandardOperation,
  targetOf,
} from '../../schema/model/model.ts'
import { verbsOf } from '../../schema/model/verbs.ts'
import type { Member } from '../../schema/values/zod-types.ts'
import { BATCH_PATH } from '../request/batch-shape.ts'
import { inputPlaces, isListOfScalars } from '../request/custom-inputs.ts'
import { aggregateParametersOf } from './aggregates.ts'
import { customErrorResponses, declaredErrors } from './errors.ts'
import { filterParametersOf, listParametersOf, selecting } from './list-parameters.ts'
import { manyBody, manyParametersOf, manyResponses, tagOf } from './bulk.ts'
import {
  errorRefs,
  headerRefs,
  jsonContent,
  notModified,
  parameterRef,
  requiredParameter,
  securityOf,
} from './components.ts'
import { inputName, type JsonSchema, outputName, refTo, wireSchema } from './schemas.ts'
import { selectionParameters } from '../request/list-arguments.ts'
import { operationPath, queryPath, relatedPath } from '../request/paths.ts'

type Part = Readonly<Record<string, unknown>>

export interface DocumentedRoute {
  readonly path: string
  readonly method: string
  readonly operation: Part
}

/** Everything REST serves of the model, in its order. */
export function describeOperations(
  model: Model,
  schemas: Readonly<Record<string, JsonSchema>>,
): readonly DocumentedRoute[] {
  const routes = model.operations.flatMap((operation) => {
    if (operation.standard === null)
      return operation.only?.face === 'graphql'
        ? []
        : [ofKind(operation, describeCustom(operation, schemas))]
    const related =
      operation.standard === 'get' && operation.by === operation.resource.primaryKey
        ? [...operation.resource.relations.values()].flatMap((relation) =>
            describeRelated(model, operation, relation),
          )
        : []
    const described = ofKind(operation, describeStandard(operation, schemas))
    return [
      described,
      ...(operation.standard === 'list' ? [describeQuery(described, operation.resource)] : []),
      ...related,
    ]
  })
  return model.operations.some(
    (operation) =>
      operation.kind === 'mutation' &&
      (operation.standard !== null || operation.only?.face !== 'graphql'),
  )
    ? [...routes, withIdempotency(describeBatch(model))]
    : routes
}

const ofKind = ({ kind }: Operation, route: DocumentedRoute): DocumentedRoute =>
  kind === 'query' ? route : withIdempotency(route)

/** Every write takes a key, and says of its answer whether it is an earlier one; a PATCH also says what it takes. */
function withIdempotency(route: DocumentedRoute): DocumentedRoute {
  const { operation, method } = route
  const told = headerRefs('Idempotency-Replayed', ...(method === 'patch' ? ['Accept-Patch'] : []))
  const { parameters = [], responses } = operation as {
    readonly parameters?: readonly Part[]
    readonly responses: Readonly<Record<string, Part>>
  } // as described above
  const answers = Object.entries(responses).map(([status, response]) => [
    status,
    !status.startsWith('2')
      ? response
      : { ...response, headers: { ...told, ...(response['headers'] as Part | undefined) } },
  ])
  return {
    ...route,
    operation: {
      ...operation,
      parameters: [...parameters, parameterRef('idempotencyKey')],
      responses: Object.fromEntries(answers),
    },
  }
}

interface Named {
  readonly name: string
  readonly description?: string
  readonly deprecated?: string
}

const about = ({ name, description = `Runs ${name}.`, deprecated }: Named, tag: string): Part => ({
  operationId: name,
  tags: [tag],
  summary: (/^[^.;:]+/.exec(description)?.[0] ?? description).trim(),
  description: deprecated === undefined ? description : `${description} Deprecated: ${deprecated}`,
  ...(deprecated === undefined ? {} : { deprecated: true }),
})

/** Several writes, all or nothing, with the errors of each: see batch.ts. */
const describeBatch = (model: Model): DocumentedRoute => ({
  path: BATCH_PATH,
  method: 'post',
  operation: {
    ...about(
      {
        name: 'batch',
        description:
          'Does several writes in one transaction: all of them, or none. What is wrong says which request it is about.',
      },
      'Operations',
    ),
    requestBody: { required: true, content: jsonContent(refTo('WriteBatch')) },
    responses: {
      200: {
        description: 'What each request answers, in their order.',
        headers: headerRefs(),
        content: jsonContent(refTo('WriteBatchResults')),
      },
      ...customErrorResponses(
        { errors: declaredErrors(model, 'mutation') },
        404,
        409,
        412,
        413,
        415,
        428,
      ),
    },
    security: securityOf({ type: 'everyone' }),
  },
})

const methods = {
  get: 'get',
  list: 'get',
  aggregate: 'get',
  create: 'post',
  update: 'patch',
  delete: 'delete',
  createMany: 'post',
  upsert: 'put',
  updateMany: 'patch',
  deleteMany: 'delete',
} as const

function describeStandard(
  operation: StandardOperation,
  schemas: Readonly<Record<string, JsonSchema>>,
): DocumentedRoute {
  const { resource, by, standard } = operation
  const parameters = [
    ...(by === null ? [] : keyParameters(by.fields)),
    ...standardParameters(resource, standard),
  ]
  return {
    path: operationPath(operation),
    method: methods[standard],
    operation: {
      ...about(operation, resource.type),
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(bodies(resource)[standard] ?? manyBody(operation, schemas)),
      responses: standardResponses(resource, standard),
      security: securityOf({
        type: 'all',
        of: verbsOf[standard].map((verb) => resource.access[verb]),
      }),
    },
  }
}

const keyParameters = (fields: readonly Field[]): readonly Part[] =>
  fields.map((field) => ({
    name: field.name,
    in: 'path',
    required: true,
    schema: wireSchema(field),
    ...(field.description === undefined ? {} : { description: field.description }),
  }))

const known = parameterRef('ifNoneMatch')

function standardParameters(
  resource: Resource,
  standard: StandardOperation['standard'],
): readonly Part[] {
  if (standard === 'list') return [...listParametersOf(resource), known]
  if (standard === 'aggregate')
    return [...filterParametersOf(resource), ...aggregateParametersOf(resource), known]
  if (standard === 'get') return [...selecting, known]
  if (standard === 'updateMany' || standard === 'deleteMany')
    return [...manyParametersOf(resource), ...selecting, parameterRef('prefer')]
  const precondition =
    resource.version === null || (standard !== 'update' && standard !== 'delete')
      ? []
      : [resource.version.required ? requiredParameter('ifMatch') : parameterRef('ifMatch')]
  return [
    ...(resource.access.read.type === 'nobody' ? [] : selecting),
    parameterRef('prefer'),
    ...precondition,
  ]
}

/** A PATCH takes a merge patch too. */
const bodyContent = (method: string, schema: JsonSchema): Part =>
  method === 'PATCH'
    ? { 'application/merge-patch+json': { schema }, ...jsonContent(schema) }
    : jsonContent(schema)

function bodies({
  type,
}: Resource): Readonly<Partial<Record<StandardOperation['standard'], Part>>> {
  const update: Part = {
    requestBody: {
      required: true,
      content: bodyContent('PATCH', refTo(`${type}Update`)),
      description: 'The fields to change. Null sets null; a JSON column is replaced whole.',
    },
  }
  return {
    create: { requestBody: { required: true, content: jsonContent(refTo(`${type}Create`)) } },
    update,
    updateMany: update,
  }
}

const without = (description: string, ...names: readonly string[]): Part => ({
  description,
  headers: headerRefs(...names, 'Preference-Applied'),
})

/** What becomes of a condition on the row's version. */
const preconditionErrors = ({ version }: Resource): readonly number[] =>
  version === null ? [] : version.required ? [412, 428] : [412]

function standardResponses(resource: Resource, standard: StandardOperation['standard']): Part {
  const row = refTo(resource.type)
  const tag = tagOf(resource)
  const shown = {
    headers: headerRefs(...tag, 'Preference-Applied'),
    ...(resource.access.read.type === 'nobody' ? {} : { content: jsonContent(row) }),
  }
  switch (standard) {
    case 'get':
      return reading('The row.', row, 404)
    case 'list':
      return listing(resource)
    case 'aggregate':
      return reading('The groups: all of them, or as many as `limit` says.', {
        type: 'array',
        items: refTo(`${resource.type}Aggregate`),
      })
    case 'create':
      return {
        201: {
          ...shown,
          description:
            'The row as it was stored; no body where you may not read it, or asked for nothing.',
          headers: headerRefs(...tag, 'Location', 'Preference-Applied'),
        },
        ...errorRefs(409, 413, 415),
      }
    case 'update':
      return {
        ...(shown.content === undefined
          ? {}
          : { 200: { ...shown, description: 'The row as it is now.' } }),
        204: without('Changed; you may not read the row, or asked for nothing.', ...tag),
        ...errorRefs(404, 409, 413, 415, ...preconditionErrors(resource)),
      }
    case 'delete':
      return {
        ...(shown.content === undefined
          ? {}
          : {
              200: {
                ...shown,
                description: 'The row as it was.',
                headers: headerRefs('Preference-Applied'),
              },
            }),
        204: without('Deleted.'),
        ...errorRefs(404, 409, 413, 415, ...preconditionErrors(resource)),
      }
    default:
      return manyResponses(resource, standard)
  }
}

const reading = (description: string, schema: JsonSchema, ...errors: readonly number[]): Part => ({
  200: { description, headers: headerRefs('ETag'), content: jsonContent(schema) },
  304: notModified(),
  ...errorRefs(...errors),
})

const listed = (resource: Resource, ...names: readonly string[]): Part => ({
  description:
    'A page of the list; or all of it as lines, with `limit` as their bound and neither `before` nor `count`.',
  headers: headerRefs(...names, 'Link', 'Content-Disposition'),
  content: {
    ...jsonContent(refTo(`${resource.type}Page`)),
    'text/csv': { schema: { type: 'string' } },
    'application/x-ndjson': { schema: { type: 'string' } },
  },
})

const listing = (resource: Resource, ...errors: readonly number[]): Part => ({
  200: listed(resource, 'ETag'),
  304: notModified('Link'),
  ...errorRefs(...errors),
})

/** The same list by a body. */
function describeQuery(
  { path, operation }: DocumentedRoute,
  target: Resource,
  inPath: readonly Part[] = [],
): DocumentedRoute {
  return {
    path: queryPath(path),
    method: 'post',
    operation: {
      ...operation,
      operationId: `${String(operation['operationId'])}_query`,
      description: `${String(operation['description'])} The list request as a body, where it is too long for a URL; a link of a page is followed with the same body.`,
      parameters: [...inPath, ...['after', 'before'].map(parameterRef)],
      requestBody: { required: true, content: jsonContent(refTo(`${target.type}ListRequest`)) },
      responses: {
        200: listed(target),
        ...errorRefs(413, 415, ...(inPath.length === 0 ? [] : [404])),
      },
    },
  }
}

function describeRelated(
  model: Model,
  { resource, name }: StandardOperation,
  relation: Relation,
): readonly DocumentedRoute[] {
  const target = targetOf(model, relation)
  const what = relation.many
    ? `A page of ${relation.name} of one ${resource.type}.`
    : `The ${relation.name} of one ${resource.type}.`
  const inPath = keyParameters(resource.primaryKey.fields)
  const described: DocumentedRoute = {
    path: relatedPath(resource, relation),
    method: 'get',
    operation: {
      ...about(
        { name: `${name}_${relation.name}`, description: relation.description ?? what },
        resource.type,
      ),
      parameters: [...inPath, ...(relation.many ? listParametersOf(target) : selecting), known],
      responses: relation.many
        ? listing(target, 404)
        : reading('The row.', refTo(target.type), 404),
      security: securityOf({ type: 'all', of: [resource.access.read, target.access.read] }),
    },
  }
  return relation.many ? [described, describeQuery(described, target, inPath)] : [described]
}

function describeCustom(
  operation: CustomOperation,
  schemas: Readonly<Record<string, JsonSchema>>,
): DocumentedRoute {
  const {
    rest: { method, path, status },
    output,
    kind,
  } = operation
  const places = inputPlaces(operation)
  const { properties = {} } = (schemas[inputName(operation)] ?? {}) as {
    readonly properties?: Readonly<Record<string, JsonSchema>>
  } // of z.object, always
  const parameter = (name: string, member: Member, where: 'path' | 'query'): Part => ({
    name,
    in: where,
    ...(where === 'path' || !member.optional ? { required: true } : {}),
    ...placed(member, properties[name] ?? {}, where),
  })
  const parameters = [
    ...[...places.path].map(([name, member]) => parameter(name, member, 'path')),
    ...(kind === 'query'
      ? [...places.other].map(([name, member]) => parameter(name, member, 'query'))
      : []),
    ...(output.type === 'value'
      ? []
      : selectionParameters
          .filter((name) => kind !== 'query' || !places.other.has(name))
          .map(parameterRef)),
    ...(kind === 'query' ? [known] : []),
  ]
  return {
    path,
    method: method.toLowerCase(),
    operation: {
      ...about(operation, output.type === 'value' ? 'Operations' : output.resource.type),
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(kind === 'query' || places.other.size === 0
        ? {}
        : {
            requestBody: {
              required: places.required,
              content: bodyContent(method, bodySchema(operation, schemas)),
            },
          }),
      responses: {
        ...customResponses(operation, status),
        ...customErrorResponses(operation, 404, ...(kind === 'query' ? [] : [409, 413, 415])),
      },
      security: securityOf(operation.access),
    },
  }
}

/** A query's values as text has them: lists of scalars by comma, deeper ones as JSON. */
function placed(
  member: Member,
  { description, ...schema }: JsonSchema,
  where: 'path' | 'query',
): Part {
  const facts = {
    ...(description === undefined ? {} : { description }),
    ...(member.deprecated === true ? { deprecated: true } : {}),
  }
  if (
    where === 'path' ||
    member.value.type === 'enum' ||
    (member.value.type === 'scalar' && member.value.kind !== 'json')
  )
    return { ...facts, schema }
  return isListOfScalars(member)
    ? { ...facts, schema, style: 'form', explode: false }
    : { ...facts, content: jsonContent(schema) }
}

/** The input without what stands in the path. */
function bodySchema(
  operation: CustomOperation,
  schemas: Readonly<Record<string, JsonSchema>>,
): JsonSchema {
  const whole = schemas[inputName(operation)] ?? {}
  const { path } = inputPlaces(operation)
  if (path.size === 0) return refTo(inputName(operation))
  const { properties, required, ...rest } = whole as {
    readonly properties?: object
    readonly required?: readonly string[]
  } // as in describeCustom
  const left = (required ?? []).filter((name) => !path.has(name))
  return {
    ...rest,
    properties: Object.fromEntries(
      Object.entries(properties ?? {}).filter(([name]) => !path.has(name)),
    ),
    ...(left.length === 0 ? {} : { required: left }),
  }
}

function customResponses(operation: CustomOperation, status: number): Part {
  const { output, kind } = operation
  const schema =
    output.type === 'value'
      ? refTo(outputName(operation))
      : output.type === 'row'
        ? refTo(output.resource.type)
        : {
            type: 'object',
            required: ['data'],
            properties: { data: { type: 'array', items: refTo(output.resource.type) } },
          }
  const answered = {
    description: 'Done.',
    headers: headerRefs(...(kind === 'query' ? ['ETag'] : [])),
    content: jsonContent(schema),
  }
  if (kind === 'query')
    return { [status]: { ...answered, description: 'The answer.' }, 304: notModified() }
  if (output.type !== 'row') return { [status]: answered }
  if (status !== 200)
    return {
      [status]: { ...answered, description: 'Done; no body where you may not read the row.' },
    }
  const { content: _shown, ...unseen } = answered
  return { 200: answered, 204: { ...unseen, description: 'Done; you may not read the row.' } }
}
