// Query strings: every parameter once, decoded strictly, and taken by whoever knows it. What nobody takes is refused.
import { addIssue, type Issue, isFull } from '../../errors.ts'
import type { JsonFault } from '../../json-text.ts'
import { parameterIssue, unreadable } from '../errors.ts'

/** The parameters of a request, of its query string or of a body that stands for one (query-body.ts). */
export interface Query {
  /** Whether comparisons may stand among the parameters, `price[gte]=10`, beside `where`. */
  readonly comparisons: boolean
  /** The text of a parameter, which is then dealt with; undefined when it is not there. */
  take(name: string): string | undefined
  /** Names by comma; a body may have them as a list. */
  takeNames(name: string): string | undefined
  /** A value: what `read` makes of the parameter's text; in a body it stands as it is. */
  takeValue(name: string, read: (text: string) => unknown): unknown
  /** What nobody has taken yet, in the request's order, as text. */
  rest(): readonly (readonly [name: string, text: string])[]
  /** @param within the place in the parameter's value, where it has places */
  refuse(name: string, code: string, message: string, within?: Issue['path']): void
  /** Refuses what is left, saying what there is; throws everything that is wrong at once. */
  finish(allowed: string): void
}

/** The query string of an address as it came. */
export const queryOf = (url: string): string => url.slice(url.indexOf('?') + 1 || url.length)

/** @param text the query string, without its `?` */
export function openQuery(text: string): Query {
  const issues: Issue[] = []
  const refuse: Query['refuse'] = (name, code, message, within) => {
    addIssue(issues, parameterIssue(name, code, message, within))
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
        refuse(
          name,
          'unknown_parameter',
          `There is no parameter ${name} here. There is ${allowed}.`,
        )
      }
      if (issues.length > 0) throw unreadable('The query string cannot be read.', issues)
    },
  }
}

/** Refuses JSON that cannot be read; `expected` is told of what is no JSON at all. */
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
    const name = decode(equals === -1 ? part : part.slice(0, equals))
    const value = decode(equals === -1 ? '' : part.slice(equals + 1))
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
