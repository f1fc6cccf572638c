// Compares both faces' exchanges of one request: answers, stored rows, versions, denied fields.
import type { Model } from '../../schema/model/model.ts'
import { resourceOf } from '../operations.ts'
import type { OperationRequest } from '../request.ts'
import { type Sending, send } from '../send/exchange.ts'
import { canonical } from '../send/json.ts'
import type { Outcome } from '../send/outcome.ts'
import { translate } from '../send/translate.ts'
import { type ComparedRequest, compare, compareBatch } from './compare.ts'
import { deniedNames } from './compare-errors.ts'
import { type Exchanges, storedDifference, withStored } from './compare-stored.ts'
import { versionDifference } from './compare-versions.ts'
import type { ComparisonResult } from './comparison.ts'
import { differ } from './comparison.ts'
import { hasRowAt, withMembersOf, withoutMembers, withoutNames } from './selected-names.ts'

export async function compareExchanges(
  sending: Sending,
  asked: OperationRequest,
  exchanges: Exchanges,
): Promise<ComparisonResult> {
  const { graphql, rest } = exchanges
  const denied = deniedNames(rest.outcome)
  if (denied !== null && asked.request.selection !== null)
    return compareDenied(sending, asked, exchanges, denied)
  const compared = toCompared(sending.gateway.engine.model, asked)
  const comparison = withStored(exchanges, compare(compared, graphql.outcome, rest.outcome))
  const difference = comparison.difference ?? versionDifference(asked, graphql, rest)
  return { ...comparison, difference }
}

export function compareBatchExchanges(
  model: Model,
  requests: readonly OperationRequest[],
  exchanges: Exchanges,
): ComparisonResult {
  const compared = requests.map((asked) => toCompared(model, asked))
  const { graphql, rest } = exchanges
  return withStored(exchanges, compareBatch(compared, graphql.outcome, rest.outcome))
}

const toCompared = (model: Model, { operation, request }: OperationRequest): ComparedRequest => ({
  model,
  resource: resourceOf(operation),
  selection: request.selection,
  literals: request.style.literals,
})

/**
 * REST has refused fields that GraphQL answers with null: both must deny the same fields, and answer the same
 * without them. The request is sent again without the fields.
 */
async function compareDenied(
  sending: Sending,
  { operation, request }: OperationRequest,
  { graphql, rest }: Exchanges,
  denied: readonly string[],
): Promise<ComparisonResult> {
  const {
    engine: { model },
    prefix,
  } = sending.gateway
  const resource = resourceOf(operation)
  if (resource === null || request.selection === null)
    return differ('REST refuses fields where there are none.')
  const wrong = denialDifference(graphql.outcome, rest.outcome, denied)
  if (wrong !== null) return differ(wrong)
  const paths = denied.map((path) => path.split('.'))
  const selection = withoutNames(model, resource, request.selection, paths)
  const asked: OperationRequest = { operation, request: { ...request, selection } }
  const translation = translate({ model, prefix }, asked)
  const mine = await send(sending, 'graphql', translation)
  const theirs = await send(sending, 'rest', translation)
  const comparison = compare(toCompared(model, asked), mine.outcome, theirs.outcome)
  const difference =
    lossDifference(graphql.outcome, mine.outcome, paths) ??
    comparison.difference ??
    storedDifference(graphql.stored, theirs.stored) ??
    storedDifference(mine.stored, theirs.stored)
  return { difference, rules: ['deniedField', ...comparison.rules] }
}

/** GraphQL must deny the fields that REST refuses, wherever there is a row with them, with REST's code. */
function denialDifference(
  graphql: Outcome,
  rest: Outcome,
  denied: readonly string[],
): string | null {
  if (!graphql.ok || rest.ok) return null
  for (const path of denied) {
    const code = graphql.denied.get(path)
    const hasRow = hasRowAt(graphql.value, path.split('.'))
    if (hasRow && code === undefined) return `REST refuses ${path}, GraphQL answers it.`
    if (!hasRow && code !== undefined)
      return `REST refuses ${path}, GraphQL denies it without a row.`
  }
  const other = [...graphql.denied].find(
    ([path, code]) => denied.includes(path) && code !== rest.code,
  )
  return other === undefined ? null : `GraphQL says ${other[1]} of ${other[0]}, REST ${rest.code}.`
}

/** GraphQL must answer the other fields as it does when the denied ones are not asked for. */
function lossDifference(
  whole: Outcome,
  pruned: Outcome,
  paths: readonly (readonly string[])[],
): string | null {
  if (!whole.ok || !pruned.ok) return null
  const others = withoutMembers(whole.value, paths)
  const known = canonical(pruned.value)
  if (canonical(withMembersOf(others, pruned.value)) === known) return null
  return `GraphQL answers otherwise without the denied fields: ${known}`
}
