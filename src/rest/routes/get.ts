// One row by its key: GET.
import { answer } from '../../engine/execute.ts'
import type { StandardOperation } from '../../schema/model/model.ts'
import { describeStandard } from '../openapi/operation.ts'
import { ifNoneMatch, selectionRefs } from '../openapi/parameters.ts'
import { readResponses } from '../openapi/responses.ts'
import { refTo } from '../openapi/schemas.ts'
import type { RestContext } from '../request/incoming.ts'
import { operationPath } from '../request/paths.ts'
import { openReadQueries } from '../request/read-queries.ts'
import { allowedInSelection, openRowKey, readOnce } from '../request/reading.ts'
import { toAnswer } from '../response/answer.ts'
import { toTemplate } from '../response/row-template.ts'
import type { Route } from './route.ts'

export const getRoutes = (context: RestContext, operation: StandardOperation): readonly Route[] => [
  {
    method: 'GET',
    path: operationPath(operation),
    answer: answerGet(context, operation),
    describe: () =>
      describeStandard(operation, {
        parameters: [...selectionRefs, ifNoneMatch],
        responses: readResponses('The row.', refTo(operation.resource.type), [404]),
      }),
  },
]

function answerGet(context: RestContext, operation: StandardOperation): Route['answer'] {
  const { model, budget } = context
  const readForm = openReadQueries({
    model,
    budget,
    operation,
    relation: null,
    template: toTemplate,
  })
  const readQuery = readOnce(readForm, { allowed: allowedInSelection, budget })
  const readKey = openRowKey(context, operation)
  return async (incoming) => {
    const key = readKey(incoming)
    const { caller, signal, engine, url, bill } = incoming
    const { form, lists } = readQuery(incoming)
    const asked = {
      caller,
      signal,
      bill,
      form,
      key,
      lists: [{}, ...lists],
      rows: true,
      total: false,
    }
    return toAnswer(await answer(engine, asked), url)
  }
}
