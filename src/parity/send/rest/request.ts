// A request as REST has it: method, path, query string, body.
import type {
  Field,
  Model,
  Operation,
  StandardKind,
  StandardOperation,
} from '../../../schema/model/model.ts'
import { isJsonObject, type JsonMembers } from '../../objects.ts'
import {
  emptyAggregate,
  type OperationRequest,
  type ParityRequest,
  type RestRequest,
} from '../../request.ts'
import { relatedOf } from '../related.ts'
import { versionText } from '../versions.ts'
import { customRequest, JSON_BODY } from './custom-request.ts'
import {
  toAggregateParameters,
  encode,
  toListParameters,
  toOwnListParameters,
  toSelectionParameters,
  toParameters,
  withQuery,
} from './parameters.ts'

/** A model and the path that its routes begin with. */
export interface RestApi {
  readonly model: Model
  readonly prefix: string
}

/** @param request whose cursors and version have been looked up */
export function toRest(api: RestApi, operation: Operation, request: ParityRequest): RestRequest {
  const sent = requestOf(api, operation, request)
  const start = sent.url.indexOf('?')
  if (!request.style.plus || start === -1) return sent
  const query = sent.url.slice(start).replaceAll('%20', '+')
  return { ...sent, url: sent.url.slice(0, start) + query }
}

function requestOf(api: RestApi, operation: Operation, request: ParityRequest): RestRequest {
  if (operation.standard === null) return customRequest(api.prefix, operation, request)
  if (request.style.posted && asksList(operation, request))
    return postedRequest(api, operation, request)
  return standardRequest(api, operation, request)
}

const asksList = (operation: StandardOperation, request: ParityRequest): boolean =>
  operation.standard === 'list' || (relatedOf(operation, request)?.list ?? null) !== null

/** Several writes as one batch, in which a request has no content type of its own. */
export function toRestBatch(api: RestApi, requests: readonly OperationRequest[]): RestRequest {
  const parts = requests.map(({ operation, request }) => {
    const { method, url, headers, body } = toRest(api, operation, request)
    const { 'content-type': _type, ...others } = headers
    const head = JSON.stringify({ method, path: url, headers: others })
    return body === null ? head : `${head.slice(0, -1)},"body":${body}}`
  })
  return {
    method: 'POST',
    url: `${api.prefix}/batch`,
    headers: JSON_BODY,
    body: `{"requests":[${parts.join(',')}]}`,
  }
}

const methods: Readonly<Record<StandardKind, RestRequest['method']>> = {
  list: 'GET',
  aggregate: 'GET',
  get: 'GET',
  create: 'POST',
  update: 'PATCH',
  delete: 'DELETE',
  createMany: 'POST',
  upsert: 'PUT',
  updateMany: 'PATCH',
  deleteMany: 'DELETE',
}

function standardRequest(
  api: RestApi,
  operation: StandardOperation,
  request: ParityRequest,
): RestRequest {
  const isWrite = operation.kind === 'mutation'
  const body = request.input === undefined ? null : JSON.stringify(bodyOf(operation, request))
  return {
    method: methods[operation.standard],
    url: urlOf(
      api,
      operation,
      isWrite && request.style.minimal ? withoutSelection(request) : request,
    ),
    headers: {
      ...(isWrite ? preferHeader(request) : {}),
      ...(body === null ? {} : JSON_BODY),
      ...versionHeader(request),
    },
    body,
  }
}

const withoutSelection = (request: ParityRequest): ParityRequest => ({
  ...request,
  selection: null,
})

const preferHeader = ({ style: { minimal } }: ParityRequest) => ({
  prefer: `return=${minimal ? 'minimal' : 'representation'}`,
})

function versionHeader({ version }: ParityRequest): RestRequest['headers'] {
  const text = versionText(version)
  return text === undefined ? {} : { 'if-match': `"${text}"` }
}

/** The input. An upsert has its key in the path; the short style leaves it in the body too. */
function bodyOf(
  { standard, resource, by }: StandardOperation,
  { input, style }: ParityRequest,
): unknown {
  if (standard !== 'upsert' || style.short || !isJsonObject(input)) return input
  const key = new Set((by ?? resource.primaryKey).fields.map(({ name }) => name))
  return Object.fromEntries(Object.entries(input).filter(([name]) => !key.has(name)))
}

/** The request for a list as a body: `POST …/query`. */
function postedRequest(
  api: RestApi,
  operation: StandardOperation,
  request: ParityRequest,
): RestRequest {
  const { list, selection } = relatedOf(operation, request) ?? request
  const parameters = [...toListParameters(list), ...toSelectionParameters(selection)]
  return {
    method: 'POST',
    url: `${pathOf(api, operation, request)}/query`,
    headers: JSON_BODY,
    body: JSON.stringify(Object.fromEntries(parameters)),
  }
}

function urlOf(api: RestApi, operation: StandardOperation, request: ParityRequest): string {
  const { resource } = operation
  const { aggregate, list, atMost, selection, style } = request
  const path = pathOf(api, operation, request)
  if (operation.standard === 'aggregate')
    return withQuery(
      path,
      toAggregateParameters(resource, aggregate ?? emptyAggregate, style.short),
    )
  const related = relatedOf(operation, request)
  if (related !== null)
    return withQuery(path, [
      ...toListParameters(related.list),
      ...toSelectionParameters(related.selection),
    ])
  return withQuery(path, [
    ...toOwnListParameters(resource, list, style.short),
    ...toParameters({ atMost }),
    ...toSelectionParameters(selection),
  ])
}

/** `/api/products`, `/api/products/1/reviews`, `/api/products/by/sku/A-1`. */
function pathOf({ prefix }: RestApi, operation: StandardOperation, request: ParityRequest): string {
  const { resource, by, standard } = operation
  const collection = `${prefix}/${resource.path}`
  if (standard === 'aggregate') return `${collection}/aggregate`
  if (standard === 'createMany') return `${collection}/batch`
  if (by === null) return collection
  const key = standard === 'upsert' ? request.input : request.key
  const unique = by === resource.primaryKey ? '' : `/by/${by.path}`
  const row = `${collection}${unique}/${keyText(by.fields, key)}`
  const related = relatedOf(operation, request)
  return related === null ? row : `${row}/${related.name}`
}

function keyText(fields: readonly Field[], key: unknown): string {
  const values: JsonMembers = isJsonObject(key) ? key : {}
  return fields.map(({ name }) => encode(String(values[name]))).join(',')
}
