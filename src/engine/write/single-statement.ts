// Writes of one statement, which checks the row, writes it and reads it back: for writes that one statement can express.
import type { Database, RunOptions } from '../../db/database.ts'
import { hasAfterTriggers } from '../../db/catalog/triggers.ts'
import { type Condition, type Level, TRUE } from '../../db/plan/read-request.ts'
import { hasOwnSql, type SingleStatementKind } from '../../db/plan/write-request.ts'
import {
  planSingleStatement,
  type SingleStatementPlan,
  writeSingleStatement,
} from '../../db/plan/write-single.ts'
import { countField } from '../../schema/model/counts.ts'
import type { Field, Relation, Resource } from '../../schema/model/model.ts'
import { allOf } from '../authorize/filter-condition.ts'
import { decidesAlike } from '../authorize/caller-profile.ts'
import { rowChecks, rowIsOfVersion, rowOfKey, writeRequest } from '../authorize/row-conditions.ts'
import type { AuthorizedWrite, WriteContext } from '../authorize/write-context.ts'
import {
  fillSlots,
  type PreparedWrite,
  toPreparedWrite,
  preparedWriteFingerprint,
} from './prepared-write.ts'
import { isTrue, keepRows, rowsIn } from '../render/row-reader.ts'
import type { EngineResult } from '../result.ts'

const kinds = { create: 'insert', update: 'update', delete: 'delete' } as const satisfies Record<
  string,
  SingleStatementKind
>

/** Runs one statement where it can express the write; false where the steps of a transaction are needed, also to find what is wrong. */
export async function runSingleStatement(
  authorized: AuthorizedWrite,
  options: RunOptions,
): Promise<EngineResult | false> {
  const { context, resource, back, allowed } = authorized
  const { authorization, database, plans, operation } = context
  const kind = kinds[operation.standard as keyof typeof kinds] // only writes of one row come here
  const checks = kind === 'delete' ? [] : rowChecks(authorized)
  if (back === null || !isSeenAlone(resource, [...checks, back.visible], back.request.level))
    return false
  if (kind !== 'delete' && (await hasAfterTriggers(database, resource, kind))) return false
  const where =
    kind === 'insert'
      ? null
      : allOf([rowOfKey(context), rowIsOfVersion(context), back.visible, allowed])
  const request = {
    ...writeRequest(authorized, where, checks),
    level: { ...back.request.level, where: TRUE },
    visible: back.visible,
  }
  const { plan, filled } = planSingleStatement(plans, kind, request)
  const key = preparedWriteFingerprint(context)
  if (key !== null && !hasOwnSql(filled))
    context.prepared.keep(key, toPreparedWrite(authorization, plan, filled.set))
  return runPlan(database, plan, filled.values, options)
}

/** A write like this one, which was authorized and planned before. */
export function findWrite(context: WriteContext): PreparedWrite | null {
  const key = preparedWriteFingerprint(context)
  const known = key === null ? undefined : context.prepared.find<PreparedWrite>(key)
  return known !== undefined &&
    context.parsed.invalid.length === 0 &&
    decidesAlike(known.decided, context.authorization.caller)
    ? known
    : null
}

export async function runPrepared(
  context: WriteContext,
  known: PreparedWrite,
  options: RunOptions,
): Promise<EngineResult | false> {
  return runPlan(context.database, known.plan, fillSlots(known, context), options)
}

async function runPlan(
  database: Database,
  { bind, layout, visible }: SingleStatementPlan,
  values: readonly unknown[],
  options: RunOptions,
): Promise<EngineResult | false> {
  const set = await writeSingleStatement(database, bind(values), keepRows, options)
  if (set === null) return false
  const [row] = rowsIn(set, layout)
  if (row === undefined) return false // none there to be written, or a trigger or a rule has taken it
  return { type: 'row', layout, row: isTrue(row, visible) ? row : null }
}

/**
 * Whether a statement that writes a row can check it and read it back: it sees nothing else that it writes, and what a computed
 * field looks at is not known.
 */
function isSeenAlone(
  resource: Resource,
  conditions: readonly Condition[],
  { fields, toOne, toMany }: Level,
): boolean {
  return (
    toOne.length === 0 &&
    toMany.length === 0 &&
    fields.every(({ field }) => 'column' in field.source) &&
    [...conditions, ...fields.map(({ visible }) => visible)].every((condition) =>
      isApart(resource, condition),
    )
  )
}

/** Drizzle's own `where` of a relation, which may look at anything; where there is none it is a symbol. */
const isFiltered = ({ where }: Relation): boolean => typeof where === 'object' && where !== null

const isOfRow = (field: Field): boolean => 'column' in field.source || field === countField

/** Whether a condition looks at columns of the row and at other tables only. */
function isApart(resource: Resource, condition: Condition): boolean {
  switch (condition.type) {
    case 'constant':
    case 'search':
    case 'version':
      return true
    case 'and':
    case 'or':
      return condition.of.every((part) => isApart(resource, part))
    case 'not':
      return isApart(resource, condition.of)
    case 'compare':
      return isOfRow(condition.field)
    case 'related':
    case 'counted':
      return isRelatedApart(resource, condition)
  }
}

const isRelatedApart = (
  resource: Resource,
  { relation, target, visible, of, through }: Extract<Condition, { type: 'related' | 'counted' }>,
): boolean =>
  target.table !== resource.table &&
  relation.through?.table !== resource.table &&
  !isFiltered(relation) &&
  [visible, of, through].every((part) => isApart(resource, part))
