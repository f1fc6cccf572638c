// GraphQL over HTTP (the GraphQL Foundation's draft): what a request asks for, and in which media type it is answered.
import type { FastifyRequest } from 'fastify'
import { openChooser } from '../../accept.ts'
import { addIssues, type Issue, isFull, Problem } from '../../errors.ts'
import { parseJson } from '../../json-text.ts'
import { memoize } from '../../memoize.ts'

/** What a request asks to execute: a text, a listed document, or both where Apollo's clients send the hash beside the text. */
export interface Parameters {
  readonly query: string | null
  /** An id as listed, or the SHA-256 of a text. Beside a text, its SHA-256 in hex. */
  readonly documentId: string | null
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isNothing = (value: unknown): boolean => value === undefined || value === null

/** What each parameter must be. */
const parameters: Readonly<
  Record<string, { readonly test: (value: unknown) => boolean; readonly expected: string }>
> = {
  query: {
    test: (value) => isNothing(value) || isText(value),
    expected: 'query is the document, as text.',
  },
  documentId: {
    test: (value) => isNothing(value) || isText(value),
    expected: 'documentId is the id of a listed document, as text.',
  },
  operationName: {
    test: (value) => isNothing(value) || isText(value),
    expected: 'operationName is text.',
  },
  variables: {
    test: (value) => isNothing(value) || isMap(value),
    expected: 'variables is an object.',
  },
  extensions: {
    test: (value) => isNothing(value) || isMap(value),
    expected: 'extensions is an object.',
  },
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
  const { query, operationName, variables } = given as Partial<Parameters> // as checked above
  return {
    query: query ?? null,
    documentId: readDocumentId(given),
    operationName: operationName ?? null,
    variables: { __proto__: null, ...variables },
  } // a variable may have the name of what every object has
}

/**
 * The id of a document, from `documentId` or from Apollo's extension.
 * @throws Problem BAD_REQUEST where nothing says what to execute, or two things do
 */
function readDocumentId(given: Readonly<Record<string, unknown>>): string | null {
  const hash = readHash(given['extensions'])
  const id = given['documentId'] ?? null
  const isQuery = !isNothing(given['query'])
  const meant = [isQuery || hash !== null, id !== null].filter(Boolean).length
  if (meant === 1) return typeof id === 'string' ? id : hash
  const message =
    meant === 0
      ? 'query is the document, as text; or documentId is the id of a listed one.'
      : 'Give one of query and documentId.'
  throw new Problem('BAD_REQUEST', message, {
    issues: [
      issue(meant === 0 ? 'query' : 'documentId', meant === 0 ? 'required' : 'repeated', message),
    ],
  })
}

/** The hash that Apollo's clients send: `extensions.persistedQuery`, version 1. */
function readHash(extensions: unknown): string | null {
  if (!isMap(extensions) || !isMap(extensions['persistedQuery'])) return null
  const { version, sha256Hash } = extensions['persistedQuery']
  if (version === 1 && typeof sha256Hash === 'string') return sha256Hash
  const message = 'extensions.persistedQuery has version 1 and sha256Hash, a text.'
  throw new Problem('BAD_REQUEST', message, {
    issues: [
      { in: 'document', path: ['extensions', 'persistedQuery'], code: 'wrong_type', message },
    ],
  })
}

/** Every fault at once. */
function toFaults(given: Readonly<Record<string, unknown>>): Problem {
  const issues: Issue[] = []
  for (const name in given) {
    if (isFull(issues)) break
    if (!Object.hasOwn(parameters, name))
      issues.push(
        issue(
          name,
          'unknown_parameter',
          `There is no parameter ${name}; there are ${Object.keys(parameters).join(', ')}.`,
        ),
      )
  }
  const wrong = checks.filter(([name, { test }]) => !test(given[name]))
  addIssues(
    issues,
    wrong.map(([name, { expected }]) =>
      issue(name, given[name] === undefined ? 'required' : 'wrong_type', expected),
    ),
  )
  return new Problem('BAD_REQUEST', issues[0]?.message ?? '', { issues })
}

const issue = (name: string, code: string, message: string): Issue => ({
  in: 'document',
  path: [name],
  code,
  message,
})

const isJson = memoize(
  100,
  (contentType) => contentType.split(';', 1)[0]?.trim().toLowerCase() === 'application/json',
)

function readBody({ body, headers }: FastifyRequest): Readonly<Record<string, unknown>> {
  if (!isJson(headers['content-type'] ?? ''))
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'A GraphQL request is application/json.')
  if (isMap(body)) return body
  throw new Problem(
    'BAD_REQUEST',
    Array.isArray(body)
      ? 'Batches of operations are not served; send one at a time.'
      : 'The body is not a JSON object.',
  )
}

function readQuery({ query }: FastifyRequest): Readonly<Record<string, unknown>> {
  const given = query as Readonly<Record<string, unknown>> // texts, and lists of them where a parameter stands twice
  const twice = Object.entries(given).find(([, value]) => typeof value !== 'string')
  if (twice !== undefined)
    throw new Problem('BAD_REQUEST', `The parameter ${twice[0]} stands twice.`, {
      issues: [issue(twice[0], 'repeated', 'It stands twice.')],
    })
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => [
      name,
      name === 'variables' || name === 'extensions' ? readJson(name, String(text)) : text,
    ]),
  )
}

/** The issue is that of the same JSON in a body. */
function readJson(name: string, text: string): unknown {
  const read = parseJson(text, name)
  if (read.ok) return read.value
  const { code, path, message } = read.fault
  const told = `${name} ${message}`
  throw new Problem('BAD_REQUEST', told, {
    issues: [{ in: 'document', path: [name, ...path], code, message: told }],
  })
}

export type MediaType = 'application/graphql-response+json' | 'application/json'

/**
 * The media type to answer in: what the client likes best, `application/json` where it does not care.
 * @throws Problem NOT_ACCEPTABLE
 */
export function negotiate(accept: string | undefined): MediaType {
  const mediaType = choose(accept)
  if (mediaType === null)
    throw new Problem(
      'NOT_ACCEPTABLE',
      'Answers are application/graphql-response+json or application/json.',
    )
  return mediaType
}

const choose = openChooser<MediaType>(
  ['application/graphql-response+json', 'application/json'],
  'application/json',
)
