// Rows related to one row, below its path: a list, or one row.
import type { Total } from '../../engine/request.ts'
import {
  type Relation,
  type Resource,
  type StandardOperation,
  targetOf,
} from '../../schema/model/model.ts'
import type { JsonObject, OperationObject, Responses } from '../openapi/description.ts'
import { listParameters } from '../openapi/list-parameters.ts'
import { describeTitle } from '../openapi/operation.ts'
import { ifNoneMatch, keyParameters, selectionRefs } from '../openapi/parameters.ts'
import { readResponses } from '../openapi/responses.ts'
import { refTo } from '../openapi/schemas.ts'
import { securityOf } from '../openapi/security.ts'
import type { RestContext } from '../request/incoming.ts'
import { readList } from '../request/list-arguments.ts'
import { relatedPath } from '../request/paths.ts'
import type { Query } from '../request/query-string.ts'
import { openReadQueries, type ReadForm } from '../request/read-queries.ts'
import { allowedInList, openRowKey, readOnce, allowedInSelection } from '../request/reading.ts'
import { toRelatedTemplate } from '../response/row-template.ts'
import { answerList, type List, type ListQuery, pageResponses, routesOfList } from './lists.ts'
import type { Route } from './route.ts'

/** Routes for every relation of a resource, below the path of a row by its primary key. */
export function relatedRoutes(
  context: RestContext,
  operation: StandardOperation,
): readonly Route[] {
  const { resource, by } = operation
  if (by !== resource.primaryKey) return []
  return [...resource.relations.values()].flatMap((relation) => {
    const list = openRelated(context, operation, relation)
    return relation.many ? routesOfList(list) : [toOneRoute(list)]
  })
}

const toOneRoute = ({ path, toQuestion, readUrl, describe }: List): Route => ({
  method: 'GET',
  path,
  answer: (incoming) => answerList(incoming, toQuestion(incoming, readUrl)),
  describe,
})

/** One statement reads the row's key and the relation: a get that selects nothing else. */
function openRelated(context: RestContext, operation: StandardOperation, relation: Relation): List {
  const { model, budget } = context
  const { resource } = operation
  const target = targetOf(model, relation)
  const read = openRead(context, operation, relation)
  const readKey = openRowKey(context, operation)
  return {
    path: relatedPath(resource, relation),
    resource: target,
    fileName: relation.name,
    read,
    readUrl: readOnce(read, { allowed: allowedIn(relation, target), budget }),
    toQuestion(incoming, readQuery) {
      const key = readKey(incoming)
      const { caller, signal, bill } = incoming
      const { form, lists, total } = readQuery(incoming)
      return { asked: { caller, signal, bill, form, key, lists, rows: true, total: false }, total }
    },
    inPath: keyParameters(resource.primaryKey.fields),
    describe: () => describeRelation(operation, relation, target),
  }
}

const allowedIn = ({ many }: Relation, target: Resource): string =>
  many ? allowedInList(target) : allowedInSelection

/** The rows of a to-many relation are counted by the form, not by the request: a form for each way. */
function openRead(
  { model, budget }: RestContext,
  operation: StandardOperation,
  relation: Relation,
): (query: Query) => ListQuery {
  const target = targetOf(model, relation)
  const openForms = (total: Total): ReadForm =>
    openReadQueries({ model, budget, operation, relation, total, template: toRelatedTemplate })
  const plain = openForms(false)
  if (!relation.many)
    return (query) => {
      const { lists, ...chosen } = plain(query)
      return { ...chosen, total: false, lists: [{}, ...lists] }
    }
  const counting = openForms(true)
  const estimating = openForms('estimated')
  const formOf = (total: Total): ReadForm => {
    if (total === 'estimated') return estimating
    return total ? counting : plain
  }
  return (query) => {
    const { list, total } = readList(query, target)
    const { lists, ...chosen } = formOf(total)(query)
    return { ...chosen, total, lists: [{}, list, ...lists] }
  }
}

function describeRelation(
  { resource, name }: StandardOperation,
  relation: Relation,
  target: Resource,
): OperationObject {
  const { description, parameters, responses } = describeAnswer(resource, relation, target)
  return {
    ...describeTitle({ name: `${name}_${relation.name}`, description }, resource.type),
    parameters: [...keyParameters(resource.primaryKey.fields), ...parameters, ifNoneMatch],
    responses,
    security: securityOf({ type: 'all', of: [resource.access.read, target.access.read] }),
  }
}

interface DescribedAnswer {
  readonly description: string
  readonly parameters: readonly JsonObject[]
  readonly responses: Responses
}

function describeAnswer(
  { type }: Resource,
  { name, many, description }: Relation,
  target: Resource,
): DescribedAnswer {
  if (many)
    return {
      description: description ?? `A page of ${name} of one ${type}.`,
      parameters: listParameters(target),
      responses: pageResponses(target, [404]),
    }
  return {
    description: description ?? `The ${name} of one ${type}.`,
    parameters: selectionRefs,
    responses: readResponses('The row.', refTo(target.type), [404]),
  }
}
