// A write authorized before any row is touched: who may, what is set, and how the rows are read back. Every kind of write ends here.
import { slotOf, refusal, throwRefused, type Decision, toCondition } from './authorization.ts'
import { authorizeChanges } from './authorize-changes.ts'
import { authorizeLevel } from './authorize-selection.ts'
import { evaluatePolicy, mayRead } from './evaluate-policy.ts'
import { allOf } from './filter-condition.ts'
import { keyIs, requireVersion } from './row-conditions.ts'
import {
  type AuthorizedWrite,
  type RowInput,
  rowOf,
  type WriteContext,
  type WriteFrame,
  type WriteVerb,
} from './write-context.ts'
import { invalid } from '../parse/parse-request.ts'

/**
 * Authorizes a write of one row by its key, or of a new one.
 * @param place where the row stands, when it is written along a relation of another one
 * @throws Problem: the verb, missing owner columns, what the caller may not use, validators, a required version, in this order
 */
export function authorizeWrite(
  context: WriteContext,
  place: Omit<RowInput, 'values'> = { path: [], links: [] },
): AuthorizedWrite {
  const verb = context.operation.standard as WriteVerb // the dispatcher sends nothing else
  const [changes] = authorizeRows(context, verb, [{ values: rowOf(context).values, ...place }])
  if (changes === undefined) throw new Error('One row was authorized as none.')
  if (verb !== 'create') requireVersion(changes.resource, context.parsed.version)
  return changes
}

/** Authorizes one verb on several rows: all of them, or a refusal that names everything that is wrong with any. */
export function authorizeRows(
  context: WriteContext,
  verb: WriteVerb,
  rows: readonly RowInput[],
): readonly AuthorizedWrite[] {
  const decision = authorizeVerb(context, verb)
  const changes = authorizeChanges(context, { verb, decision }, rows)
  const frame = authorizeFrame(context, decision)
  return changes.map((row) => ({ ...frame, ...row }))
}

/** @returns yes, or the rows that the caller may write; never no */
export function authorizeVerb(
  { authorization, operation: { resource } }: WriteContext,
  verb: WriteVerb,
): Decision {
  const decision = evaluatePolicy(authorization, resource.access[verb], resource)
  if (decision === false)
    throw refusal(authorization.caller, `You may not ${verb} ${resource.plural}.`)
  return decision
}

/** The end of every authorization of a write: the read-back, then everything that was noted is thrown. */
export function authorizeFrame(context: WriteContext, decision: Decision): WriteFrame {
  const {
    authorization,
    operation: { resource },
    parsed,
  } = context
  const back = authorizeReadBack(context)
  throwRefused(authorization)
  if (parsed.invalid.length > 0) throw invalid(parsed.invalid)
  return { context, resource, allowed: toCondition(decision), back }
}

function authorizeReadBack(context: WriteContext): WriteFrame['back'] {
  const {
    authorization,
    operation: { resource },
    parsed,
  } = context
  const visible = mayRead(authorization, resource)
  if (parsed.selection === null || visible === false) return null
  const keySlots = resource.primaryKey.fields.map(() => slotOf(authorization, null))
  const where = allOf([keyIs(resource.primaryKey, keySlots), toCondition(visible)])
  const level = authorizeLevel(context, resource, parsed.selection, { where, path: [] })
  return {
    keySlots,
    visible: toCondition(visible),
    request: { level, page: null, rows: true, total: false, values: authorization.values },
  }
}
