// Routes of lists, a resource's and those related to a row: by a query string, or by a body where that would be too long.
import type { FastifyRequest } from 'fastify'
import { answer } from '../engine/prepared.ts'
import { type Relation, type StandardOperation, targetOf } from '../schema/model.ts'
import { type Answer, toAnswer } from './answers.ts'
import { type Chosen, openForms } from './forms.ts'
import { listParameters, readList, selectionParameters } from './inputs.ts'
import { toRelatedTemplate, toTemplate } from './outputs.ts'
import { operationPath, queryPath, relatedPath } from './paths.ts'
import { openBody } from './query-body.ts'
import { type Query, queryOf } from './query-string.ts'
import { finished, keyOf, listOf, readOnce, refuseOtherBodies, selectionOf } from './reading.ts'
import { type RestContext, type Route, urlOf } from './routes.ts'

/** A list of a resource. */
export const listRoutes = (context: RestContext, operation: StandardOperation): readonly Route[] =>
  routesOf(operationPath(operation), openList(context, operation))

/** What is related to a row: a list, or a row. */
export function relatedRoutes(context: RestContext, operation: StandardOperation, relation: Relation): readonly Route[] {
  const path = relatedPath(operation.resource, relation)
  const list = openRelated(context, operation, relation)
  return relation.many ? routesOf(path, list) : [{ method: 'GET', path, answer: (request) => list.answer(request, list.readUrl) }]
}

/** What the routes of a list need, however its request comes. */
interface List {
  readonly read: (query: Query) => Asked
  readonly readUrl: (request: FastifyRequest) => Asked
  readonly answer: (request: FastifyRequest, readAsked: List['readUrl']) => Promise<Answer>
}

type Asked = Chosen & { readonly total: boolean }

function routesOf(path: string, { read, readUrl, answer: answerList }: List): readonly Route[] {
  const readBody = (request: FastifyRequest): Asked => {
    refuseOtherBodies(request)
    const query = openBody(request.body, queryOf(urlOf(request)))
    return finished(query, read(query), bodyMembers)
  }
  return [
    { method: 'GET', path, answer: (request) => answerList(request, readUrl) },
    { method: 'POST', path: queryPath(path), answer: (request) => answerList(request, readBody) },
  ]
}

const bodyMembers = `${[...listParameters, ...selectionParameters].join(', ')}, and arguments of included lists behind their path`

function openList({ engine, contextOf }: RestContext, operation: StandardOperation): List {
  const { resource } = operation
  const readForm = openForms({ model: engine.model, operation, relation: null, template: toTemplate })
  const read = (query: Query): Asked => {
    const { lists, ...chosen } = readForm(query)
    const { list, total } = readList(query, resource)
    return { ...chosen, lists: [list, ...lists], total }
  }
  return {
    read, readUrl: readOnce(read, listOf(resource)),
    async answer(request, readAsked) {
      const { form, lists, total } = readAsked(request)
      return toAnswer(await answer(engine, { ...contextOf(request), form, key: null, lists, rows: true, total }), urlOf(request))
    },
  }
}

/** A relation of one row, in one statement: a get that selects nothing else. */
function openRelated(context: RestContext, operation: StandardOperation, relation: Relation): List {
  const { engine, contextOf } = context
  const target = targetOf(engine.model, relation)
  const forms = (total: boolean) => openForms({ model: engine.model, operation, relation, total, template: toRelatedTemplate })
  const [readForm, readCountingForm] = [forms(false), forms(true)]
  const read = (query: Query): Asked => {
    const { list, total } = relation.many ? readList(query, target) : { list: {}, total: false }
    const { lists, ...chosen } = (total ? readCountingForm : readForm)(query)
    return { ...chosen, total, lists: relation.many ? [{}, list, ...lists] : [{}, ...lists] }
  }
  return {
    read, readUrl: readOnce(read, relation.many ? listOf(target) : selectionOf),
    async answer(request, readAsked) {
      const key = keyOf(context, operation, request)
      const { form, lists } = readAsked(request)
      return toAnswer(await answer(engine, { ...contextOf(request), form, key, lists, rows: true, total: false }), urlOf(request))
    },
  }
}
