// What routes read of a request: the key in its path and its query string.
import type { Budget } from '../../cache-budget.ts'
import { Problem } from '../../errors.ts'
import { memoize } from '../../memoize.ts'
import type { Resource, StandardOperation } from '../../schema/model/model.ts'
import { reservedKeys } from '../../schema/declare/names.ts'
import type { Chosen } from './read-queries.ts'
import { listParametersOf, selectionParameters } from './list-arguments.ts'
import { keyPlace, readKey, rowPath, segmentAt } from './paths.ts'
import { openQuery, type Query, queryOf } from './query-string.ts'
import type { ReadIncoming, RestContext } from './incoming.ts'

/** Reads the key in the path of an operation on one row. */
export function openRowKey(
  { prefix }: RestContext,
  { resource, by }: StandardOperation,
): ReadIncoming<Readonly<Record<string, unknown>>> {
  const key = by ?? resource.primaryKey
  const place = keyPlace(rowPath(resource, key))
  return ({ url }) => {
    const segment = segmentAt(url, prefix, place)
    if (key === resource.primaryKey && reservedKeys.has(segment))
      throw new Problem(
        'NOT_FOUND',
        `${segment} is a word of this API, not a key; a row with this key is reached by a filter.`,
      )
    return readKey(key, segment)
  }
}

const includedArguments = 'arguments of included lists behind their path'

/** For the message about an unknown parameter: the parameters that choose what to see. */
export const allowedInSelection = `${selectionParameters.join(', ')}, and ${includedArguments}`

/** The same for the query string of a list. */
export const allowedInList = (resource: Resource): string =>
  `${[...listParametersOf(resource), ...selectionParameters].join(', ')}, and ${comparisonsOf(resource)}`

/** The same for a list request in a body. */
export const allowedInBody = (resource: Resource): string =>
  `${[...listParametersOf(resource), ...selectionParameters].join(', ')}, and ${includedArguments}`

/** Names the comparisons on own fields that a query string may have. */
export const comparisonsOf = ({ primaryKey, fields }: Resource): string =>
  `comparisons such as ${primaryKey.fields[0]?.name ?? 'id'}[eq] of ${[...fields.keys()].join(', ')}`

type Keeping = Partial<Pick<Chosen, 'keep'>>

/** Query strings that a route keeps. */
const MAX_QUERIES = 500
/** The memory of a kept query string with what was read of it. */
const BYTES_PER_QUERY = 270
const BYTES_PER_CHARACTER = 4

interface ReadOptions {
  /** Names the parameters there are, in the message about an unknown one. */
  readonly allowed: string
  readonly budget: Budget
}

/** Reads query strings. Clients repeat a few of them, so each result is kept. */
export function readOnce<T extends object>(
  read: (query: Query) => T & Keeping,
  { allowed, budget }: ReadOptions,
): ReadIncoming<T> {
  const readText = memoize(
    MAX_QUERIES,
    (text): T => {
      const query = openQuery(text)
      return finished(query, read(query), allowed)
    },
    {
      name: 'query strings',
      budget,
      weigh: (text) => BYTES_PER_QUERY + text.length * BYTES_PER_CHARACTER,
    },
  )
  return (incoming) => readText(queryOf(incoming.url))
}

/** Returns what was read, or refuses the parameters that are left. */
export function finished<T extends object>(query: Query, read: T & Keeping, allowed: string): T {
  query.finish(allowed)
  read.keep?.()
  return read
}
