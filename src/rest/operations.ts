// Routes of the model's operations: the standard ones of every resource, and rows related to a row.
import type { FastifyRequest } from 'fastify'
import { answer } from '../engine/prepared.ts'
import type { Selection } from '../engine/request.ts'
import type { EngineResult, Layout, Row } from '../engine/result.ts'
import type { Operation, StandardOperation } from '../schema/model.ts'
import { toAnswer, toLocation, toRowAnswer } from './answers.ts'
import { buildCustomRoute } from './custom-operations.ts'
import { asObject, unreadable } from './errors.ts'
import { openForms } from './forms.ts'
import { listRoutes, relatedRoutes } from './lists.ts'
import { preferredReturn } from './negotiation.ts'
import { toTemplate } from './outputs.ts'
import { operationPath } from './paths.ts'
import { keyOf, readOnce, refuseOtherBodies, selectionOf } from './reading.ts'
import { ask, ownFields, type Question, type RestContext, type Route, urlOf } from './routes.ts'
import { readSelection } from './selection.ts'

/** Every operation of the model that REST serves. */
export const buildRoutes = (context: RestContext): readonly Route[] =>
  context.engine.model.operations.flatMap((operation) => routesOf(context, operation))

function routesOf(context: RestContext, operation: Operation): readonly Route[] {
  if (operation.standard === null) return operation.only?.face === 'graphql' ? [] : [buildCustomRoute(context, operation)]
  const path = operationPath(operation)
  switch (operation.standard) {
    case 'list': return listRoutes(context, operation)
    case 'create': return [{ method: 'POST', path, answer: answerCreate(context, operation) }]
    case 'update': return [{ method: 'PATCH', path, answer: answerChange(context, operation) }]
    case 'delete': return [{ method: 'DELETE', path, answer: answerChange(context, operation) }]
    case 'get': {
      const { resource } = operation
      const related = operation.by === resource.primaryKey ? [...resource.relations.values()] : []
      return [{ method: 'GET', path, answer: answerGet(context, operation) }, ...related.flatMap((relation) => relatedRoutes(context, operation, relation))]
    }
  }
}

function answerGet(context: RestContext, operation: StandardOperation): Route['answer'] {
  const { engine, contextOf } = context
  const readForm = openForms({ model: engine.model, operation, relation: null, template: toTemplate })
  const readQuery = readOnce(readForm, selectionOf)
  return async (request) => {
    const key = keyOf(context, operation, request)
    const { form, lists } = readQuery(request)
    return toAnswer(await answer(engine, { ...contextOf(request), form, key, lists: [{}, ...lists], rows: true, total: false }), urlOf(request))
  }
}

function answerCreate(context: RestContext, operation: StandardOperation): Route['answer'] {
  const readWriting = openWriting(context, operation, 'representation')
  return async (request) => {
    refuseOtherBodies(request)
    const writing = readWriting(request)
    const { layout, row } = await write(context, operation, request, { input: { input: bodyOf(request) }, writing })
    const headers = { ...writing.applied, ...row === null ? {} : { location: toLocation(context.prefix, layout, row) } }
    return { status: 201, headers, body: row === null || writing.minimal ? null : toRowAnswer(layout, row).body }
  }
}

/** Update and delete: of one row by its key, answered with the row or with nothing. */
function answerChange(context: RestContext, operation: StandardOperation): Route['answer'] {
  const isUpdate = operation.standard === 'update'
  const readWriting = openWriting(context, operation, isUpdate ? 'representation' : 'minimal')
  return async (request) => {
    const writing = readWriting(request)
    const key = keyOf(context, operation, request)
    const input = isUpdate ? { key, input: bodyOf(request) } : { key }
    const { layout, row } = await write(context, operation, request, { input, writing })
    const body = row === null || writing.minimal ? null : toRowAnswer(layout, row).body
    return { status: body === null ? 204 : 200, headers: writing.applied, body }
  }
}

interface Writing {
  readonly minimal: boolean
  readonly selection: Selection | null
  /** Says that a preference was followed (RFC 7240, section 3). */
  readonly applied: Readonly<Record<string, string>>
}

/** What a write shows: the row as `fields` and `include` ask, or nothing. */
function openWriting({ engine }: RestContext, { resource }: StandardOperation, usual: 'minimal' | 'representation'): (request: FastifyRequest) => Writing {
  const readChosen = readOnce((query) => ({ selection: readSelection(engine.model, query, resource) }), selectionOf)
  const readable = resource.access.read.type !== 'nobody'
  return (request) => {
    const preferred = preferredReturn(request.headers['prefer'])
    const { selection } = readChosen(request)
    const minimal = (preferred ?? usual) === 'minimal'
    if (minimal && selection !== null) throw unreadable('fields and include choose what is answered; ask for it with Prefer: return=representation.')
    return {
      minimal,
      selection: selection ?? (!readable ? null : minimal ? { fields: [], relations: [] } : ownFields), // what is named is judged, whoever reads
      applied: preferred === null ? {} : { 'preference-applied': `return=${preferred}` },
    }
  }
}

interface Write {
  readonly input: Question['input']
  readonly writing: Writing
}

async function write(context: RestContext, operation: StandardOperation, request: FastifyRequest, { input, writing }: Write): Promise<RowResult> {
  return rowOf(await ask(context, request, { operation, input, selection: writing.selection }))
}

function bodyOf({ body }: FastifyRequest): object {
  if (body === undefined) throw unreadable('The body is missing: the fields as a JSON object.')
  return asObject(body)
}

type RowResult = { readonly layout: Layout, readonly row: Row } | { readonly layout: null, readonly row: null }

function rowOf(result: EngineResult): RowResult {
  if (result.type !== 'row') throw new Error(`The engine answered one row with a ${result.type}.`)
  return result.row === null ? { layout: null, row: null } : { layout: result.layout, row: result.row }
}
