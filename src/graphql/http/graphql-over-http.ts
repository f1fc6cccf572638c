// GraphQL over HTTP (the GraphQL Foundation's draft): what a request asks for, and in which media type it is answered.
import type { FastifyRequest } from 'fastify'
import { type Issue, Problem } from '../../errors.ts'
import { remembered } from '../../remembered.ts'

/** What a request asks to execute. */
export interface Parameters {
  readonly query: string
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isNothing = (value: unknown): boolean => value === undefined || value === null

/** What each parameter must be. */
const parameters: Readonly<Record<string, { readonly test: (value: unknown) => boolean, readonly expected: string }>> = {
  query: { test: isText, expected: 'query is the document, as text.' },
  operationName: { test: (value) => isNothing(value) || isText(value), expected: 'operationName is text.' },
  variables: { test: (value) => isNothing(value) || isMap(value), expected: 'variables is an object.' },
  extensions: { test: (value) => isNothing(value) || isMap(value), expected: 'extensions is an object.' },
}

const checks = Object.entries(parameters)

/**
 * Whether a request may execute more than a query. Only POST may: GET and HEAD are safe (RFC 9110, section 9.2.1), and
 * browsers, crawlers and prefetchers send both without being asked.
 */
export const mayMutate = ({ method }: Pick<FastifyRequest, 'method'>): boolean => method === 'POST'

/** @throws Problem BAD_REQUEST, UNSUPPORTED_MEDIA_TYPE */
export function readParameters(request: FastifyRequest): Parameters {
  const given = request.method === 'POST' ? readBody(request) : readQuery(request)
  for (const name in given) if (!Object.hasOwn(parameters, name)) throw toFaults(given)
  for (const [name, { test }] of checks) if (!test(given[name])) throw toFaults(given)
  const { query, operationName, variables } = given as { readonly query: string } & Partial<Parameters> // as checked above
  return { query, operationName: operationName ?? null, variables: { __proto__: null, ...variables } } // a variable may have the name of what every object has
}

/** Every fault at once. */
function toFaults(given: Readonly<Record<string, unknown>>): Problem {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(parameters, name))
    .map((name) => issue(name, 'unknown_parameter', `There is no parameter ${name}; there are ${Object.keys(parameters).join(', ')}.`))
  const wrong = checks.filter(([name, { test }]) => !test(given[name]))
    .map(([name, { expected }]) => issue(name, given[name] === undefined ? 'required' : 'wrong_type', expected))
  const issues = [...unknown, ...wrong]
  return new Problem('BAD_REQUEST', issues[0]?.message ?? '', { issues })
}

const issue = (name: string, code: string, message: string): Issue => ({ in: 'document', path: [name], code, message })

const isJson = remembered(100, (contentType) => contentType.split(';', 1)[0]?.trim().toLowerCase() === 'application/json')

function readBody({ body, headers }: FastifyRequest): Readonly<Record<string, unknown>> {
  if (!isJson(headers['content-type'] ?? '')) throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'A GraphQL request is application/json.')
  if (isMap(body)) return body
  throw new Problem('BAD_REQUEST', Array.isArray(body) ? 'Batches of operations are not served; send one at a time.' : 'The body is not a JSON object.')
}

function readQuery({ query }: FastifyRequest): Readonly<Record<string, unknown>> {
  const given = query as Readonly<Record<string, unknown>> // texts, and lists of them where a parameter stands twice
  const twice = Object.entries(given).find(([, value]) => typeof value !== 'string')
  if (twice !== undefined) throw new Problem('BAD_REQUEST', `The parameter ${twice[0]} stands twice.`, { issues: [issue(twice[0], 'repeated', 'It stands twice.')] })
  return Object.fromEntries(Object.entries(given).map(([name, text]) =>
    [name, name === 'variables' || name === 'extensions' ? parseJson(name, String(text)) : text]))
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new Problem('BAD_REQUEST', `${name} is not JSON.`, { issues: [issue(name, 'malformed_json', 'It is not JSON.')] })
  }
}

export type MediaType = 'application/graphql-response+json' | 'application/json'

interface Range {
  readonly type: string
  readonly quality: number
}

/**
 * The media type to answer in: what the client likes best, `application/json` where it does not care.
 * @throws Problem NOT_ACCEPTABLE
 */
export function negotiate(accept: string | undefined): MediaType {
  const mediaType = choose(accept ?? '*/*')
  if (mediaType === null) throw new Problem('NOT_ACCEPTABLE', 'Answers are application/graphql-response+json or application/json.')
  return mediaType
}

const choose = remembered(1000, (accept): MediaType | null => {
  const ranges = accept.split(',').map(toRange)
  const own = preference(ranges, 'application/graphql-response+json')
  const json = preference(ranges, 'application/json')
  if (own.quality === 0 && json.quality === 0) return null
  if (own.quality !== json.quality) return own.quality > json.quality ? 'application/graphql-response+json' : 'application/json'
  return own.named ? 'application/graphql-response+json' : 'application/json'
})

function toRange(text: string): Range {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = rest.find((parameter) => parameter.startsWith('q='))
  return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
}

/** The most specific range decides (RFC 9110, section 12.5.1). */
function preference(ranges: readonly Range[], type: MediaType): { readonly quality: number, readonly named: boolean } {
  const named = ranges.find((range) => range.type === type)
  const found = named ?? ranges.find((range) => range.type === 'application/*') ?? ranges.find((range) => range.type === '*/*')
  return { quality: found?.quality ?? 0, named: named !== undefined }
}
