// Query strings: every parameter once, decoded strictly. Readers take the parameters that they know; the rest is refused.
import { addIssue, type Issue, isFull } from '../../errors.ts'
import type { JsonFault } from '../../json-text.ts'
import { listing } from '../../told-names.ts'
import { parameterIssue, unreadable } from '../errors.ts'

/** The parameters of a request, from its query string or from a body in its place (query-body.ts). */
export interface Query {
  /** Whether parameters may be comparisons, `price[gte]=10`, beside `where`. */
  readonly comparisons: boolean
  /** Takes a parameter's text; undefined where it is absent. */
  take(name: string): string | undefined
  /** Takes names by comma; a body may have them as a list. */
  takeNames(name: string): string | undefined
  /** Takes a value: in a query string what `read` makes of the text, in a body the value itself. */
  takeValue(name: string, read: (text: string) => unknown): unknown
  /** The parameters not taken yet, in the request's order, as text. */
  rest(): readonly (readonly [name: string, text: string])[]
  /** @param within the path inside the parameter's value */
  refuse(name: string, code: string, message: string, within?: Issue['path']): void
  /** Refuses a name, and lists what there is in its place. */
  refuseName(name: string, message: string, list: string): void
  /** Refuses the parameters that are left, naming those there are, and throws all that was refused. */
  finish(allowed: string): void
}

/** The query string of a URL as it was sent. */
export const queryOf = (url: string): string => url.slice(url.indexOf('?') + 1 || url.length)

/** @param text the query string, without its `?` */
export function openQuery(text: string): Query {
  const issues: Issue[] = []
  const refuse: Query['refuse'] = (name, code, message, within) => {
    addIssue(issues, parameterIssue(name, code, message, within))
  }
  const refuseName: Query['refuseName'] = (name, message, list) => {
    addIssue(issues, listing(parameterIssue(name, 'unknown_parameter', message), list))
  }
  const parameters = readParameters(text, refuse)
  const take = (name: string): string | undefined => {
    const value = parameters.get(name)
    parameters.delete(name)
    return value
  }
  return {
    comparisons: true,
    refuse,
    refuseName,
    take,
    takeNames: take,
    takeValue(name, read) {
      const value = take(name)
      return value === undefined ? undefined : read(value)
    },
    rest: () => [...parameters],
    finish(allowed) {
      for (const name of parameters.keys()) {
        if (isFull(issues)) break
        refuseName(name, `There is no parameter ${name} here.`, `There is ${allowed}.`)
      }
      if (issues.length > 0) throw unreadable('The query string cannot be read.', issues)
    },
  }
}

/** Refuses JSON that cannot be read; `expected` is the message for text that is not JSON. */
export function refuseJson(
  query: Query,
  name: string,
  { code, path, message }: JsonFault,
  expected: string,
): void {
  query.refuse(name, code, code === 'malformed_json' ? expected : `${name} ${message}`, path)
}

function readParameters(text: string, refuse: Query['refuse']): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const part of text.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const end = equals === -1 ? part.length : equals
    const name = decode(part.slice(0, end))
    const value = decode(part.slice(end + 1))
    if (parameters.has(name))
      refuse(name, 'repeated_parameter', `The parameter ${name} is given more than once.`)
    parameters.set(name, value)
  }
  return parameters
}

/** `+` is a space, as forms and URLSearchParams write it. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw unreadable('The query string is not valid percent-encoded UTF-8.')
  }
}
