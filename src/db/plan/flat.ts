// To-many relations as rows of their own: half the cost of a cell of JSON, on the server and in PostgreSQL, where they
// follow one another. Two of them at one level would multiply each other's rows; these stay cells of JSON.
import { type SQL, sql } from 'drizzle-orm'
import { buildLevel, rootSource, type RowBuilding, selectRows, sourceOf } from './build-read.ts'
import type { Building, RelationSource } from './conditions.ts'
import { type Aliased, aliasOf, commas } from './expressions.ts'
import type { Layout } from './layout.ts'
import type { Level, PageRequest } from './read-request.ts'

/** Whether a level has one to-many relation whose rows are asked for. */
export const isFlat = (level: Level): boolean =>
  level.toMany.filter((many) => many.rows).length === 1

interface FlatBuilding {
  readonly building: Building
  /** The outer select list, over all levels. */
  readonly cells: SQL[]
  /** One subquery for each level, the outermost first; each sees those before it. */
  readonly levels: SQL[]
  /** How many levels have rows of their own. */
  readonly depth: number
}

interface FlatLevel {
  readonly level: Level
  readonly page: PageRequest | null
  readonly table: Aliased
  readonly source: RelationSource
}

/**
 * `select … from (a page of rows) as t0 left join lateral (a page of each one's related rows) as t1 on true`. Each subquery
 * is cut by its own limit, so that a nested loop in the order of the left side is the only way to join them: rows come
 * in their order, those of one parent together.
 */
export function buildFlatRead(
  building: Building,
  level: Level,
  page: PageRequest | null,
  depth: number,
): { readonly sql: SQL; readonly layout: Layout } {
  const flat: FlatBuilding = { building, cells: [], levels: [], depth }
  const table = aliasOf(level.resource, building.nextAlias())
  const layout = buildFlatLevel(flat, {
    level,
    page,
    table,
    source: rootSource(building, level, table, page),
  })
  return {
    layout,
    sql: sql`select ${commas(flat.cells)} from ${sql.join(flat.levels, sql` left join lateral `)}`,
  }
}

/** The cells are computed inside, where the to-one relations join; the outer list names them. */
function buildFlatLevel(flat: FlatBuilding, { level, page, table, source }: FlatLevel): Layout {
  const { building, cells } = flat
  const inner: SQL[] = [sql`${sql.identifier(table.name)}.*`] // what later levels and their policies refer to
  const place = flat.levels.push(sql``) - 1
  const row: RowBuilding = {
    building,
    joins: [],
    add(cell) {
      const name = sql.identifier(`bifrons_${cells.length}`)
      inner.push(sql`${cell} as ${name}`)
      return cells.push(sql`${sql.identifier(table.name)}.${name}`) - 1
    },
    buildRows:
      !isFlat(level) || flat.levels.length >= flat.depth
        ? null
        : (many, from) => {
            const to = aliasOf(many.level.resource, building.nextAlias())
            const related = {
              from: { step: many, table: from },
              page: many.page,
              level: many.level,
            }
            return buildFlatLevel(flat, {
              level: many.level,
              page: many.page,
              table: to,
              source: sourceOf(building, related, to),
            })
          },
  }
  const layout = buildLevel(row, level, table, page)
  const body = selectRows(row, source, table, page)
  const fence = page === null ? sql` offset 0` : sql`` // one row by its key: without this, its joins would be the outer statement's
  flat.levels[place] =
    sql`(select ${commas(inner)} ${body}${fence}) as ${sql.identifier(table.name)}${place === 0 ? sql`` : sql` on true`}`
  return layout
}
