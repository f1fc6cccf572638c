// Writes of one statement: it writes a row, checks it and answers what is seen of it.
import { type SQL, sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { RunOptions, Session, TextRow } from '../database.ts'
import { sqlstateOf } from '../sqlstate.ts'
import type { PlanCache } from './cache.ts'
import { conditionSql, startBuilding } from './conditions.ts'
import { buildLevel } from './build-read.ts'
import { aliasOf } from './expressions.ts'
import type { Layout } from './layout.ts'
import { allHold } from './logic.ts'
import { type Condition, conditionShape, type Level, levelShape, TRUE } from './read-request.ts'
import { withRuntimeDefaults } from './runtime-defaults.ts'
import { type Compiled, compileStatement } from './statement.ts'
import {
  hasOwnSql,
  type SingleStatementKind,
  type WriteRequest,
  writeShape,
} from './write-request.ts'
import { statementOf, whereOf } from './write-statement.ts'

const dialect = new PgDialect()

/** A row that was written and answered by one statement. */
export interface SeenRow {
  /** Whether the caller may read what was written. */
  readonly visible: boolean
  readonly layout: Layout
  readonly row: TextRow
}

/** A write that answers by itself. Its `where` holds of the row as it was, its checks of the row as it is written. */
export interface SingleStatementRequest extends WriteRequest {
  /** What is seen of the row: own fields only. */
  readonly level: Level
  /** The read policy. */
  readonly visible: Condition
}

export interface SingleStatementPlan extends Compiled {
  readonly layout: Layout
}

/** The plan of a write that answers by itself; `values` and `set` of the request with what runtime defaults add. */
export function planSingleStatement(
  plans: PlanCache,
  kind: SingleStatementKind,
  request: SingleStatementRequest,
): { readonly plan: SingleStatementPlan; readonly filled: WriteRequest } {
  const filled = { ...request, ...withRuntimeDefaults(request, kind) }
  const shape = `${kind} and see ${writeShape(filled)} ${levelShape(request.level)} ${conditionShape(request.visible)}`
  return {
    plan: hasOwnSql(filled)
      ? buildAlone(kind, filled)
      : plans.get(shape, () => buildAlone(kind, filled)),
    filled,
  }
}

/**
 * Writes a row and answers what is seen of it, in one statement without a transaction around it: it is written when every
 * check holds, and else nothing is. Null where there is no such row, a check does not hold, or the database asks for
 * another attempt: what is wrong is then found by the steps of a transaction.
 */
export async function writeSingleStatement(
  session: Session,
  plan: SingleStatementPlan,
  values: readonly unknown[],
  options?: RunOptions,
): Promise<SeenRow | null> {
  try {
    const {
      rows: [row],
    } = await session.query(plan.bind(values), options)
    if (row === undefined) return null // none there to be written, or a trigger or a rule has taken it
    return { visible: row[0]?.startsWith('t') === true, layout: plan.layout, row }
  } catch (error) {
    if (triedAgain.has(sqlstateOf(error) ?? '')) return null
    throw error
  }
}

/** A check that does not hold divides by zero; serialization failures and deadlocks are a transaction's to try again. */
const triedAgain: ReadonlySet<string> = new Set(['22012', '40001', '40P01'])

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
    answer: sql.join(cells, sql`, `),
    where: whereOf(building, request, table),
  }
  return { ...compileStatement(statementOf(kind, parts), dialect), layout }
}
