// PATCH and DELETE of one row by its key, with an optional If-Match.
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import type { JsonObject, OperationObject, Responses } from '../openapi/description.ts'
import { describeStandard, requiredBody } from '../openapi/operation.ts'
import { parameterRef, requiredParameter, writeParameters } from '../openapi/parameters.ts'
import { emptyResponse, errorRefs, shownContent, tagNames } from '../openapi/responses.ts'
import { refTo } from '../openapi/schemas.ts'
import { fieldsOf, refuseBody } from '../request/body.ts'
import type { ReadIncoming, RestContext } from '../request/incoming.ts'
import { operationPath } from '../request/paths.ts'
import { explainWeak, readPrecondition } from '../request/preconditions.ts'
import type { Return } from '../request/prefer.ts'
import { openRowKey } from '../request/reading.ts'
import { isReadable, openWriteOptions } from '../request/write-options.ts'
import { rowResult, showRow, statusOf, writtenRow } from '../response/written.ts'
import { ask, type Route } from './route.ts'

export const updateRoutes = (
  context: RestContext,
  operation: StandardOperation,
): readonly Route[] => [
  {
    method: 'PATCH',
    ...ofOneRow(operation),
    answer: answerUpdate(context, operation),
    describe: () => describeUpdate(operation),
  },
]

export const deleteRoutes = (
  context: RestContext,
  operation: StandardOperation,
): readonly Route[] => [
  {
    method: 'DELETE',
    ...ofOneRow(operation),
    answer: answerDelete(context, operation),
    describe: () => describeDelete(operation),
  },
]

const ofOneRow = (operation: StandardOperation) => ({
  path: operationPath(operation),
  operationsOf: () => [operation.name],
  supportedConditions: { ifMatch: operation.resource.version !== null },
})

const answerUpdate = (context: RestContext, operation: StandardOperation): Route['answer'] =>
  answerChange(context, operation, 'representation', (incoming) => ({ input: fieldsOf(incoming) }))

function answerDelete(context: RestContext, operation: StandardOperation): Route['answer'] {
  const answer = answerChange(context, operation, 'minimal', () => ({}))
  return (incoming) => {
    refuseBody(incoming)
    return answer(incoming)
  }
}

function answerChange(
  context: RestContext,
  operation: StandardOperation,
  usual: Return,
  readInput: ReadIncoming<object>,
): Route['answer'] {
  const readOptions = openWriteOptions(context, operation, usual)
  const readKey = openRowKey(context, operation)
  return async (incoming) => {
    const options = readOptions(incoming)
    const key = readKey(incoming)
    const precondition = readPrecondition(incoming.headers)
    const input = { key, version: precondition.version, ...readInput(incoming) }
    const asked = { operation, input, selection: options.selection }
    const result = await ask(incoming, asked).catch((error: unknown) => {
      throw explainWeak(error, precondition)
    })
    const shown = showRow(writtenRow(rowResult(result)), options)
    return { status: statusOf(shown.body), headers: options.applied, ...shown }
  }
}

function describeUpdate(operation: StandardOperation): OperationObject {
  const { resource } = operation
  const { type } = resource
  const tag = tagNames(resource)
  const shown = {
    ...shownContent(resource, refTo(type), tag),
    description: 'The row as it is now.',
  }
  return describeStandard(operation, {
    parameters: [...writeParameters(operation), ...ifMatchParameter(resource)],
    requestBody: updateBody(resource),
    responses: {
      ...whereReadable(resource, { 200: shown }),
      204: emptyResponse('Changed; you may not read the row, or asked for nothing.', tag),
      ...errorRefs([404, 409, 413, 415, ...versionErrors(resource)]),
    },
  })
}

/** The body of updates, of one row or of several. */
export const updateBody = ({ type }: Resource): JsonObject => ({
  ...requiredBody('PATCH', refTo(`${type}Update`)),
  description: 'The fields to change. Null sets null; a JSON column is replaced whole.',
})

function describeDelete(operation: StandardOperation): OperationObject {
  const { resource } = operation
  const shown = {
    ...shownContent(resource, refTo(resource.type)),
    description: 'The row as it was.',
  }
  return describeStandard(operation, {
    parameters: [...writeParameters(operation), ...ifMatchParameter(resource)],
    responses: {
      ...whereReadable(resource, { 200: shown }),
      204: emptyResponse('Deleted.'),
      ...errorRefs([404, 409, 413, 415, ...versionErrors(resource)]),
    },
  })
}

const whereReadable = (resource: Resource, responses: Responses): Responses =>
  isReadable(resource) ? responses : {}

function ifMatchParameter({ version }: Resource): readonly JsonObject[] {
  if (version === null) return []
  return [version.required ? requiredParameter('ifMatch') : parameterRef('ifMatch')]
}

/** 412 where the row has another version, 428 where a version must be named and is not. */
function versionErrors({ version }: Resource): readonly number[] {
  if (version === null) return []
  return version.required ? [412, 428] : [412]
}
