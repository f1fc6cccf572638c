// Routes of the model's operations: the standard ones of every resource, and rows related to a row.
import { answer } from '../../engine/execute.ts'
import type { Selection } from '../../engine/request.ts'
import type { EngineResult, Layout, Row } from '../../engine/result.ts'
import type { Operation, StandardKind, StandardOperation } from '../../schema/model/model.ts'
import { answerAggregate } from './aggregate.ts'
import { type Answer, toAnswer, toLocation, toRowAnswer, toTag } from '../response/answer.ts'
import { buildBatchRoute, isWrite } from './batch.ts'
import { explainWeak, readPrecondition, withVersion } from '../request/preconditions.ts'
import { buildCustomRoute } from './custom.ts'
import { asObject, unreadable } from '../errors.ts'
import { openReadQueries } from '../request/read-queries.ts'
import { listRoutes, relatedRoutes } from './lists.ts'
import { answerCreateMany, answerFiltered, answerUpsert, filtered } from './bulk.ts'
import { preferredReturn } from '../request/prefer.ts'
import { toTemplate } from '../response/row-template.ts'
import { operationPath } from '../request/paths.ts'
import type { Query } from '../request/query-string.ts'
import { keyOf, readOnce, refuseBody, refuseOtherBodies, selectionOf } from '../request/reading.ts'
import { type Incoming, ownFields, type RestContext } from '../request/incoming.ts'
import { ask, type Question, type Route } from './route.ts'
import { readSelection } from '../request/selection.ts'

/** Every operation of the model that REST serves, and what does several of its writes at once. */
export function buildRoutes(context: RestContext): readonly Route[] {
  const routes = context.engine.model.operations.flatMap((operation) =>
    routesOf(context, operation),
  )
  return routes.some(isWrite) ? [...routes, buildBatchRoute(context, routes)] : routes
}

function routesOf(context: RestContext, operation: Operation): readonly Route[] {
  if (operation.standard === null)
    return operation.only?.face === 'graphql' ? [] : [buildCustomRoute(context, operation)]
  const path = operationPath(operation)
  switch (operation.standard) {
    case 'list':
      return listRoutes(context, operation)
    case 'aggregate':
      return [{ method: 'GET', path, answer: answerAggregate(operation) }]
    case 'create':
      return [
        { method: 'POST', path, answer: answerCreate(context, operation), ...ofWrite(operation) },
      ]
    case 'update':
      return [
        { method: 'PATCH', path, answer: answerChange(context, operation), ...ofWrite(operation) },
      ]
    case 'delete':
      return [
        { method: 'DELETE', path, answer: answerChange(context, operation), ...ofWrite(operation) },
      ]
    case 'get': {
      const { resource } = operation
      const related = operation.by === resource.primaryKey ? [...resource.relations.values()] : []
      return [
        { method: 'GET', path, answer: answerGet(context, operation) },
        ...related.flatMap((relation) => relatedRoutes(context, operation, relation)),
      ]
    }
    default:
      return [{ ...manyRouteOf(context, operation), ...ofWrite(operation) }]
  }
}

function manyRouteOf(context: RestContext, operation: StandardOperation): Route {
  const path = operationPath(operation)
  const readWriting = openWriting(context, operation, 'representation')
  if (operation.standard === 'createMany')
    return { method: 'POST', path, answer: answerCreateMany(operation, readWriting) }
  if (operation.standard === 'upsert') {
    return {
      method: 'PUT',
      path,
      answer: answerUpsert(context, operation, {
        readWriting,
        readKey: (incoming) => keyOf(context, operation, incoming),
      }),
    }
  }
  const isUpdate = operation.standard === 'updateMany'
  const readFiltering = openWriting(
    context,
    operation,
    isUpdate ? 'representation' : 'minimal',
    filtered(operation),
  )
  return {
    method: isUpdate ? 'PATCH' : 'DELETE',
    path,
    answer: answerFiltered(operation, readFiltering),
  }
}

const ofWrite = ({
  name,
  resource,
  standard,
}: StandardOperation): Pick<Route, 'supportedConditions' | 'operationsOf'> => ({
  supportedConditions: {
    ifMatch: resource.version !== null && (standard === 'update' || standard === 'delete'),
  },
  operationsOf: () => [name],
})

function answerGet(context: RestContext, operation: StandardOperation): Route['answer'] {
  const {
    engine: { model, cacheBudget: budget },
  } = context
  const readForm = openReadQueries({
    model,
    budget,
    operation,
    relation: null,
    template: toTemplate,
  })
  const readQuery = readOnce(readForm, { allowed: selectionOf, budget })
  return async (incoming) => {
    const key = keyOf(context, operation, incoming)
    const { caller, signal } = incoming
    const { form, lists } = readQuery(incoming)
    return toAnswer(
      await answer(incoming.engine, {
        caller,
        signal,
        form,
        key,
        lists: [{}, ...lists],
        rows: true,
        total: false,
      }),
      incoming.url,
    )
  }
}

function answerCreate(context: RestContext, operation: StandardOperation): Route['answer'] {
  const readWriting = openWriting(context, operation, 'representation')
  return async (incoming) => {
    refuseOtherBodies(incoming)
    const writing = readWriting(incoming)
    const { layout, row } = await write(operation, incoming, {
      input: { input: bodyOf(incoming) },
      writing,
    })
    if (row === null) return { status: 201, headers: writing.applied, body: null }
    return {
      status: 201,
      ...shownRow(writing, layout, row),
      headers: { ...writing.applied, location: toLocation(context.prefix, layout, row) },
    }
  }
}

/** Update and delete: of one row by its key, answered with the row or with nothing. */
function answerChange(context: RestContext, operation: StandardOperation): Route['answer'] {
  const isUpdate = operation.standard === 'update'
  const readWriting = openWriting(context, operation, isUpdate ? 'representation' : 'minimal')
  return async (incoming) => {
    if (!isUpdate) refuseBody(incoming)
    const writing = readWriting(incoming)
    const key = keyOf(context, operation, incoming)
    const precondition = readPrecondition(incoming.headers)
    const input = {
      key,
      version: precondition.version,
      ...(isUpdate ? { input: bodyOf(incoming) } : {}),
    }
    const { layout, row } = await write(operation, incoming, { input, writing }).catch(
      (error: unknown) => {
        throw explainWeak(error, precondition)
      },
    )
    const shown = row === null ? { body: null } : shownRow(writing, layout, row)
    return { status: shown.body === null ? 204 : 200, headers: writing.applied, ...shown }
  }
}

const shownRow = (
  { minimal }: Writing,
  layout: Layout,
  row: Row,
): Pick<Answer, 'body' | 'tag'> => ({
  body: minimal ? null : toRowAnswer(layout, row).body,
  ...toTag(layout, row, !minimal),
})

interface Writing {
  readonly minimal: boolean
  readonly selection: Selection | null
  /** Says that a preference was followed (RFC 7240, section 3). */
  readonly applied: Readonly<Record<string, string>>
}

interface Further<M extends object> {
  readonly read: (query: Query) => M
  /** What stands in an error for the parameters that it reads. */
  readonly allowed: string
}

const nothingFurther: Further<object> = { read: () => ({}), allowed: '' }

/** Writes that answer one row as it then is, with its tag. */
const tagged: ReadonlySet<StandardKind> = new Set(['create', 'update', 'upsert'])

/** What a write shows: the row as `fields` and `include` ask, or nothing. What else its query string says is `further`'s to read. */
function openWriting<M extends object>(
  { engine: { model, cacheBudget: budget } }: RestContext,
  { resource, standard }: StandardOperation,
  usual: 'minimal' | 'representation',
  further: Further<M | object> = nothingFurther,
): (incoming: Incoming) => Writing & M {
  const read = (query: Query) => ({
    selection: readSelection(model, query, resource),
    more: further.read(query) as M,
  }) // without `further` there is nothing more
  const readChosen = readOnce(read, { allowed: further.allowed + selectionOf, budget })
  const readable = resource.access.read.type !== 'nobody'
  return (incoming) => {
    const preferred = preferredReturn(incoming.headers['prefer'])
    const { selection, more } = readChosen(incoming)
    const minimal = (preferred ?? usual) === 'minimal'
    if (minimal && selection !== null)
      throw unreadable(
        'fields and include choose what is answered; ask for it with Prefer: return=representation.',
      )
    const asked =
      selection ?? (!readable ? null : minimal ? { fields: [], relations: [] } : ownFields) // what is named is judged, whoever reads
    return {
      ...more,
      minimal,
      selection: asked === null || !tagged.has(standard) ? asked : withVersion(resource, asked),
      applied: preferred === null ? {} : { 'preference-applied': `return=${preferred}` },
    }
  }
}

interface Write {
  readonly input: Question['input']
  readonly writing: Writing
}

async function write(
  operation: StandardOperation,
  incoming: Incoming,
  { input, writing }: Write,
): Promise<RowResult> {
  return rowOf(await ask(incoming, { operation, input, selection: writing.selection }))
}

function bodyOf({ body }: Incoming): object {
  if (body === undefined) throw unreadable('The body is missing: the fields as a JSON object.')
  return asObject(body)
}

type RowResult =
  | { readonly layout: Layout; readonly row: Row }
  | { readonly layout: null; readonly row: null }

function rowOf(result: EngineResult): RowResult {
  if (result.type !== 'row') throw new Error(`The engine answered one row with a ${result.type}.`)
  return result.row === null
    ? { layout: null, row: null }
    : { layout: result.layout, row: result.row }
}
