// Query strings: every parameter once, decoded strictly, and taken by whoever knows it. What nobody takes is refused.
import type { Issue } from '../errors.ts'
import { parameterIssue, unreadable } from './errors.ts'

export interface Query {
  /** The value of a parameter, which is then dealt with; undefined when it is not there. */
  take(name: string): string | undefined
  /** What nobody has taken yet, in the request's order. */
  rest(): readonly (readonly [name: string, value: string])[]
  refuse(name: string, code: string, message: string): void
  /** Refuses what is left, saying what there is; throws everything that is wrong at once. */
  finish(allowed: string): void
}

/** The query string of an address as it came. */
export const queryOf = (url: string): string => url.slice(url.indexOf('?') + 1 || url.length)

/** @param text the query string, without its `?` */
export function openQuery(text: string): Query {
  const issues: Issue[] = []
  const refuse = (name: string, code: string, message: string): void => {
    issues.push(parameterIssue(name, code, message))
  }
  const parameters = readParameters(text, refuse)
  return {
    refuse,
    take(name) {
      const value = parameters.get(name)
      parameters.delete(name)
      return value
    },
    rest: () => [...parameters],
    finish(allowed) {
      for (const name of parameters.keys()) refuse(name, 'unknown_parameter', `There is no parameter ${name} here. There is ${allowed}.`)
      if (issues.length > 0) throw unreadable('The query string cannot be read.', issues)
    },
  }
}

function readParameters(text: string, refuse: Query['refuse']): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const part of text.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = decode(equals === -1 ? part : part.slice(0, equals))
    const value = decode(equals === -1 ? '' : part.slice(equals + 1))
    if (parameters.has(name)) refuse(name, 'repeated_parameter', `The parameter ${name} is given more than once.`)
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
