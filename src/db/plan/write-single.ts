// Writes of one statement: it writes a row, checks it and answers what is seen of it.
import { type SQL, sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Database, RunOptions, Statement } from '../database.ts'
import type { RawRows } from '../raw-rows.ts'
import { sqlstateOf } from '../sqlstate.ts'
import type { PlanCache } from './cache.ts'
import { conditionSql, startBuilding } from './conditions.ts'
import { buildLevel } from './build-read.ts'
import { aliasOf } from './expressions.ts'
import { conditionFingerprint, levelFingerprint } from './fingerprint.ts'
import type { Layout } from './layout.ts'
import { allHold } from './logic.ts'
import { type Condition, type Level, TRUE } from './read-request.ts'
import { withRuntimeDefaults } from './runtime-defaults.ts'
import { type Compiled, compileStatement } from './statement.ts'
import {
  hasOwnSql,
  type SingleStatementKind,
  type WriteRequest,
  writeFingerprint,
} from './write-request.ts'
import { writeSql } from './audit.ts'
import { whereOf } from './write-statement.ts'

const dialect = new PgDialect()

/** A write that answers by itself. Its `where` holds of the row as it was, its checks of the row as it is written. */
export interface SingleStatementRequest extends WriteRequest {
  /** What is seen of the row: own fields only. */
  readonly level: Level
  /** The read policy. */
  readonly visible: Condition
}

export interface SingleStatementPlan extends Compiled {
  readonly layout: Layout
  /** The cell that says whether the caller may read what was written. */
  readonly visible: number
}

/** The plan of a write that answers by itself; `values` and `set` of the request with what runtime defaults add. */
export function planSingleStatement(
  plans: PlanCache,
  kind: SingleStatementKind,
  request: SingleStatementRequest,
): { readonly plan: SingleStatementPlan; readonly filled: WriteRequest } {
  const filled = { ...request, ...withRuntimeDefaults(request, kind) }
  const fingerprint = `${kind} and see ${writeFingerprint(filled)} ${levelFingerprint(request.level)} ${conditionFingerprint(request.visible)}`
  return {
    plan: hasOwnSql(filled)
      ? buildAlone(kind, filled)
      : plans.get(fingerprint, () => buildAlone(kind, filled)),
    filled,
  }
}

/**
 * Writes a row and answers what is seen of it, in one statement without a transaction around it: it is written when every
 * check holds, and else nothing is. Null where a check does not hold, or the database asks for another attempt: what is
 * wrong is then found by the steps of a transaction, as where no row is answered.
 */
export async function writeSingleStatement<T>(
  database: Database,
  statement: Statement,
  take: (rows: RawRows) => T,
  options?: RunOptions,
): Promise<T | null> {
  try {
    return await database.write(statement, take, options)
  } catch (error) {
    const state = sqlstateOf(error) ?? ''
    if (state === REFUSED || (database.joined === undefined && triedAgain.has(state))) return null
    throw error
  }
}

/** A check that does not hold divides by zero. */
const REFUSED = '22012'
/** Serialization failures and deadlocks are a transaction's to try again: the whole of it, where there is one already. */
const triedAgain: ReadonlySet<string> = new Set(['40001', '40P01'])

function buildAlone(
  kind: SingleStatementKind,
  request: SingleStatementRequest,
): SingleStatementPlan {
  const { resource, checks, level, visible } = request
  const building = startBuilding()
  const table = aliasOf(resource, building.nextAlias())
  const cells: SQL[] = [sql`coalesce(${conditionSql(building, visible, table)}, false)`]
  const layout = buildLevel(
    { building, joins: [], buildRows: null, add: (cell) => cells.push(cell) - 1 },
    level,
    table,
    null,
  )
  const held = allHold(checks.map((check) => conditionSql(building, check, table)))
  if (checks.some((check) => check !== TRUE))
    cells.push(sql`1 / (case when ${held} then 1 else 0 end)`)
  const parts = {
    table,
    request,
    cells,
    where: whereOf(building, request, table),
  }
  return { ...compileStatement(writeSql(kind, parts), dialect), layout, visible: 0 }
}
