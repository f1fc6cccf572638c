// A list request as a JSON body, where a URL would be too long: the parameters of the query string by the same names, with JSON
// values. Comparisons on own fields are written in `where` only.
import { addIssue, type Issue, isFull } from '../../errors.ts'
import { listing } from '../../told-names.ts'
import { parameterIssue, unreadable } from '../errors.ts'
import { openQuery, type Query } from './query-string.ts'

/** The parameters of a page's link, which is followed with the same body. */
const places = ['after', 'before'] as const

/**
 * @param body the request's body
 * @param url its query string; a cursor there replaces the cursors and the offset of the body
 */
export function openBody(body: unknown, url: string): Query {
  const issues: Issue[] = []
  const refuse: Query['refuse'] = (name, code, message, within) => {
    addIssue(issues, parameterIssue(name, code, message, within))
  }
  const refuseName: Query['refuseName'] = (name, message, list) => {
    addIssue(issues, listing(parameterIssue(name, 'unknown_parameter', message), list))
  }
  const parameters = withPlace(toParameters(body), url)
  const takeAny = (name: string): unknown => {
    const value = parameters.get(name)
    parameters.delete(name)
    if (value !== null) return value
    refuse(name, 'wrong_type', `${name} is null; leave it out.`)
    return undefined
  }
  const takeText = (name: string, list: boolean): string | undefined => {
    const value = takeAny(name)
    if (value === undefined || typeof value === 'string') return value
    if (list && isTexts(value)) return value.join(',')
    refuse(
      name,
      'wrong_type',
      list ? `${name} is text, such as "id,name", or a list of texts.` : `${name} is text.`,
    )
    return undefined
  }
  return {
    comparisons: false,
    refuse,
    refuseName,
    take: (name) => takeText(name, false),
    takeNames: (name) => takeText(name, true),
    takeValue: takeAny,
    rest: () => [...parameters].map(([name, value]) => [name, toText(value)]),
    finish(allowed) {
      for (const name of parameters.keys()) {
        if (isFull(issues)) break
        refuseName(name, `There is no member ${name} here.`, `There is ${allowed}.`)
      }
      if (issues.length > 0) throw unreadable('The body cannot be read.', issues)
    },
  }
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

function toText(value: unknown): string {
  if (typeof value === 'string') return value
  return isTexts(value) ? value.join(',') : JSON.stringify(value)
}

function toParameters(body: unknown): Map<string, unknown> {
  if (body === undefined)
    throw unreadable(
      'The body is missing: the list request as a JSON object, {} for the first page.',
    )
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return new Map(Object.entries(body))
  const message = 'The body is a JSON object: the list request.'
  throw unreadable(message, [{ in: 'document', path: [], code: 'wrong_type', message }])
}

function withPlace(parameters: Map<string, unknown>, url: string): Map<string, unknown> {
  if (url === '') return parameters
  const query = openQuery(url)
  const given = places
    .map((name) => [name, query.take(name)] as const)
    .filter(([, value]) => value !== undefined)
  query.finish(`${places.join(', ')}, to follow a link; everything else stands in the body`)
  if (given.length === 0) return parameters
  for (const name of [...places, 'offset']) parameters.delete(name)
  for (const [name, value] of given) parameters.set(name, value)
  return parameters
}
