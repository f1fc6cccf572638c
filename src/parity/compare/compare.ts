// Compares the outcomes of one request on both faces, by the rules of rules.ts.
import { isJsonObject } from '../objects.ts'
import { isLate, type Outcome } from '../send/outcome.ts'
import { type Compared, compareAnswers } from './compare-answers.ts'
import { compareErrors } from './compare-errors.ts'
import { byRule, type ComparisonResult, differ } from './comparison.ts'

/** The answers that are compared, and whether GraphQL's values stood in its document. */
export interface ComparedRequest extends Compared {
  readonly literals: boolean
}

export function compare(
  compared: ComparedRequest,
  graphql: Outcome,
  rest: Outcome,
): ComparisonResult {
  if (isLate(graphql) || isLate(rest)) return byRule('late')
  if (!graphql.ok && !rest.ok) return compareErrors(compared.literals, graphql, rest)
  if (!graphql.ok || !rest.ok) return oneRefuses(graphql)
  if (graphql.created !== rest.created)
    return differ(
      `GraphQL says that it ${graphql.created === true ? 'created' : 'updated'}, REST does not.`,
    )
  return rest.silent ? byRule('answersNothing') : compareAnswers(compared, graphql, rest)
}

const oneRefuses = (graphql: Outcome): ComparisonResult =>
  differ(graphql.ok ? 'GraphQL answers, REST refuses.' : 'REST answers, GraphQL refuses.')

/** Compares a batch: the outcome of each write, or the error that has undone them all. */
export function compareBatch(
  compared: readonly ComparedRequest[],
  graphql: Outcome,
  rest: Outcome,
): ComparisonResult {
  if (!graphql.ok || !rest.ok) {
    const literals = compared.some((one) => one.literals)
    return compareFailures(literals, graphql, rest)
  }
  const mine = outcomesIn(graphql.value)
  const theirs = outcomesIn(rest.value)
  const comparisons = compared.map((one, i) => compare(one, mine[i] ?? graphql, theirs[i] ?? rest))
  const which = comparisons.findIndex(({ difference }) => difference !== null)
  return {
    difference: which === -1 ? null : `Write ${which}: ${comparisons[which]?.difference}`,
    rules: comparisons.flatMap(({ rules }) => rules),
  }
}

/** The outcomes of a batch's writes, which are the value of its own outcome. */
const outcomesIn = (value: unknown): readonly Outcome[] =>
  Array.isArray(value) ? value.filter(isOutcome) : []

const isOutcome = (value: unknown): value is Outcome =>
  isJsonObject(value) && typeof value['ok'] === 'boolean'

function compareFailures(literals: boolean, graphql: Outcome, rest: Outcome): ComparisonResult {
  if (isLate(graphql) || isLate(rest)) return byRule('late')
  if (graphql.ok || rest.ok) return oneRefuses(graphql)
  if (graphql.request === rest.request) return compareErrors(literals, graphql, rest)
  const isWholeDocument = graphql.code === 'BAD_REQUEST' || graphql.code === 'VALIDATION_FAILED'
  if (graphql.request === null && isWholeDocument) return byRule('documentFirst')
  return differ(
    `GraphQL says that write ${graphql.request} has failed (${graphql.code}, "${graphql.message}"), REST says write ${rest.request} (${rest.code}, "${rest.message}").`,
  )
}
