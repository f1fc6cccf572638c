// Compares two errors: code, type, details, issues and message.
import type { Issue } from '../../errors.ts'
import { canonical } from '../send/json.ts'
import type { Outcome, Refused } from '../send/outcome.ts'
import { byRule, type ComparisonResult, differ, same } from './comparison.ts'
import { firstDifference } from './first-difference.ts'

/** @param literals whether GraphQL's values stood in its document */
export function compareErrors(
  literals: boolean,
  graphql: Refused,
  rest: Refused,
): ComparisonResult {
  const isOfLiteral = literals && graphql.code === 'BAD_REQUEST'
  if ((isOfLiteral || graphql.code === 'VALIDATION_FAILED') && isUnknownParameter(graphql, rest))
    return byRule('unknownParameter')
  if (isOfLiteral && rest.code === 'VALIDATION_FAILED' && haveSameIssues(graphql, rest))
    return byRule('literal')
  if (isWrongOrCostly(graphql, rest)) return byRule('wrongOrCostly')
  if (graphql.code !== rest.code)
    return differ(
      `GraphQL says ${graphql.code} ("${graphql.message}"), REST says ${rest.code} ("${rest.message}").`,
    )
  const difference = firstDifference(
    { type: graphql.type, details: graphql.details },
    { type: rest.type, details: rest.details },
  )
  if (difference !== null) return differ(`The errors differ. ${difference}`)
  if (graphql.code === 'INTERNAL')
    return differ('Both faces answer INTERNAL, which no request may be answered.')
  return compareIssues(graphql, rest)
}

function compareIssues(graphql: Refused, rest: Refused): ComparisonResult {
  const mine = toSet(graphql.issues)
  // REST refuses every denied name. GraphQL denies fields later, so an error of the request has no such issues.
  const compared = rest.issues.filter((issue) => !isDeniedField(issue) || mine.has(toText(issue)))
  const theirs = toSet(compared)
  const [mineOnly, theirsOnly] = [without(mine, theirs), without(theirs, mine)]
  if (mineOnly.length + theirsOnly.length > 0)
    return differ(
      `The issues differ. GraphQL only: ${listed(mineOnly)}. REST only: ${listed(theirsOnly)}.`,
    )
  if (graphql.message !== rest.message)
    return differ(`The messages differ: "${graphql.message}" and "${rest.message}".`)
  return compared.length < rest.issues.length ? byRule('deniedField') : same
}

const without = (issues: ReadonlySet<string>, others: ReadonlySet<string>): readonly string[] =>
  [...issues].filter((issue) => !others.has(issue))

const listed = (issues: readonly string[]): string => issues.join(' ') || 'none'

/** Whether one face tells the cost, and the other what is wrong. */
function isWrongOrCostly(graphql: Refused, rest: Refused): boolean {
  const costly = [graphql, rest].filter(
    ({ code, message }) => code === 'TOO_COMPLEX' && message.startsWith('The request may cost '),
  )
  const wrong = [graphql, rest].filter(
    ({ code }) => code === 'VALIDATION_FAILED' || code === 'BAD_REQUEST',
  )
  return costly.length === 1 && wrong.length === 1
}

/** Whether REST refuses parameters that GraphQL refuses as unknown members of the input. */
function isUnknownParameter(graphql: Refused, rest: Refused): boolean {
  const unknown = rest.issues.filter(({ code }) => code === 'unknown_parameter')
  const isUnknownMember = (name: string): boolean =>
    graphql.issues.some(
      (issue) =>
        issue.in === 'input' && issue.code === 'unknown_member' && issue.path.join() === name,
    )
  return (
    rest.code === 'BAD_REQUEST' &&
    unknown.length > 0 &&
    unknown.every(({ path }) => isUnknownMember(path.join()))
  )
}

function haveSameIssues(graphql: Refused, rest: Refused): boolean {
  const [mine, theirs] = [toSet(graphql.issues), toSet(rest.issues)]
  return mine.size > 0 && mine.size === theirs.size && without(mine, theirs).length === 0
}

const toText = ({ in: part, path, code, message }: Issue): string =>
  canonical({ in: part, path, code, message })
const toSet = (issues: readonly Issue[]): ReadonlySet<string> => new Set(issues.map(toText))

const isDeniedField = (issue: Issue): boolean =>
  issue.in === 'fields' && (issue.code === 'forbidden' || issue.code === 'unauthenticated')

/** The fields that REST refuses to answer; null where it refuses the request for another reason too. */
export function deniedNames(rest: Outcome): readonly string[] | null {
  if (rest.ok || rest.issues.length === 0) return null
  return rest.issues.every(isDeniedField) ? rest.issues.map(({ path }) => path.join('.')) : null
}
