// A read's plan: one statement for a whole selection, with where everything lies in its rows.
import { type SQL, sql } from 'drizzle-orm'
import type { PgDialect } from 'drizzle-orm/pg-core'
import {
  buildLevel,
  countRows,
  emptyLayout,
  pagedRows,
  rootSource,
  type RowBuilding,
  selectRows,
} from './build-read.ts'
import { startBuilding } from './conditions.ts'
import { aliasOf, commas } from './expressions.ts'
import { buildFlatRead, isFlat } from './flat.ts'
import type { Layout } from './layout.ts'
import type { ReadRequest } from './read-request.ts'
import { type Compiled, compileStatement } from './statement.ts'

export interface ReadPlan extends Compiled {
  /** Ids and pages in it are those of the request that the plan was built for. */
  readonly layout: Layout
  /** Rows and total come as cells of one row, so that a total is there when no row is. */
  readonly wrapped: { readonly rows: number | null; readonly total: number } | null
}

/** @param depth how many levels may have rows of their own (flat.ts); lists below them are cells of JSON */
export function buildReadPlan(request: ReadRequest, dialect: PgDialect, depth: number): ReadPlan {
  const building = startBuilding()
  if (request.page !== null && request.total !== false) {
    const root = { from: null, page: request.page, level: request.level }
    const cells: SQL[] = []
    const built = request.rows ? pagedRows(building, root) : null
    if (built !== null) cells.push(built.sql)
    cells.push(countRows(building, root, request.total))
    const layout = built?.layout ?? emptyLayout(request.level.resource, request.level.denied)
    return {
      ...compileStatement(sql`select ${commas(cells)}`, dialect),
      layout,
      wrapped: { rows: built === null ? null : 0, total: cells.length - 1 },
    }
  }
  if (depth > 1 && isFlat(request.level)) {
    const built = buildFlatRead(building, request.level, request.page, depth)
    return { ...compileStatement(built.sql, dialect), layout: built.layout, wrapped: null }
  }
  const table = aliasOf(request.level.resource, building.nextAlias())
  const cells: SQL[] = []
  const row: RowBuilding = {
    building,
    joins: [],
    buildRows: null,
    add: (cell) => cells.push(cell) - 1,
  } // the protocol makes text of them
  const layout = buildLevel(row, request.level, table, request.page)
  const body = selectRows(
    row,
    rootSource(building, request.level, table, request.page),
    table,
    request.page,
  )
  return {
    ...compileStatement(sql`select ${commas(cells)} ${body}`, dialect),
    layout,
    wrapped: null,
  }
}
