// Distinct rows: of each group the first row in the order of the list.
import { sql } from 'drizzle-orm'
import type { Building, RelationSource } from './conditions.ts'
import { type Aliased, commas } from './expressions.ts'
import { keyOrder, orderExpression } from './order.ts'
import type { PageRequest } from './read-request.ts'
import { versionParts } from './version.ts'

/**
 * The source with the first row of each group in place of all its rows, under the same alias: policies and filters have
 * chosen the rows before, and pages, cursors and counts see the groups. An expression that is distinct and sorted must be
 * one and the same to PostgreSQL, so both refer to it by its place in the select list.
 */
export function firstOfEach(
  building: Building,
  { from, on }: RelationSource,
  page: PageRequest,
  table: Aliased,
): RelationSource {
  const keys = page.order.map((key) => ({ ...key })) // not those that joins outside of here have worked out
  const groups = keys.slice(0, page.distinct)
  const places = groups.map((_, i) => sql.raw(String(i + 1)))
  const values = groups.map(
    (key, i) =>
      sql`${orderExpression(building, key, table)} as ${sql.identifier(`bifrons_group_${i}`)}`,
  )
  const order = keys.map((key, i) =>
    keyOrder(key, places[i] ?? orderExpression(building, key, table), false),
  )
  const name = sql.identifier(table.name)
  return {
    from: sql`(select distinct on (${commas(places)}) ${commas([...values, sql`${name}.*`, ...versionParts(table)])} from ${from} where ${on} order by ${commas(order)}) as ${name}`,
    on: sql`true`,
  }
}
