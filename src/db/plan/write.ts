// Writes of one row in the steps of a transaction: insert, lock, update and delete, each with the answers of the checks for the row.
import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Session } from '../database.ts'
import type { PlanCache } from './cache.ts'
import { conditionSql, startBuilding } from './conditions.ts'
import { aliasOf, readExpressionOf } from './expressions.ts'
import { withRuntimeDefaults } from './runtime-defaults.ts'
import { type Compiled, compileStatement } from './statement.ts'
import { hasOwnSql, type WriteKind, type WriteRequest, writeFingerprint } from './write-request.ts'
import { writeSql } from './audit.ts'
import { whereOf } from './write-statement.ts'

export interface WrittenRow {
  /** Cells of the key, as a read has them. */
  readonly key: readonly (string | null)[]
  readonly checks: readonly boolean[]
}

const dialect = new PgDialect()

export const insertRow = (
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
): Promise<WrittenRow | null> => run(session, plans, request, 'insert')

export const updateRow = (
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
): Promise<WrittenRow | null> => run(session, plans, request, 'update')

export const deleteRow = (
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
): Promise<WrittenRow | null> => run(session, plans, request, 'delete')

/** Locks the row until the transaction ends, so that what its checks say stays true. Null when there is no such row. */
export const lockRow = (
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
): Promise<WrittenRow | null> => run(session, plans, request, 'lock')

async function run(
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
  kind: WriteKind,
): Promise<WrittenRow | null> {
  const [row] = await runFilled(session, plans, withRuntimeDefaults(request, kind), kind)
  return row ?? null
}

/**
 * Runs a statement of a request that has its runtime defaults; answers every row that it touches. The plan of an insert of several
 * rows spells out each of their cells: it is long, seldom met again, and not kept.
 */
export async function runFilled(
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
  kind: WriteKind,
): Promise<readonly WrittenRow[]> {
  const plan =
    hasOwnSql(request) || request.rows !== undefined
      ? buildWrite(request, kind)
      : plans.get(`${kind} ${writeFingerprint(request)}`, () => buildWrite(request, kind))
  const { rows } = await session.query(plan.bind(request.values))
  const width = request.resource.primaryKey.fields.length
  return rows.map((row) => ({
    key: row.slice(0, width),
    checks: row.slice(width).map((cell) => cell?.startsWith('t') === true),
  }))
}

function buildWrite(request: WriteRequest, kind: WriteKind): Compiled {
  const building = startBuilding()
  const table = aliasOf(request.resource, building.nextAlias())
  const checks = request.checks.map(
    (check) => sql`coalesce(${conditionSql(building, check, table)}, false)`,
  )
  const key = request.resource.primaryKey.fields.map((field) => readExpressionOf(field, table))
  return compileStatement(
    writeSql(kind, {
      where: whereOf(building, request, table),
      cells: [...key, ...checks],
      table,
      request,
    }),
    dialect,
  )
}
