// New rows: POST of one, or of a list of them.
import type { StandardOperation } from '../../schema/model/model.ts'
import type { OperationObject } from '../openapi/description.ts'
import { describeStandard, requiredBody } from '../openapi/operation.ts'
import { writeParameters } from '../openapi/parameters.ts'
import { errorRefs, shownContent, tagNames, writtenRows } from '../openapi/responses.ts'
import { refTo } from '../openapi/schemas.ts'
import { fieldsOf, refuseMergePatch, rowsOf } from '../request/body.ts'
import type { RestContext } from '../request/incoming.ts'
import { operationPath } from '../request/paths.ts'
import { openWriteOptions } from '../request/write-options.ts'
import { toLocation } from '../response/answer.ts'
import { rowResult, rowsBody, showRow, writtenRow } from '../response/written.ts'
import { ask, type Route } from './route.ts'

export const createRoutes = (
  context: RestContext,
  operation: StandardOperation,
): readonly Route[] => [
  {
    method: 'POST',
    path: operationPath(operation),
    operationsOf: () => [operation.name],
    answer: answerCreate(context, operation),
    describe: () => describeCreate(operation),
  },
]

function answerCreate(context: RestContext, operation: StandardOperation): Route['answer'] {
  const readOptions = openWriteOptions(context, operation, 'representation')
  return async (incoming) => {
    refuseMergePatch(incoming)
    const options = readOptions(incoming)
    const { selection, applied } = options
    const input = { input: fieldsOf(incoming) }
    const written = writtenRow(rowResult(await ask(incoming, { operation, input, selection })))
    if (written === null) return { status: 201, headers: applied, body: null }
    const location = toLocation(context.prefix, written)
    return { status: 201, headers: { ...applied, location }, ...showRow(written, options) }
  }
}

function describeCreate(operation: StandardOperation): OperationObject {
  const { resource } = operation
  const { type } = resource
  return describeStandard(operation, {
    parameters: writeParameters(operation),
    requestBody: requiredBody('POST', refTo(`${type}Create`)),
    responses: {
      201: {
        ...shownContent(resource, refTo(type), [...tagNames(resource), 'Location']),
        description:
          'The row as it was stored; no body where you may not read it, or asked for nothing.',
      },
      ...errorRefs([409, 413, 415]),
    },
  })
}

export const createManyRoutes = (
  context: RestContext,
  operation: StandardOperation,
): readonly Route[] => [
  {
    method: 'POST',
    path: operationPath(operation),
    operationsOf: () => [operation.name],
    answer: answerCreateMany(context, operation),
    describe: () => describeCreateMany(operation),
  },
]

function answerCreateMany(context: RestContext, operation: StandardOperation): Route['answer'] {
  const readOptions = openWriteOptions(context, operation, 'representation')
  return async (incoming) => {
    refuseMergePatch(incoming)
    const options = readOptions(incoming)
    const { selection, applied } = options
    const input = { input: rowsOf(incoming) }
    const result = await ask(incoming, { operation, input, selection })
    return { status: 201, headers: applied, body: rowsBody(result, options) }
  }
}

function describeCreateMany(operation: StandardOperation): OperationObject {
  const { resource } = operation
  const rows = {
    type: 'array',
    items: refTo(`${resource.type}Create`),
    maxItems: resource.page.max,
  }
  return describeStandard(operation, {
    parameters: writeParameters(operation),
    requestBody: requiredBody('POST', rows),
    responses: {
      201: {
        description:
          'The rows as they were stored, in the order of the body; null for one that you may not read. No body where you may read none, or asked for nothing.',
        ...shownContent(resource, writtenRows(resource)),
      },
      ...errorRefs([409, 413, 415]),
    },
  })
}
