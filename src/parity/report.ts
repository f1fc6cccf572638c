// The report of a parity run in words: what was compared, and for a difference everything that it takes to see it again.
import { inspect } from 'node:util'
import { credentialsOf, TEST_SECRET } from './generate/callers.ts'
import type { Exchange } from './send/exchange.ts'
import { type RuleName, rules } from './compare/rules.ts'
import type { Pair } from './run-pair.ts'

export interface ParityReport {
  readonly runs: number
  readonly seed: number
  /** The smallest request found that the faces answer differently; null when there was none. */
  readonly difference: (Pair & { readonly path: string }) | null
  /** How often each operation was asked for, and what both faces said: `OK`, `NOT_FOUND`, … */
  readonly operations: ReadonlyMap<string, number>
  readonly outcomes: ReadonlyMap<string, number>
  /** Differences by design that were met. */
  readonly rules: ReadonlyMap<RuleName, number>
  /** Pairs in which both have written; of those, several writes together, and such as were sent again with their idempotency key. */
  readonly written: number
  readonly together: number
  readonly repeated: number
  readonly callers: readonly string[]
  /** Resources without a row: of those there was little to compare. */
  readonly empty: readonly string[]
  /** What is on one face only, with the reason. */
  readonly oneFace: readonly {
    readonly what: string
    readonly face: 'graphql' | 'rest'
    readonly because: string
  }[]
}

/** A report as text of several lines. */
export function toText(report: ParityReport): string {
  return [
    `${report.runs} pairs of requests, seed ${report.seed}, ${report.callers.length} kinds of callers; ${report.written} wrote something, ${report.together} of them several things together, ${report.repeated} with an idempotency key and again.`,
    `Operations: ${counts(report.operations)}.`,
    `Answers: ${counts(report.outcomes)}.`,
    ...(report.empty.length === 0
      ? []
      : [`Without a row, so that there was little to compare: ${report.empty.join(', ')}.`]),
    ...(report.rules.size === 0 ? [] : ['Different by design:']),
    ...[...report.rules].map(([name, count]) => `  ${count} times: ${rules[name].says}`),
    'On one face only:',
    ...report.oneFace.map(
      ({ what, face, because }) =>
        `  ${what} (${face === 'rest' ? 'REST' : 'GraphQL'}): ${because}`,
    ),
    report.difference === null
      ? 'No difference between the faces.'
      : toDifferenceText(report.difference, report.seed),
  ].join('\n')
}

/** Everything of a value, on one line. */
const WHOLE = {
  depth: Infinity,
  maxArrayLength: Infinity,
  maxStringLength: Infinity,
  breakLength: Infinity,
  compact: true,
}

const counts = (map: ReadonlyMap<string, number>): string =>
  [...map]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')

function toDifferenceText(pair: Pair & { readonly path: string }, seed: number): string {
  return [
    `The faces differ: ${pair.difference ?? ''}`,
    `The request, by who is ${pair.request.caller.name}: ${inspect(pair.request, WHOLE)}`,
    ...(
      [
        ['GraphQL', pair.graphql],
        ['REST', pair.rest],
      ] as const
    ).flatMap(([face, exchange]) => [
      `${face}: ${toCurl(exchange, pair)}`,
      `  answers ${exchange.status}: ${exchange.body}`,
      ...exchange.stored
        .filter(({ written }) => written.length > 0)
        .map(({ table, written }) => `  writes to ${table}: ${written.join(' ')}`),
    ]),
    ...pair.defects.map((line) => `The log: ${line.trim()}`),
    `A gateway with JWT_SECRET=${TEST_SECRET} takes these requests. To see the difference again: --seed ${seed} --path ${pair.path}`,
  ].join('\n')
}

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** The request for a shell. */
function toCurl({ sent }: Exchange, { request }: Pair): string {
  const http =
    'query' in sent
      ? {
          method: 'POST',
          url: '/graphql',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(sent),
        }
      : sent
  const headers = Object.entries({ ...http.headers, ...credentialsOf(request.caller) })
  return [
    `curl -X ${http.method} ${quote(`http://localhost:3000${http.url}`)}`,
    ...headers.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(http.body === null ? [] : [`--data-raw ${quote(http.body)}`]),
  ].join(' ')
}
