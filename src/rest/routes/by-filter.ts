// Writes of all rows that a filter matches: PATCH and DELETE of a resource, with `atMost` as the most rows to write.
import { defined } from '../../defined.ts'
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import type { JsonObject, OperationObject } from '../openapi/description.ts'
import { filterParameters } from '../openapi/list-parameters.ts'
import { describeStandard } from '../openapi/operation.ts'
import { writeParameters } from '../openapi/parameters.ts'
import { emptyResponse, errorRefs, shownContent, writtenRows } from '../openapi/responses.ts'
import { fieldsOf, refuseBody } from '../request/body.ts'
import type { ReadIncoming, RestContext } from '../request/incoming.ts'
import { readFilter } from '../request/list-arguments.ts'
import { operationPath } from '../request/paths.ts'
import type { Return } from '../request/prefer.ts'
import type { Query } from '../request/query-string.ts'
import { comparisonsOf } from '../request/reading.ts'
import { toInteger } from '../request/values.ts'
import { openWriteParameters } from '../request/write-options.ts'
import { rowsBody, statusOf } from '../response/written.ts'
import { updateBody } from './change.ts'
import { ask, type Route } from './route.ts'

export const updateManyRoutes = (
  context: RestContext,
  operation: StandardOperation,
): readonly Route[] => [
  {
    method: 'PATCH',
    path: operationPath(operation),
    operationsOf: () => [operation.name],
    answer: answerFiltered(context, operation, 'representation', (incoming) => ({
      input: fieldsOf(incoming),
    })),
    describe: () =>
      describeFiltered(
        operation,
        'The rows as they are now, in the order of their keys; null for one that you may no longer read.',
        { requestBody: updateBody(operation.resource) },
      ),
  },
]

export const deleteManyRoutes = (
  context: RestContext,
  operation: StandardOperation,
): readonly Route[] => [
  {
    method: 'DELETE',
    path: operationPath(operation),
    operationsOf: () => [operation.name],
    answer: answerDeleteMany(context, operation),
    describe: () =>
      describeFiltered(operation, 'The rows as they were, in the order of their keys.'),
  },
]

function answerDeleteMany(context: RestContext, operation: StandardOperation): Route['answer'] {
  const answer = answerFiltered(context, operation, 'minimal', () => ({}))
  return (incoming) => {
    refuseBody(incoming)
    return answer(incoming)
  }
}

function answerFiltered(
  context: RestContext,
  operation: StandardOperation,
  usual: Return,
  readInput: ReadIncoming<object>,
): Route['answer'] {
  const { resource } = operation
  const readParameters = openWriteParameters(context, operation, usual, {
    read: (query) => readRows(query, resource),
    allowed: `where, atMost, ${comparisonsOf(resource)}, `,
  })
  return async (incoming) => {
    const { options, own } = readParameters(incoming)
    const input = { ...own, ...readInput(incoming) }
    const result = await ask(incoming, { operation, input, selection: options.selection })
    const body = rowsBody(result, options)
    return { status: statusOf(body), headers: options.applied, body }
  }
}

/** Which rows to write, and how many of them at most. */
function readRows(query: Query, resource: Resource) {
  const atMost = query.takeValue('atMost', toInteger)
  const where = readFilter(query, resource)
  return defined({ list: where === undefined ? undefined : { where }, atMost })
}

function describeFiltered(
  operation: StandardOperation,
  description: string,
  body: Pick<OperationObject, 'requestBody'> = {},
): OperationObject {
  const { resource } = operation
  return describeStandard(operation, {
    parameters: [...rowsParameters(resource), ...writeParameters(operation)],
    ...body,
    responses: {
      200: { description, ...shownContent(resource, writtenRows(resource)) },
      204: emptyResponse('Done; you may read none of the rows, or asked for nothing.'),
      ...errorRefs([409, 413, 415]),
    },
  })
}

/** A column named `atMost` is compared as `atMost[eq]`, or in `where`. */
const rowsParameters = (resource: Resource): readonly JsonObject[] => [
  ...filterParameters(resource).filter(({ name }) => name !== 'atMost'),
  {
    name: 'atMost',
    in: 'query',
    required: true,
    schema: { type: 'integer', minimum: 1, maximum: resource.page.max },
    description: `The most ${resource.plural} to write. Where more match, none is written; without a filter, or with one that every row passes, it is an error.`,
  },
]
