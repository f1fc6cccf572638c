// Writes of several rows in SQL: one insert for all of them, locks in the order of keys, changes of the rows of some keys.
import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { Session } from '../database.ts'
import type { PlanCache } from './cache.ts'
import { conditionSql, startBuilding } from './conditions.ts'
import { aliasOf, fromTable } from './expressions.ts'
import type { Slot } from './read-request.ts'
import { compileStatement } from './statement.ts'
import { withRuntimeDefaults } from './runtime-defaults.ts'
import { runFilled, type WrittenRow } from './write.ts'
import type { Assignment, WriteRequest } from './write-request.ts'

type Many = Promise<readonly WrittenRow[]>

/** PostgreSQL takes 65,535 parameters in one statement. */
const MAX_PARAMETERS = 60_000

/**
 * Inserts rows in their order, by one statement where its parameters allow. PostgreSQL answers the rows of VALUES in their
 * order; a trigger that takes one away would shift those behind it, and is refused.
 */
export async function insertRows(
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
  rows: readonly (readonly Assignment[])[],
): Many {
  const filled = rows.map((set) => withRuntimeDefaults({ ...request, set }, 'insert').set)
  const width = new Set(filled.flatMap((set) => set.map(({ field }) => field))).size
  const written: WrittenRow[] = []
  for (let start = 0; start < filled.length;) {
    const chunk = filled.slice(
      start,
      start + Math.max(1, width === 0 ? 1 : Math.floor(MAX_PARAMETERS / width)),
    )
    start += chunk.length
    for (const row of await runFilled(
      session,
      plans,
      { ...request, set: [], rows: chunk },
      'insert',
    ))
      written.push(row)
  }
  if (written.length !== rows.length)
    throw new Error('An insert of several rows answered another number of them.')
  return written
}

/** What the checks say of rows as they stand. */
export const lookAtRows = (session: Session, plans: PlanCache, request: WriteRequest): Many =>
  runFilled(session, plans, request, 'look')

/** Locks rows in the order of their keys, so that two that lock the same ones wait for each other in turn. */
export const lockRows = (
  session: Session,
  plans: PlanCache,
  request: WriteRequest,
  most: Slot,
): Many => runFilled(session, plans, { ...request, most }, 'lockMany')

export const updateRows = (session: Session, plans: PlanCache, request: WriteRequest): Many =>
  runFilled(session, plans, withRuntimeDefaults(request, 'update'), 'update')

export const deleteRows = (session: Session, plans: PlanCache, request: WriteRequest): Many =>
  runFilled(session, plans, request, 'delete')

const dialect = new PgDialect()

/** How many rows there are: for an error, so its plan is not kept. */
export async function countMatching(
  session: Session,
  { resource, where, values }: WriteRequest,
): Promise<number> {
  const building = startBuilding()
  const table = aliasOf(resource, building.nextAlias())
  const condition = where === null ? sql`true` : conditionSql(building, where, table)
  const statement = compileStatement(
    sql`select count(*) from ${fromTable(resource.table, table.name)} where ${condition}`,
    dialect,
  )
  const {
    rows: [row],
  } = await session.query(statement.bind(values))
  return Number(row?.[0] ?? 0)
}
