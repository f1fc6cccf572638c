// Lists: GET with a query string, and POST …/query with the same request as a body, where a URL would be too long.
import { answer } from '../../engine/execute.ts'
import type { ReadQueryRequest } from '../../engine/read/read-query.ts'
import type { Total } from '../../engine/request.ts'
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import type {
  JsonObject,
  OperationObject,
  ResponseObject,
  Responses,
} from '../openapi/description.ts'
import { listParameters } from '../openapi/list-parameters.ts'
import { describeStandard, requiredBody } from '../openapi/operation.ts'
import { ifNoneMatch, parameterRef } from '../openapi/parameters.ts'
import { optionalCredentials, securityOf } from '../openapi/security.ts'
import { errorRefs, headerRefs, jsonContent, notModified } from '../openapi/responses.ts'
import { refTo } from '../openapi/schemas.ts'
import { refuseMergePatch } from '../request/body.ts'
import type { Incoming, ReadIncoming, RestContext } from '../request/incoming.ts'
import { readList } from '../request/list-arguments.ts'
import { operationPath, queryPath } from '../request/paths.ts'
import { openBody } from '../request/query-body.ts'
import { type Query, queryOf } from '../request/query-string.ts'
import { type Chosen, openReadQueries } from '../request/read-queries.ts'
import { allowedInBody, allowedInList, finished, readOnce } from '../request/reading.ts'
import { type Answer, toAnswer } from '../response/answer.ts'
import { toTemplate } from '../response/row-template.ts'
import { openLines } from './export.ts'
import type { Route } from './route.ts'

/** A list of a resource. */
export const listRoutes = (context: RestContext, operation: StandardOperation): readonly Route[] =>
  routesOfList({
    ...openList(context, operation),
    path: operationPath(operation),
    inPath: [],
    describe: () => describeList(operation),
  })

/** What the routes of a list share. */
export interface List {
  readonly path: string
  /** The resource of its rows. */
  readonly resource: Resource
  /** What an export is called, without its ending. */
  readonly fileName: string
  readonly read: (query: Query) => ListQuery
  readonly readUrl: ReadIncoming<ListQuery>
  readonly toQuestion: (incoming: Incoming, readQuery: ReadIncoming<ListQuery>) => ListQuestion
  /** The parameters of its path. */
  readonly inPath: readonly JsonObject[]
  /** Describes the GET. */
  readonly describe: () => OperationObject
}

/** What a request says beside its path. */
export type ListQuery = Chosen & { readonly total: Total }

/** What the engine is asked. */
export interface ListQuestion {
  readonly asked: ReadQueryRequest
  readonly total: Total
}

export function routesOfList(list: List): readonly Route[] {
  const { path, resource, fileName: name, readUrl, toQuestion, describe } = list
  const readBody = (incoming: Incoming): ListQuery => {
    refuseMergePatch(incoming)
    const query = openBody(incoming.body, queryOf(incoming.url))
    return finished(query, list.read(query), allowedInBody(resource))
  }
  const by = (readQuery: ReadIncoming<ListQuery>): Pick<Route, 'answer' | 'openLines'> => ({
    answer: (incoming) => answerList(incoming, toQuestion(incoming, readQuery)),
    ...(isExported(resource) && {
      openLines: (form, incoming) =>
        openLines(incoming.engine, { ...toQuestion(incoming, readQuery), name }, form),
    }),
  })
  return [
    { method: 'GET', path, ...by(readUrl), describe },
    {
      method: 'POST',
      path: queryPath(path),
      ...by(readBody),
      describe: () => describeQuery(describe(), list),
    },
  ]
}

/** Lists of resources that nobody may export have no other form than JSON. */
const isExported = ({ export: { access } }: Resource): boolean => access.type !== 'nobody'

export const answerList = async (
  { engine, url }: Incoming,
  { asked }: ListQuestion,
): Promise<Answer> => toAnswer(await answer(engine, asked), url)

function openList(
  { model, budget }: RestContext,
  operation: StandardOperation,
): Omit<List, 'path' | 'inPath' | 'describe'> {
  const { resource } = operation
  const readForm = openReadQueries({
    model,
    budget,
    operation,
    relation: null,
    template: toTemplate,
  })
  const read = (query: Query): ListQuery => {
    const { lists, ...chosen } = readForm(query)
    const { list, total } = readList(query, resource)
    return { ...chosen, lists: [list, ...lists], total }
  }
  return {
    resource,
    fileName: resource.plural,
    read,
    readUrl: readOnce(read, { allowed: allowedInList(resource), budget }),
    toQuestion(incoming, readQuery) {
      const { caller, signal, bill } = incoming
      const { form, lists, total } = readQuery(incoming)
      return { asked: { caller, signal, bill, form, key: null, lists, rows: true, total }, total }
    },
  }
}

const describeList = (operation: StandardOperation): OperationObject =>
  describeStandard(operation, {
    parameters: [...listParameters(operation.resource), ifNoneMatch],
    responses: pageResponses(operation.resource),
  })

/** The answers of a list that is asked for by GET. */
export const pageResponses = (resource: Resource, errors: readonly number[] = []): Responses => ({
  200: pageResponse(resource, ['ETag']),
  304: notModified(['Link']),
  ...errorRefs(errors),
})

function pageResponse(resource: Resource, names: readonly string[] = []): ResponseObject {
  const json = jsonContent(refTo(`${resource.type}Page`))
  if (!isExported(resource))
    return {
      description: 'A page of the list.',
      headers: headerRefs([...names, 'Link']),
      content: json,
    }
  const { access, rows } = resource.export
  const who = isOptional(securityOf(access))
    ? ''
    : ' Only callers with credentials may ask for lines.'
  return {
    description: `A page of the list; or all of it as lines, with \`limit\` as their bound and neither \`before\` nor \`count\`. At most ${rows} lines, and rows of included lists count too; more break the connection.${who}`,
    headers: headerRefs([...names, 'Link', 'Content-Disposition']),
    content: {
      ...json,
      'text/csv': { schema: { type: 'string' } },
      'application/x-ndjson': { schema: { type: 'string' } },
    },
  }
}

const isOptional = (security: readonly JsonObject[]): boolean => security === optionalCredentials

/** The POST of a list, from the description of its GET. */
const describeQuery = (
  described: OperationObject,
  { resource, inPath }: List,
): OperationObject => ({
  ...described,
  operationId: `${described.operationId}_query`,
  description: `${described.description} The list request as a body, where it is too long for a URL; a link of a page is followed with the same body.`,
  parameters: [...inPath, ...['after', 'before'].map(parameterRef)],
  requestBody: requiredBody('POST', refTo(`${resource.type}ListRequest`)),
  responses: {
    200: pageResponse(resource),
    ...errorRefs([413, 415, ...(inPath.length === 0 ? [] : [404])]),
  },
})
