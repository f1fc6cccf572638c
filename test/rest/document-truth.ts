// Checks an exchange against the OpenAPI document: status, headers, body, and whether the request's body is accepted.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { kinds } from '../../src/schema/values/kinds.ts'

type Part = Readonly<Record<string, unknown>>
// the document is JSON, and tests look at parts of it, so its type is open
type Document = ReturnType<typeof JSON.parse>

/** One request, as it was sent, and its answer. */
export interface Exchange {
  readonly method: string
  readonly url: string
  readonly sent?: unknown
  /** The media type of the request's body. */
  readonly type?: string | undefined
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** Returns the differences between an exchange and the document; none for addresses that the document does not have. */
export type TellFaults = (exchange: Exchange) => readonly string[]

/** Formats have the server's meaning. */
const formats = Object.fromEntries([
  ...Object.entries({
    uuid: 'uuid',
    date: 'date',
    'time-local': 'time',
    'date-time': 'dateTime',
    'date-time-local': 'localDateTime',
    int64: 'bigint',
    decimal: 'decimal',
    duration: 'duration',
  } as const).map(
    ([format, kind]) =>
      [format, (text: string) => kinds[kind].wire.safeParse(text).success] as const,
  ),
  ...['int32', 'int16', 'double', 'float', 'uri'].map((format) => [format, true] as const), // checked by type and bounds
])

/** Headers of HTTP itself and of security, which no operation has to tell. */
const usual = new Set([
  'content-type',
  'content-length',
  'transfer-encoding',
  'date',
  'connection',
  'vary',
  'cache-control',
  'content-security-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'origin-agent-cluster',
  'referrer-policy',
  'x-content-type-options',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-xss-protection',
])

interface Issue {
  readonly in: string
  readonly path: readonly unknown[]
  readonly code: string
  readonly message: string
}

/** Codes of issues of a body that its schema can find. A schema cannot find NUL in texts. */
const isOfShape = ({ in: part, code, message }: Issue, bodyPart: string): boolean =>
  part === bodyPart &&
  ['wrong_type', 'required', 'unknown_member'].includes(code) &&
  !/without NUL/.test(message)

const ID = 'https://document.test/openapi'

/** The same schemas, without further members. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const made: Part = Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, closed(member)]),
  )
  return made['type'] === 'object' &&
    made['properties'] !== undefined &&
    made['additionalProperties'] === undefined
    ? { ...made, additionalProperties: false }
    : made
}

function openValidator(document: Document): (schema: unknown) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, formats, allErrors: true })
  ajv.addSchema({ $id: ID, components: document.components })
  const known = new Map<string, ValidateFunction>()
  return (schema) => {
    const key = JSON.stringify(schema).replaceAll('"#/', `"${ID}#/`)
    const found = known.get(key) ?? ajv.compile(JSON.parse(key))
    known.set(key, found)
    return found
  }
}

/** Whether one of the document's schemas accepts a value. */
export function readSchemas(document: Document): (schema: unknown, value: unknown) => boolean {
  const validatorOf = openValidator(document)
  return (schema, value) => validatorOf(schema)(value)
}

export function readTruth(document: Document): TellFaults {
  const [asWritten, asClosed] = [openValidator(document), openValidator(closed(document))]
  const operationOf = openFinder(document)
  const follow = (part: Document): Document =>
    part?.$ref === undefined
      ? part
      : String(part.$ref)
          .split('/')
          .slice(1)
          .reduce((at, step) => at?.[step], document)
  const answerFaults = (
    operation: Document,
    { method, status, headers, text }: Exchange,
  ): readonly string[] => {
    const response = follow(operation.responses[status])
    if (response === undefined) return [`${status} is not documented`]
    const told = new Set(Object.keys(response.headers ?? {}).map((name) => name.toLowerCase()))
    const strange = Object.keys(headers)
      .filter((name) => !usual.has(name) && !told.has(name))
      .map((name) => `${status}: the header ${name} is not documented`)
    if (method === 'HEAD' || text === '') return strange
    const type = String(headers['content-type']).split(';', 1)[0] ?? ''
    const media = response.content?.[type]
    if (media === undefined) return [...strange, `${status}: a body of ${type} is not documented`]
    const validate =
      type.endsWith('json') && !type.endsWith('ndjson') ? asClosed(closed(media.schema)) : null
    return validate === null || validate(JSON.parse(text))
      ? strange
      : [...strange, `${status}: the body is another: ${toText(validate)}`]
  }
  const requestFaults = (
    operation: Document,
    { method, url, sent, type, status, headers, text }: Exchange,
  ): readonly string[] => {
    const content = method === 'HEAD' ? undefined : operation.requestBody?.content
    if (content === undefined || sent === undefined) return []
    if (status < 300 && content[type ?? ''] === undefined) return [`a body of ${type} is taken`]
    const validate = asWritten(content['application/json'].schema)
    if (!validate(sent))
      return status < 300 ? [`a body that the document refuses is taken: ${toText(validate)}`] : []
    const part = url.split('?', 1)[0]?.endsWith('/query') === true ? 'where' : 'input'
    const inPath = new Set(
      operation.parameters
        .map(follow)
        .filter((parameter: Document) => parameter.in === 'path')
        .map(({ name }: Document) => name),
    )
    return issuesIn(headers, text)
      .filter((issue) => isOfShape(issue, part) && !inPath.has(issue.path[0]))
      .map((issue) => `a body that the document takes is refused: ${issue.message}`)
  }
  return (exchange) => {
    const operation = operationOf(exchange)
    if (operation === null) return []
    return [...answerFaults(operation, exchange), ...requestFaults(operation, exchange)].map(
      (fault) => `${operation.operationId}: ${fault}`,
    )
  }
}

const toText = ({ errors }: ValidateFunction): string =>
  (errors ?? [])
    .slice(0, 3)
    .map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    )
    .join('; ')

/** Faults of the body. In a batch, bodies of its requests may be anything here. */
function issuesIn(headers: Exchange['headers'], text: string): readonly Issue[] {
  if (headers['content-type'] !== 'application/problem+json') return []
  const {
    issues = [],
    request,
  }: { readonly issues?: readonly Issue[]; readonly request?: number } = JSON.parse(text)
  return request === undefined ? issues : []
}

/** The operation at an address: of several paths that fit, the one with fewer parameters. */
function openFinder(document: Document): (exchange: Pick<Exchange, 'method' | 'url'>) => Document {
  const places = Object.entries<Document>(document.paths)
    .map(([path, item]) => ({
      item,
      parameters: path.split('{').length,
      pattern: new RegExp(
        `^${path.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`).replaceAll(/\{[^}]+\}/g, '[^/]+')}$`,
      ),
    }))
    .toSorted((a, b) => a.parameters - b.parameters)
  return ({ method, url }) => {
    const [path = ''] = url.split('?')
    const place = places.find(({ pattern }) => pattern.test(path))
    return place?.item[(method === 'HEAD' ? 'GET' : method).toLowerCase()] ?? null
  }
}

/** Hands every exchange of the server to `note` from now on. */
export function watchExchanges(app: FastifyInstance, note: (exchange: Exchange) => void): void {
  const inject = app.inject.bind(app)
  const watched = async (options: InjectOptions) => {
    const answer = await inject(options)
    const { method = 'GET', url, payload } = options
    const sent = typeof payload === 'string' ? readJson(payload) : payload
    note({
      method,
      url: url as string,
      sent,
      type: options.headers?.['content-type']?.toString(),
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
    })
    return answer
  }
  Object.assign(app, { inject: watched })
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // refused as invalid JSON, before any schema
  }
}

/** References of the document that have no target. */
export const unresolved = (document: Document): readonly string[] =>
  [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].flatMap(([, ref = '']) =>
    ref.startsWith('#/') &&
    ref
      .split('/')
      .slice(1)
      .reduce((at, step) => at?.[step], document) !== undefined
      ? []
      : [ref],
  )
