// Where two values differ first, in words.
import { canonical } from '../send/json.ts'

/** Null where the values are equal. */
export function firstDifference(graphql: unknown, rest: unknown, at = ''): string | null {
  if (canonical(graphql) === canonical(rest)) return null
  if (!isContainer(graphql) || !isContainer(rest) || Array.isArray(graphql) !== Array.isArray(rest))
    return `${at === '' ? 'The answers differ' : `They differ at ${at}`}: ${shortened(graphql)} and ${shortened(rest)}.`
  const [mine, theirs] = [membersOf(graphql), membersOf(rest)]
  for (const name of new Set([...mine.keys(), ...theirs.keys()])) {
    const path = at === '' ? name : `${at}.${name}`
    const inner = firstDifference(mine.get(name), theirs.get(name), path)
    if (inner !== null) return inner
  }
  return `They differ at ${at}.`
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null

const membersOf = (value: object): ReadonlyMap<string, unknown> => new Map(Object.entries(value))

const MAX_SHOWN = 200

function shortened(value: unknown): string {
  const text = value === undefined ? 'nothing' : canonical(value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}
