// Two outcomes of one request, compared by the rules: what is left is a difference between the faces.
import type { Issue } from '../../errors.ts'
import { type Model, type Resource, targetOf } from '../../schema/model/model.ts'
import { isLate } from '../send/exchange.ts'
import { canonical } from '../send/json.ts'
import type { Outcome, OutcomePage, Refused } from '../send/outcome.ts'
import type { ParitySelection } from '../request.ts'
import type { RuleName } from './rules.ts'

export interface Comparison {
  /** What differs, in words; null for nothing. */
  readonly difference: string | null
  readonly rules: readonly RuleName[]
}

const same: Comparison = { difference: null, rules: [] }
const differ = (difference: string): Comparison => ({ difference, rules: [] })
const late: Comparison = { difference: null, rules: ['late'] }
const oneRefuses = (graphql: Outcome): Comparison =>
  differ(graphql.ok ? 'GraphQL answers, REST refuses.' : 'REST answers, GraphQL refuses.')

export interface Compared {
  readonly model: Model
  /** Where the selection begins; null for a value. */
  readonly resource: Resource | null
  readonly selection: ParitySelection | null
  /** Whether values stand in GraphQL's document. */
  readonly literals: boolean
}

export function compare(compared: Compared, graphql: Outcome, rest: Outcome): Comparison {
  if (isLate(graphql) || isLate(rest)) return late
  if (!graphql.ok || !rest.ok)
    return graphql.ok || rest.ok
      ? oneRefuses(graphql)
      : compareErrors(compared.literals, graphql, rest)
  if (graphql.created !== rest.created)
    return differ(
      `GraphQL says that it ${graphql.created === true ? 'created' : 'updated'}, REST does not.`,
    )
  return rest.silent
    ? { difference: null, rules: ['answersNothing'] }
    : compareAnswers(compared, graphql, rest)
}

/** Of several writes together: each as by itself, or the one that has undone them. */
export function compareTogether(
  compared: readonly Compared[],
  graphql: Outcome,
  rest: Outcome,
): Comparison {
  const both =
    graphql.ok && rest.ok
      ? ([graphql.value as readonly Outcome[], rest.value as readonly Outcome[]] as const)
      : null // as they are read
  if (both === null)
    return compareFailures(
      compared.some(({ literals }) => literals),
      graphql,
      rest,
    )
  const comparisons = compared.map((one, i) =>
    compare(one, both[0][i] ?? graphql, both[1][i] ?? rest),
  )
  const which = comparisons.findIndex(({ difference }) => difference !== null)
  return {
    difference: which === -1 ? null : `Write ${which}: ${comparisons[which]?.difference}`,
    rules: comparisons.flatMap(({ rules }) => rules),
  }
}

function compareFailures(literals: boolean, graphql: Outcome, rest: Outcome): Comparison {
  if (isLate(graphql) || isLate(rest)) return late
  if (graphql.ok || rest.ok) return oneRefuses(graphql)
  if (graphql.request === rest.request) return compareErrors(literals, graphql, rest)
  if (
    graphql.request === null &&
    (graphql.code === 'BAD_REQUEST' || graphql.code === 'VALIDATION_FAILED')
  )
    return { difference: null, rules: ['documentFirst'] }
  return differ(
    `GraphQL says that write ${graphql.request} has failed (${graphql.code}, "${graphql.message}"), REST says write ${rest.request} (${rest.code}, "${rest.message}").`,
  )
}

type Success = Extract<Outcome, { readonly ok: true }>

function compareAnswers(compared: Compared, graphql: Success, rest: Success): Comparison {
  const [allowed, unexplained] = withoutDenied(compared, graphql, rest.value)
  if (unexplained !== null) return differ(unexplained)
  const place = firstDifference(allowed.value, rest.value, '')
  if (place !== null) return differ(place)
  return {
    difference: null,
    rules: [
      ...allowed.rules,
      ...(graphql.value === null && rest.value === null && compared.resource !== null
        ? ['absentRow' as const]
        : []),
    ],
  }
}

function compareErrors(literals: boolean, graphql: Refused, rest: Refused): Comparison {
  const isOfLiteral = literals && graphql.code === 'BAD_REQUEST'
  if ((isOfLiteral || graphql.code === 'VALIDATION_FAILED') && isUnknownParameter(graphql, rest))
    return { difference: null, rules: ['unknownParameter'] }
  if (isOfLiteral && rest.code === 'VALIDATION_FAILED' && saysTheSame(graphql.issues, rest.issues))
    return { difference: null, rules: ['literal'] }
  if (graphql.code !== rest.code)
    return differ(
      `GraphQL says ${graphql.code} ("${graphql.message}"), REST says ${rest.code} ("${rest.message}").`,
    )
  const kind = firstDifference(
    { type: graphql.type, details: graphql.details },
    { type: rest.type, details: rest.details },
    '',
  )
  if (kind !== null) return differ(`The errors differ. ${kind}`)
  if (graphql.code === 'INTERNAL')
    return differ('Both faces answer INTERNAL: no request may be answered so.')
  return compareIssues(graphql, rest)
}

function compareIssues(graphql: Refused, rest: Refused): Comparison {
  const mine = toSet(graphql.issues)
  // what was named and may not be seen is refused by REST; GraphQL has not come so far, but where it refuses as a whole too
  const named = rest.issues.filter(
    (issue) => !(isDenial(issue) && issue.in === 'fields') || mine.has(toText(issue)),
  )
  const others = toSet(named)
  const missing = [...mine].filter((issue) => !others.has(issue))
  const extra = [...others].filter((issue) => !mine.has(issue))
  if (missing.length + extra.length > 0)
    return differ(
      `The issues differ. GraphQL only: ${missing.join(' ') || 'none'}. REST only: ${extra.join(' ') || 'none'}.`,
    )
  if (graphql.message !== rest.message)
    return differ(`The messages differ: "${graphql.message}" and "${rest.message}".`)
  return named.length < rest.issues.length ? { difference: null, rules: ['deniedField'] } : same
}

function isUnknownParameter(graphql: Refused, rest: Refused): boolean {
  const unknown = rest.issues
    .filter(({ code }) => code === 'unknown_parameter')
    .map(({ path }) => path.join())
  return (
    rest.code === 'BAD_REQUEST' &&
    unknown.length > 0 &&
    unknown.every((name) =>
      graphql.issues.some(
        ({ in: part, path, code }) =>
          part === 'input' && code === 'unknown_member' && path.join() === name,
      ),
    )
  )
}

const saysTheSame = (mine: readonly Issue[], theirs: readonly Issue[]): boolean => {
  const [one, other] = [toSet(mine), toSet(theirs)]
  return one.size > 0 && one.size === other.size && [...one].every((issue) => other.has(issue))
}

const toText = ({ in: part, path, code, message }: Issue): string =>
  canonical({ in: part, path, code, message })
const toSet = (issues: readonly Issue[]): ReadonlySet<string> => new Set(issues.map(toText))

const isDenial = ({ code }: Issue): boolean => code === 'forbidden' || code === 'unauthenticated'

/** Fields that a refusal of REST names as not to be seen; null when it is about anything else too. */
export function deniedNames(rest: Outcome): readonly string[] | null {
  if (rest.ok || rest.issues.length === 0) return null
  return rest.issues.every((issue) => isDenial(issue) && issue.in === 'fields')
    ? rest.issues.map(({ path }) => path.join('.'))
    : null
}

type Json = Readonly<Record<string, unknown>>

interface Walk {
  readonly model: Model
  /** Paths that GraphQL answered with an error. */
  readonly denied: ReadonlyMap<string, string>
  /** Paths that REST has left out of its defaults, where there was a row to leave them out of. */
  readonly left: Set<string>
}

/** GraphQL's value without what REST's defaults leave out; in words, what is denied on one face only. */
function withoutDenied(
  { model, resource, selection }: Compared,
  graphql: Extract<Outcome, { ok: true }>,
  rest: unknown,
): readonly [{ value: unknown; rules: readonly RuleName[] }, string | null] {
  if (resource === null || selection === null) return [{ value: graphql.value, rules: [] }, null]
  const walk: Walk = { model, denied: graphql.denied, left: new Set() }
  const value = prunedAny(walk, { resource, selection, path: '' }, graphql.value, rest)
  const unexplained = [...graphql.denied.keys()].filter((path) => !walk.left.has(path))
  const unsaid = [...walk.left].filter((path) => !graphql.denied.has(path))
  const rules: readonly RuleName[] = walk.left.size > 0 ? ['deniedDefault'] : []
  if (unexplained.length > 0)
    return [{ value, rules }, `GraphQL denies ${unexplained.join(', ')}, which REST answers.`]
  return [
    { value, rules },
    unsaid.length > 0
      ? `REST leaves out ${unsaid.join(', ')}, of which GraphQL says nothing.`
      : null,
  ]
}

interface Place {
  readonly resource: Resource
  readonly selection: ParitySelection
  readonly path: string
}

function prunedAny(walk: Walk, place: Place, graphql: unknown, rest: unknown): unknown {
  if (graphql === null || rest === null || typeof graphql !== 'object' || typeof rest !== 'object')
    return graphql
  if (Array.isArray(graphql))
    return graphql.map((row, i) =>
      prunedAny(walk, place, row, Array.isArray(rest) ? (rest[i] ?? null) : null),
    )
  if (isPage(graphql) && isPage(rest))
    return {
      ...graphql,
      rows: graphql.rows.map((row, i) => prunedAny(walk, place, row, rest.rows[i] ?? null)),
    }
  return prunedRow(walk, place, graphql as Json, rest as Json)
}

const isPage = (value: object): value is OutcomePage =>
  'rows' in value && 'next' in value && 'previous' in value

function prunedRow(
  walk: Walk,
  { resource, selection, path }: Place,
  graphql: Json,
  rest: Json,
): Json {
  const members = Object.entries(graphql).flatMap(
    ([name, value]): readonly (readonly [string, unknown])[] => {
      const at = path + name
      const asked = selection.relations.find((relation) => relation.name === name)
      const relation = resource.relations.get(name)
      if (asked !== undefined && relation !== undefined) {
        return [
          [
            name,
            prunedAny(
              walk,
              {
                resource: targetOf(walk.model, relation),
                selection: asked.selection,
                path: `${at}.`,
              },
              value,
              rest[name] ?? null,
            ),
          ],
        ]
      }
      if (selection.fields !== 'default' || value !== null || name in rest) return [[name, value]]
      walk.left.add(at)
      return []
    },
  )
  return Object.fromEntries(members)
}

/** Where two values differ first, in words. */
function firstDifference(graphql: unknown, rest: unknown, at: string): string | null {
  if (canonical(graphql) === canonical(rest)) return null
  const both = [graphql, rest].every((value) => typeof value === 'object' && value !== null)
  if (!both || Array.isArray(graphql) !== Array.isArray(rest))
    return `${at === '' ? 'The answers differ' : `They differ at ${at}`}: ${short(graphql)} and ${short(rest)}.`
  const [a, b] = [graphql as Json, rest as Json] // checked above
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  for (const name of names) {
    const inner = firstDifference(a[name], b[name], at === '' ? name : `${at}.${name}`)
    if (inner !== null) return inner
  }
  return `They differ at ${at}.`
}

const short = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : canonical(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
