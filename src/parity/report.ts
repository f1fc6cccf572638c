// The report of a parity run as text: counts, differences by design, and a difference with all that it takes to repeat it.
import { inspect } from 'node:util'
import { type RuleName, rules } from './compare/rules.ts'
import { credentialsOf, TEST_SECRET } from './generate/callers.ts'
import type { Pair } from './run-pair.ts'
import type { Exchange } from './send/exchange.ts'
import { toHttp } from './send/http.ts'

/** A pair with a difference, and its place among the seed's requests. */
export type PairDifference = Pair & { readonly path: string }

export interface ParityReport {
  readonly runs: number
  readonly seed: number
  /** The smallest request found that the faces answer differently; null when there was none. */
  readonly difference: PairDifference | null
  /** How often each operation was requested, and each outcome: `OK`, `NOT_FOUND`, … */
  readonly operations: ReadonlyMap<string, number>
  readonly outcomes: ReadonlyMap<string, number>
  /** How often each difference by design was met. */
  readonly rules: ReadonlyMap<RuleName, number>
  /** Pairs in which both faces wrote; among them batches of several writes, and requests repeated with an idempotency key. */
  readonly written: number
  readonly together: number
  readonly repeated: number
  readonly callers: readonly string[]
  /** Resources without a row, of which there was little to compare. */
  readonly empty: readonly string[]
  /** Features that one face has alone, with the reason. */
  readonly oneFace: readonly {
    readonly what: string
    readonly face: 'graphql' | 'rest'
    readonly because: string
  }[]
}

/** A report as text of several lines. */
export function toText(report: ParityReport): string {
  const { runs, seed, callers, written, together, repeated, difference } = report
  return [
    `${runs} pairs of requests, seed ${seed}, ${callers.length} kinds of callers; ${written} wrote something, ${together} of them several things together, ${repeated} with an idempotency key and again.`,
    `Operations: ${toCounts(report.operations)}.`,
    `Answers: ${toCounts(report.outcomes)}.`,
    ...toEmptyLines(report.empty),
    ...toRuleLines(report.rules),
    'On one face only:',
    ...report.oneFace.map(
      ({ what, face, because }) => `  ${what} (${faceNames[face]}): ${because}`,
    ),
    difference === null
      ? 'No difference between the faces.'
      : toDifferenceText(difference, report.seed),
  ].join('\n')
}

const faceNames = { graphql: 'GraphQL', rest: 'REST' } as const

const toEmptyLines = (empty: readonly string[]): readonly string[] =>
  empty.length === 0
    ? []
    : [`Without a row, so that there was little to compare: ${empty.join(', ')}.`]

const toRuleLines = (counts: ParityReport['rules']): readonly string[] =>
  counts.size === 0
    ? []
    : [
        'Different by design:',
        ...[...counts].map(([name, count]) => `  ${count} times: ${rules[name].says}`),
      ]

const toCounts = (map: ReadonlyMap<string, number>): string =>
  [...map]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')

/** Shows all of a value, on one line. */
const WHOLE = {
  depth: Infinity,
  maxArrayLength: Infinity,
  maxStringLength: Infinity,
  breakLength: Infinity,
  compact: true,
}

const toDifferenceText = (pair: PairDifference, seed: number): string =>
  [
    `The faces differ: ${pair.difference ?? ''}`,
    `The request, by a caller who is ${pair.request.caller.name}: ${inspect(pair.request, WHOLE)}`,
    ...toExchangeLines('GraphQL', pair.graphql, pair),
    ...toExchangeLines('REST', pair.rest, pair),
    ...pair.defects.map((line) => `The log: ${line.trim()}`),
    `A gateway with JWT_SECRET=${TEST_SECRET} takes these requests. To see the difference again: --seed ${seed} --path ${pair.path}`,
  ].join('\n')

const toExchangeLines = (face: string, exchange: Exchange, pair: Pair): readonly string[] => [
  `${face}: ${toCurl(exchange, pair)}`,
  `  answers ${exchange.status}: ${exchange.body}`,
  ...exchange.stored
    .filter(({ written }) => written.length > 0)
    .map(({ table, written }) => `  writes to ${table}: ${written.join(' ')}`),
]

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** The request for a shell. */
function toCurl({ sent }: Exchange, { request }: Pair): string {
  const { method, url, headers, body } = toHttp(sent)
  const all = Object.entries({ ...headers, ...credentialsOf(request.caller) })
  return [
    `curl -X ${method} ${quote(`http://localhost:3000${url}`)}`,
    ...all.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === null ? [] : [`--data-raw ${quote(body)}`]),
  ].join(' ')
}
