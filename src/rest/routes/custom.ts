// The team's own operations: the method, path and status that they name.
import type { Selection } from '../../engine/request.ts'
import type { EngineResult } from '../../engine/result.ts'
import type { CustomOperation } from '../../schema/model/model.ts'
import {
  inputBody,
  describePathParameters,
  describeQueryParameters,
} from '../openapi/custom-inputs.ts'
import type { JsonObject, OperationObject, Responses, Schemas } from '../openapi/description.ts'
import { errorResponses } from '../openapi/errors.ts'
import { describeTitle, withParameters } from '../openapi/operation.ts'
import { ifNoneMatch, parameterRef } from '../openapi/parameters.ts'
import { headerRefs, jsonContent, notModified } from '../openapi/responses.ts'
import { outputName, refTo } from '../openapi/schemas.ts'
import { securityOf } from '../openapi/security.ts'
import { noRow } from '../errors.ts'
import { refuseMergePatch } from '../request/body.ts'
import {
  type InputPlaces,
  inputPlaces,
  readBodyInput,
  readPathInput,
  readQueryInput,
} from '../request/custom-inputs.ts'
import { type Incoming, ownFields, type RestContext } from '../request/incoming.ts'
import { selectionParameters } from '../request/list-arguments.ts'
import { openQuery, type Query, queryOf } from '../request/query-string.ts'
import { readSelection } from '../request/selection.ts'
import type { Answer } from '../response/answer.ts'
import { writeRow, writeRows } from '../response/row-template.ts'
import { ask, type Route } from './route.ts'

/** None where the operation is on GraphQL only. */
export function customRoutes(context: RestContext, operation: CustomOperation): readonly Route[] {
  if (operation.only?.face === 'graphql') return []
  const { rest, errors, kind, name } = operation
  const places = inputPlaces(operation)
  const shared = {
    method: rest.method,
    path: rest.path,
    errors,
    answer: answerCustom(context, operation, places),
  }
  if (kind === 'query')
    return [{ ...shared, describe: (schemas) => describeQuery(operation, places, schemas) }]
  return [
    {
      ...shared,
      operationsOf: () => [name],
      describe: (schemas) => describeMutation(operation, places, schemas),
    },
  ]
}

function answerCustom(
  context: RestContext,
  operation: CustomOperation,
  places: InputPlaces,
): Route['answer'] {
  const names = [...queryInputs(operation, places), ...selectionNames(operation, places)]
  const allowed = names.join(', ') || 'none'
  return async (incoming) => {
    if (operation.rest.method !== 'PATCH') refuseMergePatch(incoming)
    const query = openQuery(queryOf(incoming.url))
    const input = readInput(context, operation, places, { incoming, query })
    const selection = readOutput(context, operation, query)
    query.finish(allowed)
    return toAnswer(operation, await ask(incoming, { operation, input: { input }, selection }))
  }
}

/** The input of a query stands in the query string, that of a mutation in the body. */
const queryInputs = ({ kind }: CustomOperation, { other }: InputPlaces): readonly string[] =>
  kind === 'query' ? [...other.keys()] : []

/** The parameters that choose what to see of rows; a query's input of the same name takes their place. */
function selectionNames(operation: CustomOperation, places: InputPlaces): readonly string[] {
  if (operation.output.type === 'value') return []
  const taken = queryInputs(operation, places)
  return selectionParameters.filter((name) => !taken.includes(name))
}

interface Sent {
  readonly incoming: Incoming
  readonly query: Query
}

function readInput(
  { prefix }: RestContext,
  operation: CustomOperation,
  places: InputPlaces,
  { incoming, query }: Sent,
): unknown {
  const fromPath = readPathInput(operation, places, incoming.url, prefix)
  if (operation.kind === 'query') return { ...readQueryInput(query, places), ...fromPath }
  return readBodyInput(incoming.body, fromPath, places)
}

function readOutput(
  { model }: RestContext,
  { output }: CustomOperation,
  query: Query,
): Selection | null {
  if (output.type === 'value') return null
  return readSelection(model, query, output.resource) ?? ownFields
}

/** A row that the caller may not read is written but not shown; a query for it answers NOT_FOUND. */
function toAnswer({ kind, rest: { status } }: CustomOperation, result: EngineResult): Answer {
  switch (result.type) {
    case 'value':
      return { status, body: JSON.stringify(result.value) }
    case 'rows':
      return { status, body: writeRows(result.layout, result.rows ?? []) }
    case 'row':
      if (result.row !== null) return { status, body: writeRow(result.layout, result.row) }
      if (kind === 'query') return noRow()
      return { status: status === 200 ? 204 : status, body: null }
    case 'page':
      throw new Error('The engine answered a custom operation with a page.')
  }
}

function describeQuery(
  operation: CustomOperation,
  places: InputPlaces,
  schemas: Schemas,
): OperationObject {
  return {
    ...describeTitle(operation, tagOf(operation)),
    parameters: [
      ...describePathParameters(operation, places, schemas),
      ...describeQueryParameters(operation, places, schemas),
      ...selectionNames(operation, places).map(parameterRef),
      ifNoneMatch,
    ],
    responses: {
      [operation.rest.status]: {
        description: 'The answer.',
        headers: headerRefs(['ETag']),
        content: jsonContent(outputSchema(operation)),
      },
      304: notModified(),
      ...errorResponses(operation.errors, [404]),
    },
    security: securityOf(operation.access),
  }
}

function describeMutation(
  operation: CustomOperation,
  places: InputPlaces,
  schemas: Schemas,
): OperationObject {
  return {
    ...describeTitle(operation, tagOf(operation)),
    ...withParameters([
      ...describePathParameters(operation, places, schemas),
      ...selectionNames(operation, places).map(parameterRef),
    ]),
    ...inputBody(operation, places, schemas),
    responses: {
      ...mutationResponses(operation),
      ...errorResponses(operation.errors, [404, 409, 413, 415]),
    },
    security: securityOf(operation.access),
  }
}

const tagOf = ({ output }: CustomOperation): string =>
  output.type === 'value' ? 'Operations' : output.resource.type

function mutationResponses(operation: CustomOperation): Responses {
  const {
    output,
    rest: { status },
  } = operation
  const headers = headerRefs()
  const content = jsonContent(outputSchema(operation))
  const done = { description: 'Done.', headers, content }
  if (output.type !== 'row') return { [status]: done }
  if (status === 200)
    return { 200: done, 204: { description: 'Done; you may not read the row.', headers } }
  return {
    [status]: { ...done, description: 'Done; no body where you may not read the row.' },
  }
}

function outputSchema(operation: CustomOperation): JsonObject {
  const { output } = operation
  switch (output.type) {
    case 'value':
      return refTo(outputName(operation))
    case 'row':
      return refTo(output.resource.type)
    case 'rows':
      return {
        type: 'object',
        required: ['data'],
        properties: { data: { type: 'array', items: refTo(output.resource.type) } },
      }
  }
}
