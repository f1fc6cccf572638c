// A request in REST's words: method, path, query string, body.
import type {
  Field,
  Model,
  Operation,
  Resource,
  StandardOperation,
} from '../../schema/model/model.ts'
import { operatorsOf } from '../../schema/model/operators.ts'
import { describeZod, type Member } from '../../schema/values/zod-types.ts'
import { textOf } from './cursors.ts'
import { versionText } from '../generate/versions.ts'
import type {
  Asked,
  ParityList,
  ParityOrder,
  ParityRequest,
  ParitySelection,
  RestRequest,
} from '../request.ts'

type Values = Readonly<Record<string, unknown>>
/** Text, or JSON that a query string has as text. */
type Parameter = readonly [name: string, value: unknown]

export interface RestPlace {
  readonly model: Model
  readonly prefix: string
}

const encode = (text: string): string => encodeURIComponent(text.toWellFormed())

/** @param request whose cursors have been looked up */
export function toRest(
  place: RestPlace,
  operation: Operation,
  request: ParityRequest,
): RestRequest {
  const sent =
    operation.standard === null
      ? customRequest(place, operation, request)
      : request.style.posted && asksList(operation, request)
        ? postedRequest(place, operation, request)
        : standardRequest(place, operation, request)
  const [path = '', ...query] = sent.url.split('?')
  return !request.style.plus || query.length === 0
    ? sent
    : { ...sent, url: `${path}?${query.join('?').replaceAll('%20', '+')}` }
}

/** Several writes as one batch; what only a request of its own may say is left out. */
export function toRestTogether(place: RestPlace, asked: readonly Asked[]): RestRequest {
  const requests = asked.map(({ operation, request }) => {
    const {
      method,
      url,
      headers: { 'content-type': _type, ...headers },
      body,
    } = toRest(place, operation, request)
    return `{${JSON.stringify({ method, path: url, headers }).slice(1, -1)}${body === null ? '' : `,"body":${body}`}}`
  })
  return {
    method: 'POST',
    url: `${place.prefix}/batch`,
    headers: { 'content-type': 'application/json' },
    body: `{"requests":[${requests.join(',')}]}`,
  }
}

/** The relation that has the path of its own, where the request asks for nothing else of its row. */
export function relatedOf(operation: Operation, { style, selection }: ParityRequest) {
  if (
    operation.standard !== 'get' ||
    operation.by !== operation.resource.primaryKey ||
    !style.related ||
    selection === null
  )
    return null
  const [only, ...others] = selection.relations
  return only !== undefined &&
    others.length === 0 &&
    selection.fields !== 'default' &&
    selection.fields.length === 0
    ? only
    : null
}

const asksList = (operation: StandardOperation, request: ParityRequest): boolean =>
  operation.standard === 'list' || (relatedOf(operation, request)?.list ?? null) !== null

const methods = {
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
} as const

/** What an upsert says beside its path: its key too, or not. */
function bodyOf(
  { standard, resource, by }: StandardOperation,
  { input, style }: ParityRequest,
): unknown {
  if (standard !== 'upsert' || style.short) return input
  const key = new Set((by ?? resource.primaryKey).fields.map(({ name }) => name))
  return Object.fromEntries(Object.entries(input as Values).filter(([name]) => !key.has(name))) // an object, always
}

function standardRequest(
  place: RestPlace,
  operation: StandardOperation,
  request: ParityRequest,
): RestRequest {
  const { standard } = operation
  const minimal = operation.kind === 'mutation' && request.style.minimal
  const body = request.input === undefined ? null : JSON.stringify(bodyOf(operation, request))
  return {
    method: methods[standard],
    url: standardUrl(place, operation, minimal ? { ...request, selection: null } : request),
    headers: {
      ...(operation.kind === 'query'
        ? {}
        : { prefer: `return=${minimal ? 'minimal' : 'representation'}` }),
      ...(body === null ? {} : { 'content-type': 'application/json' }),
      ...(request.version === undefined ? {} : { 'if-match': `"${versionText(request.version)}"` }),
    },
    body,
  }
}

/** The list request as a body. */
function postedRequest(
  place: RestPlace,
  operation: StandardOperation,
  request: ParityRequest,
): RestRequest {
  const related = relatedOf(operation, request)
  const [list, selection] =
    related === null ? [request.list, request.selection] : [related.list, related.selection]
  const [path = ''] = standardUrl(place, operation, {
    ...request,
    style: { ...request.style, short: false },
  }).split('?')
  const parameters = [
    ...(list === undefined || list === null ? [] : listParameters(list, '')),
    ...selectionParameters(selection),
  ]
  return {
    method: 'POST',
    url: `${path}/query`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(parameters)),
  }
}

function standardUrl(
  { prefix }: RestPlace,
  operation: StandardOperation,
  request: ParityRequest,
): string {
  const { resource, by } = operation
  const related = relatedOf(operation, request)
  const unique = by === null || by === resource.primaryKey ? '' : `/by/${by.path}`
  if (operation.standard === 'aggregate')
    return withQuery(`${prefix}/${resource.path}/aggregate`, aggregateParameters(resource, request))
  const key = operation.standard === 'upsert' ? (request.input as Values) : request.key // an object that has the key, always
  const path = `${prefix}/${resource.path}${unique}${by === null ? '' : `/${keyOf(by.fields, key)}`}${operation.standard === 'createMany' ? '/batch' : ''}`
  if (related !== null)
    return withQuery(`${path}/${related.name}`, [
      ...(related.list === null ? [] : listParameters(related.list, '')),
      ...selectionParameters(related.selection),
    ])
  return withQuery(path, [
    ...(request.list === undefined
      ? []
      : topParameters(resource, request.list, request.style.short)),
    ...bound(request),
    ...selectionParameters(request.selection),
  ])
}

function aggregateParameters(
  resource: Resource,
  { aggregate = { fields: 'default' }, style }: ParityRequest,
): readonly Parameter[] {
  const { where, groupBy, having, orderBy, size, offset, fields } = aggregate
  const { short } = style
  return [
    ...topParameters(
      resource,
      {
        ...(where === undefined ? {} : { where }),
        ...(orderBy === undefined ? {} : { orderBy }),
        page: { size, offset },
        total: false,
      },
      short,
    ),
    ...(groupBy === undefined ? [] : [['groupBy', groupBy.join(',')] as const]),
    ...(having === undefined ? [] : [['having', JSON.stringify(having)] as const]),
    ...(fields === 'default' ? [] : [['fields', fields.join(',')] as const]),
  ]
}

const bound = ({ atMost }: ParityRequest): readonly Parameter[] =>
  atMost === undefined
    ? []
    : [['atMost', typeof atMost === 'string' ? atMost : JSON.stringify(atMost)]]

const keyOf = (fields: readonly Field[], key: Values = {}): string =>
  fields.map((field) => encode(String(key[field.name]))).join(',')

const withQuery = (path: string, parameters: readonly Parameter[]): string =>
  parameters.length === 0
    ? path
    : `${path}?${parameters.map(([name, value]) => `${encode(name)}=${encode(typeof value === 'string' ? value : JSON.stringify(value))}`).join('&')}`

function listParameters(
  { where, orderBy, distinctOn, search, page, total }: ParityList,
  at: string,
): readonly Parameter[] {
  const give = (name: string, value: unknown): readonly Parameter[] =>
    value === undefined ? [] : [[at + name, value]]
  const near = orderBy?.filter(({ nearest }) => nearest !== undefined) ?? []
  const sorted = orderBy?.filter(({ nearest }) => nearest === undefined) ?? []
  return [
    ...give('where', where),
    ...give('sort', sorted.length === 0 ? undefined : sorted.map(toSortKey).join(',')),
    ...give(
      'nearest',
      near.length === 0
        ? undefined
        : Object.assign(
            {},
            ...near.map(({ path, nearest }) =>
              path.reduceRight<unknown>((of, name) => ({ [name]: of }), nearest),
            ),
          ),
    ),
    ...give('search', search),
    ...give('distinctOn', distinctOn?.join(',')),
    ...give('limit', page.size),
    ...give('after', textOf(page.after)),
    ...give(
      'before',
      page.before === undefined ? (page.fromEnd === true ? 'end' : undefined) : textOf(page.before),
    ),
    ...give('offset', page.offset),
    ...(total === false ? [] : give('count', total === true ? 'exact' : total)),
  ]
}

function toSortKey({ path, direction }: ParityOrder): string {
  const place = direction.endsWith('_NULLS_FIRST')
    ? ':nullsFirst'
    : direction.endsWith('_NULLS_LAST')
      ? ':nullsLast'
      : ''
  return `${direction.startsWith('DESC') ? '-' : ''}${path.join('.')}${place}`
}

/** A list's own parameters, its filter in the short form where every part of it has one. */
function topParameters(resource: Resource, list: ParityList, short: boolean): readonly Parameter[] {
  const comparisons =
    short && list.where !== undefined ? toShort(resource, list.where as Values) : null // an object, or what a fault made of it
  if (comparisons === null) return listParameters(list, '')
  const { where: _where, ...rest } = list
  return [...comparisons, ...listParameters(rest, '')]
}

function toShort(resource: Resource, where: Values): readonly Parameter[] | null {
  const parameters: Parameter[] = []
  for (const [name, comparison] of Object.entries(where)) {
    const field = resource.fields.get(name)
    if (
      field === undefined ||
      typeof comparison !== 'object' ||
      comparison === null ||
      Object.keys(comparison).length === 0
    )
      return null
    for (const [operator, operand] of Object.entries(comparison as Values)) {
      const takes = operatorsOf(field).find((one) => one.name === operator)?.takes
      const text = takes === undefined ? null : operandText(field, takes, operand)
      if (text === null) return null
      parameters.push([`${name}[${operator}]`, text])
    }
  }
  return parameters.length === 0 ? null : parameters
}

function operandText(field: Field, takes: string, operand: unknown): string | null {
  if (field.kind.name === 'json' && takes !== 'boolean') return jsonText(takes, operand)
  const isList = takes === 'values' || takes === 'elements' || (takes === 'value' && field.list)
  if (!isList) return scalarText(takes === 'boolean' ? 'boolean' : field.kind.name, operand)
  if (!Array.isArray(operand) || (takes === 'values' && field.list)) return null
  const parts = operand.map((one) => scalarText(field.kind.name, one))
  return parts.includes(null) ? null : parts.map((part) => quoted(part ?? '')).join(',')
}

const jsonText = (takes: string, operand: unknown): string | null =>
  takes === 'key' ? scalarText('text', operand) : JSON.stringify(operand)

/** Text that stands for this very JSON value; null where there is none. */
function scalarText(kind: string, value: unknown): string | null {
  const isNumber = kind === 'integer' || kind === 'smallint' || kind === 'float'
  if (isNumber)
    return typeof value === 'number' && !Object.is(value, -0)
      ? String(value).replace('e+', 'e')
      : null
  if (kind === 'boolean') return typeof value === 'boolean' ? String(value) : null
  return typeof value === 'string' && value.isWellFormed() ? value : null
}

const quoted = (text: string): string =>
  /^$|[,"\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : text

/** `fields` and `include`, and the arguments of included lists behind their paths. */
function selectionParameters(selection: ParitySelection | null): readonly Parameter[] {
  if (selection === null) return []
  const includes: string[] = []
  const fields: string[] = selection.fields === 'default' ? [] : [...selection.fields]
  const others: Parameter[] = []
  const walk = (level: ParitySelection, path: string): void => {
    for (const { name, list, selection: below } of level.relations) {
      const at = path + name
      if (below.fields === 'default') includes.push(at)
      else if (selection.fields === 'default' && below.fields.length > 0)
        others.push([`${at}.fields`, below.fields.join(',')])
      else fields.push(...below.fields.map((field) => `${at}.${field}`))
      if (list !== null) others.push(...listParameters(list, `${at}.`))
      walk(below, `${at}.`)
    }
  }
  walk(selection, '')
  return [
    ...(fields.length === 0 ? [] : [['fields', fields.join(',')] as const]),
    ...(includes.length === 0 ? [] : [['include', includes.join(',')] as const]),
    ...others,
  ]
}

function customRequest(
  { prefix }: RestPlace,
  operation: Extract<Operation, { standard: null }>,
  request: ParityRequest,
): RestRequest {
  const { method, path } = operation.rest
  const input = (request.input ?? {}) as Values // an object by its schema, or nothing
  const type = operation.input === null ? null : describeZod(operation.input).value
  const members = type?.type === 'object' ? type.members : new Map<string, Member>()
  const filled = path.replaceAll(/\{(\w+)\}/g, (_match, name: string) =>
    encode(String(input[name])),
  )
  const rest = Object.entries(input).filter(([name]) => !path.includes(`{${name}}`))
  const isQuery = operation.kind === 'query'
  const asked = isQuery
    ? rest.map(([name, value]): Parameter => [name, queryText(members.get(name), value)])
    : []
  const takesBody =
    !isQuery && (rest.length > 0 || [...members.keys()].some((name) => !path.includes(`{${name}}`)))
  return {
    method,
    url: withQuery(prefix + filled, [...asked, ...selectionParameters(request.selection)]),
    headers: takesBody ? { 'content-type': 'application/json' } : {},
    body: takesBody ? JSON.stringify(Object.fromEntries(rest)) : null,
  }
}

/** Scalars as they are, lists of them by comma, anything deeper as JSON. */
function queryText(member: Member | undefined, value: unknown): string {
  const type = member?.value
  const isDeep =
    type?.type === 'object' ||
    (type?.type === 'list' && type.of.value.type !== 'enum' && type.of.value.type !== 'scalar')
  if (isDeep) return JSON.stringify(value)
  return Array.isArray(value) ? value.map((one) => quoted(String(one))).join(',') : String(value)
}
