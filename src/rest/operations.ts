// Routes of the model's operations: the standard ones of every resource, and rows related to a row.
import { answer } from '../engine/prepared.ts'
import type { Selection } from '../engine/request.ts'
import type { EngineResult, Layout, Row } from '../engine/result.ts'
import { Problem } from '../errors.ts'
import { remembered } from '../remembered.ts'
import { type Operation, type Relation, type Resource, type StandardOperation, targetOf } from '../schema/model.ts'
import { reservedKeys } from '../schema/names.ts'
import { toAnswer, toLocation, toRowAnswer } from './answers.ts'
import { buildBatchRoute } from './batch.ts'
import { buildCustomRoute } from './custom-operations.ts'
import { asObject, unreadable, unsupportedBody } from './errors.ts'
import { type Chosen, openForms } from './forms.ts'
import { listParametersOf, readList, selectionParameters } from './inputs.ts'
import { preferredReturn } from './negotiation.ts'
import { toRelatedTemplate, toTemplate } from './outputs.ts'
import { keyPlace, operationPath, readKey, relatedPath, rowPath, segmentAt } from './paths.ts'
import { openQuery, type Query, queryOf } from './query-string.ts'
import { ask, type Incoming, ownFields, type Question, type RestContext, type Route } from './routes.ts'
import { readSelection } from './selection.ts'

/** Every operation of the model that REST serves, and what does several of its writes at once. */
export function buildRoutes(context: RestContext): readonly Route[] {
  const routes = context.engine.model.operations.flatMap((operation) => routesOf(context, operation))
  return routes.some(({ method }) => method !== 'GET') ? [...routes, buildBatchRoute(context, routes)] : routes
}

function routesOf(context: RestContext, operation: Operation): readonly Route[] {
  if (operation.standard === null) return operation.only?.face === 'graphql' ? [] : [buildCustomRoute(context, operation)]
  const path = operationPath(operation)
  switch (operation.standard) {
    case 'list': return [{ method: 'GET', path, answer: answerList(context, operation) }]
    case 'create': return [{ method: 'POST', path, answer: answerCreate(context, operation) }]
    case 'update': return [{ method: 'PATCH', path, answer: answerChange(context, operation) }]
    case 'delete': return [{ method: 'DELETE', path, answer: answerChange(context, operation) }]
    case 'get': {
      const { resource } = operation
      const related = operation.by === resource.primaryKey ? [...resource.relations.values()] : []
      return [{ method: 'GET', path, answer: answerGet(context, operation) }, ...related.map((relation): Route =>
        ({ method: 'GET', path: relatedPath(resource, relation), answer: answerRelated(context, operation, relation) }))]
    }
  }
}

function keyOf({ prefix }: RestContext, { resource, by }: StandardOperation, incoming: Incoming): Readonly<Record<string, unknown>> {
  const key = by ?? resource.primaryKey
  const segment = segmentAt(incoming.url, prefix, keyPlace(rowPath(resource, key)))
  if (key === resource.primaryKey && reservedKeys.has(segment)) {
    throw new Problem('NOT_FOUND', `${segment} is a word of this API, not a key; a row with this key is reached by a filter.`)
  }
  return readKey(key, segment)
}

/** What stands in an error for the parameters there are. */
const listOf = (resource: Resource): string =>
  `${[...listParametersOf(resource), ...selectionParameters].join(', ')}, and comparisons such as ${resource.primaryKey.fields[0]?.name ?? 'id'}[eq] of ${[...resource.fields.keys()].join(', ')}`
const selectionOf = `${selectionParameters.join(', ')}, and arguments of included lists behind their path`

/** Query strings that a route remembers. */
const MAX_QUERIES = 500

/** Reads what a request's query string asks for; clients send the same few again and again, and each is read once. */
function readOnce<T extends object>(read: (query: Query) => T & Partial<Pick<Chosen, 'keep'>>, allowed: string): (incoming: Incoming) => T {
  const readText = remembered(MAX_QUERIES, (text): T => {
    const query = openQuery(text)
    const made = read(query)
    query.finish(allowed)
    made.keep?.()
    return made
  })
  return (incoming) => readText(queryOf(incoming.url))
}

function answerGet(context: RestContext, operation: StandardOperation): Route['answer'] {
  const { engine: { model } } = context
  const readForm = openForms({ model, operation, relation: null, template: toTemplate })
  const readQuery = readOnce(readForm, selectionOf)
  return async (incoming) => {
    const key = keyOf(context, operation, incoming)
    const { caller, signal } = incoming
    const { form, lists } = readQuery(incoming)
    return toAnswer(await answer(incoming.engine, { caller, signal, form, key, lists: [{}, ...lists], rows: true, total: false }), incoming.url)
  }
}

function answerList({ engine: { model } }: RestContext, operation: StandardOperation): Route['answer'] {
  const { resource } = operation
  const readForm = openForms({ model, operation, relation: null, template: toTemplate })
  const readQuery = readOnce((query) => ({ ...readForm(query), ...readList(query, resource) }), listOf(resource))
  return async (incoming) => {
    const { caller, signal } = incoming
    const { form, list, lists, total } = readQuery(incoming)
    return toAnswer(await answer(incoming.engine, { caller, signal, form, key: null, lists: [list, ...lists], rows: true, total }), incoming.url)
  }
}

/** A relation of one row, in one statement: a get that selects nothing else. */
function answerRelated(context: RestContext, operation: StandardOperation, relation: Relation): Route['answer'] {
  const { engine: { model } } = context
  const target = targetOf(model, relation)
  const forms = (total: boolean) => openForms({ model, operation, relation, total, template: toRelatedTemplate })
  const [readForm, readCountingForm] = [forms(false), forms(true)]
  const readQuery = readOnce((query) => {
    const { list, total } = relation.many ? readList(query, target) : { list: {}, total: false }
    const chosen = (total ? readCountingForm : readForm)(query)
    return { ...chosen, lists: relation.many ? [{}, list, ...chosen.lists] : [{}, ...chosen.lists] }
  }, relation.many ? listOf(target) : selectionOf)
  return async (incoming) => {
    const key = keyOf(context, operation, incoming)
    const { caller, signal } = incoming
    const { form, lists } = readQuery(incoming)
    return toAnswer(await answer(incoming.engine, { caller, signal, form, key, lists, rows: true, total: false }), incoming.url)
  }
}

function answerCreate(context: RestContext, operation: StandardOperation): Route['answer'] {
  const readWriting = openWriting(context, operation, 'representation')
  return async (incoming) => {
    if (incoming.headers['content-type']?.startsWith('application/merge-patch+json') === true) throw unsupportedBody('application/json')
    const writing = readWriting(incoming)
    const { layout, row } = await write(operation, incoming, { input: { input: bodyOf(incoming) }, writing })
    const headers = { ...writing.applied, ...row === null ? {} : { location: toLocation(context.prefix, layout, row) } }
    return { status: 201, headers, body: row === null || writing.minimal ? null : toRowAnswer(layout, row).body }
  }
}

/** Update and delete: of one row by its key, answered with the row or with nothing. */
function answerChange(context: RestContext, operation: StandardOperation): Route['answer'] {
  const isUpdate = operation.standard === 'update'
  const readWriting = openWriting(context, operation, isUpdate ? 'representation' : 'minimal')
  return async (incoming) => {
    const writing = readWriting(incoming)
    const key = keyOf(context, operation, incoming)
    const input = isUpdate ? { key, input: bodyOf(incoming) } : { key }
    const { layout, row } = await write(operation, incoming, { input, writing })
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
function openWriting({ engine: { model } }: RestContext, { resource }: StandardOperation, usual: 'minimal' | 'representation'): (incoming: Incoming) => Writing {
  const readChosen = readOnce((query) => ({ selection: readSelection(model, query, resource) }), selectionOf)
  const readable = resource.access.read.type !== 'nobody'
  return (incoming) => {
    const preferred = preferredReturn(incoming.headers['prefer'])
    const { selection } = readChosen(incoming)
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

async function write(operation: StandardOperation, incoming: Incoming, { input, writing }: Write): Promise<RowResult> {
  return rowOf(await ask(incoming, { operation, input, selection: writing.selection }))
}

function bodyOf({ body }: Incoming): object {
  if (body === undefined) throw unreadable('The body is missing: the fields as a JSON object.')
  return asObject(body)
}

type RowResult = { readonly layout: Layout, readonly row: Row } | { readonly layout: null, readonly row: null }

function rowOf(result: EngineResult): RowResult {
  if (result.type !== 'row') throw new Error(`The engine answered one row with a ${result.type}.`)
  return result.row === null ? { layout: null, row: null } : { layout: result.layout, row: result.row }
}
