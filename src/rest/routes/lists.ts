// Routes of lists, a resource's and those related to a row: by a query string, or by a body where that would be too long.
import type { ReadQueryRequest } from '../../engine/read/read-query.ts'
import { answer } from '../../engine/execute.ts'
import type { Total } from '../../engine/request.ts'
import {
  type Relation,
  type Resource,
  type StandardOperation,
  targetOf,
} from '../../schema/model/model.ts'
import { type Answer, toAnswer } from '../response/answer.ts'
import { openLines } from './export.ts'
import { type Chosen, openReadQueries, type ReadForm } from '../request/read-queries.ts'
import { listParametersOf, readList, selectionParameters } from '../request/list-arguments.ts'
import { toRelatedTemplate, toTemplate } from '../response/row-template.ts'
import { operationPath, queryPath, relatedPath } from '../request/paths.ts'
import { openBody } from '../request/query-body.ts'
import { type Query, queryOf } from '../request/query-string.ts'
import {
  finished,
  keyOf,
  listOf,
  readOnce,
  refuseOtherBodies,
  selectionOf,
} from '../request/reading.ts'
import type { Incoming, RestContext } from '../request/incoming.ts'
import type { Route } from './route.ts'

/** A list of a resource. */
export const listRoutes = (context: RestContext, operation: StandardOperation): readonly Route[] =>
  routesOf(operationPath(operation), openList(context, operation))

/** What is related to a row: a list, or a row. */
export function relatedRoutes(
  context: RestContext,
  operation: StandardOperation,
  relation: Relation,
): readonly Route[] {
  const path = relatedPath(operation.resource, relation)
  const list = openRelated(context, operation, relation)
  return relation.many
    ? routesOf(path, list)
    : [
        {
          method: 'GET',
          path,
          answer: (incoming) => answerList(incoming, list.ask(incoming, list.readUrl)),
        },
      ]
}

/** What the routes of a list need, however its request comes. */
interface List {
  /** Whose rows they are. */
  readonly of: Resource
  /** What it is called, as a file. */
  readonly name: string
  readonly read: (query: Query) => Asked
  readonly readUrl: (incoming: Incoming) => Asked
  readonly ask: (incoming: Incoming, readAsked: List['readUrl']) => Question
}

type Asked = Chosen & { readonly total: Total }

interface Question {
  readonly asked: ReadQueryRequest
  readonly total: Total
}

function routesOf(path: string, { of, name, read, readUrl, ask }: List): readonly Route[] {
  const readBody = (incoming: Incoming): Asked => {
    refuseOtherBodies(incoming)
    const query = openBody(incoming.body, queryOf(incoming.url))
    return finished(query, read(query), bodyMembersOf(of))
  }
  const by = (readAsked: List['readUrl']): Pick<Route, 'answer' | 'openLines'> => ({
    answer: (incoming) => answerList(incoming, ask(incoming, readAsked)),
    openLines: (form, incoming) =>
      openLines(incoming.engine, { ...ask(incoming, readAsked), name }, form),
  })
  return [
    { method: 'GET', path, ...by(readUrl) },
    { method: 'POST', path: queryPath(path), reads: true, ...by(readBody) },
  ]
}

const answerList = async ({ engine, url }: Incoming, { asked }: Question): Promise<Answer> =>
  toAnswer(await answer(engine, asked), url)

const bodyMembersOf = (resource: Resource): string =>
  `${[...listParametersOf(resource), ...selectionParameters].join(', ')}, and arguments of included lists behind their path`

function openList(
  { engine: { model, cacheBudget: budget } }: RestContext,
  operation: StandardOperation,
): List {
  const { resource } = operation
  const readForm = openReadQueries({
    model,
    budget,
    operation,
    relation: null,
    template: toTemplate,
  })
  const read = (query: Query): Asked => {
    const { lists, ...chosen } = readForm(query)
    const { list, total } = readList(query, resource)
    return { ...chosen, lists: [list, ...lists], total }
  }
  return {
    of: resource,
    name: resource.plural,
    read,
    readUrl: readOnce(read, { allowed: listOf(resource), budget }),
    ask(incoming, readAsked) {
      const { caller, signal } = incoming
      const { form, lists, total } = readAsked(incoming)
      return { asked: { caller, signal, form, key: null, lists, rows: true, total }, total }
    },
  }
}

/** A relation of one row, in one statement: a get that selects nothing else. */
function openRelated(context: RestContext, operation: StandardOperation, relation: Relation): List {
  const {
    engine: { model, cacheBudget: budget },
  } = context
  const target = targetOf(model, relation)
  const forms = (total: Total): ReadForm =>
    openReadQueries({ model, budget, operation, relation, total, template: toRelatedTemplate })
  const [readForm, readCountingForm, readEstimatingForm] = [
    forms(false),
    forms(true),
    forms('estimated'),
  ]
  const read = (query: Query): Asked => {
    const { list, total } = relation.many ? readList(query, target) : { list: {}, total: false }
    const { lists, ...chosen } = (
      total === 'estimated' ? readEstimatingForm : total ? readCountingForm : readForm
    )(query)
    return { ...chosen, total, lists: relation.many ? [{}, list, ...lists] : [{}, ...lists] }
  }
  return {
    of: target,
    name: relation.name,
    read,
    readUrl: readOnce(read, { allowed: relation.many ? listOf(target) : selectionOf, budget }),
    ask(incoming, readAsked) {
      const key = keyOf(context, operation, incoming)
      const { caller, signal } = incoming
      const { form, lists, total } = readAsked(incoming)
      return { asked: { caller, signal, form, key, lists, rows: true, total: false }, total }
    },
  }
}
