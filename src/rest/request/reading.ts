// What routes read of a request: the key in its path, its query string, its body.
import type { Budget } from '../../bounded-map.ts'
import { Problem } from '../../errors.ts'
import { memoize } from '../../memoize.ts'
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import { reservedKeys } from '../../schema/declare/names.ts'
import { unreadable, unsupportedBody } from '../errors.ts'
import type { Chosen } from './read-queries.ts'
import { listParametersOf, selectionParameters } from './list-arguments.ts'
import { keyPlace, readKey, rowPath, segmentAt } from './paths.ts'
import { openQuery, type Query, queryOf } from './query-string.ts'
import type { Incoming, RestContext } from './incoming.ts'

export function keyOf(
  { prefix }: RestContext,
  { resource, by }: StandardOperation,
  incoming: Incoming,
): Readonly<Record<string, unknown>> {
  const key = by ?? resource.primaryKey
  const segment = segmentAt(incoming.url, prefix, keyPlace(rowPath(resource, key)))
  if (key === resource.primaryKey && reservedKeys.has(segment)) {
    throw new Problem(
      'NOT_FOUND',
      `${segment} is a word of this API, not a key; a row with this key is reached by a filter.`,
    )
  }
  return readKey(key, segment)
}

/** What stands in an error for the parameters there are. */
export const listOf = (resource: Resource): string =>
  `${[...listParametersOf(resource), ...selectionParameters].join(', ')}, and comparisons such as ${resource.primaryKey.fields[0]?.name ?? 'id'}[eq] of ${[...resource.fields.keys()].join(', ')}`
export const selectionOf = `${selectionParameters.join(', ')}, and arguments of included lists behind their path`

type Keeping = Partial<Pick<Chosen, 'keep'>>

/** Query strings that a route remembers. */
const MAX_QUERIES = 500
/** What is read of a query string, for each of its characters: a first estimate. */
const BYTES_PER_CHARACTER = 20

interface Reading {
  /** What stands in the error for a name that nobody knows. */
  readonly allowed: string
  readonly budget: Budget
}

/** Reads what a request's query string asks for; clients send the same few again and again, and each is read once. */
export function readOnce<T extends object>(
  read: (query: Query) => T & Keeping,
  { allowed, budget }: Reading,
): (incoming: Incoming) => T {
  const readText = memoize(
    MAX_QUERIES,
    (text): T => {
      const query = openQuery(text)
      return finished(query, read(query), allowed)
    },
    { budget, weigh: (text) => text.length * BYTES_PER_CHARACTER },
  )
  return (incoming) => readText(queryOf(incoming.url))
}

/** What was read, when nothing is left that nobody knows. */
export function finished<T extends object>(query: Query, read: T & Keeping, allowed: string): T {
  query.finish(allowed)
  read.keep?.()
  return read
}

/** A merge patch is read as JSON, and is a body of PATCH alone. */
export function refuseOtherBodies({ headers }: Incoming): void {
  if (headers['content-type']?.startsWith('application/merge-patch+json') === true)
    throw unsupportedBody('application/json')
}

/** What is deleted stands in the URL: a body would be a condition that nobody keeps. */
export function refuseBody({ body }: Incoming): void {
  if (body !== undefined)
    throw unreadable('This DELETE takes no body; its URL says what is deleted.')
}
