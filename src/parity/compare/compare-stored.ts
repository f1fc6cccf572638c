// Compares the rows that both faces have stored, and the answers to repeated requests.
import type { Exchange } from '../send/exchange.ts'
import { hasNewValue, parseExact } from '../send/json.ts'
import type { StoredTable } from '../stored-tables.ts'
import type { ComparisonResult } from './comparison.ts'

/** One request to both faces. */
export interface Exchanges {
  readonly graphql: Exchange
  readonly rest: Exchange
}

/** Adds to the comparison of the answers what was stored and repeated. */
export function withStored(
  { graphql, rest }: Exchanges,
  comparison: ComparisonResult,
): ComparisonResult {
  if (comparison.difference !== null) return comparison
  const hasNew = [graphql.body, ...graphql.stored.flatMap(({ written }) => written)].some(
    hasNewValue,
  )
  return {
    difference:
      storedDifference(graphql.stored, rest.stored) ??
      repeatedDifference('GraphQL', graphql) ??
      repeatedDifference('REST', rest),
    rules: hasNew ? [...comparison.rules, 'volatile'] : comparison.rules,
  }
}

const repeatedDifference = (face: string, { repeated }: Exchange): string | null =>
  repeated === null ? null : `${face}, sent again: ${repeated}`

/** Both faces must have written the same rows, and kept the same. */
export function storedDifference(
  graphql: readonly StoredTable[],
  rest: readonly StoredTable[],
): string | null {
  const [mine, theirs] = [toText(graphql), toText(rest)]
  return mine === theirs ? null : `What is stored differs. GraphQL: ${mine} REST: ${theirs}`
}

const toText = (tables: readonly StoredTable[]): string =>
  JSON.stringify(
    tables.map(({ table, kept, written }) => ({
      table,
      kept,
      written: written.map((row) => parseExact(row)),
    })),
  )
