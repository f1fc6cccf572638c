// Conditions joined by AND or OR as Drizzle's `and` and `or` join them, of a list of any length.
import { type SQL, sql } from 'drizzle-orm'

type Parts = readonly (SQL | undefined)[]

/** All hold; true of none. */
export const allHold = (parts: Parts): SQL => joined(parts, sql`) and (`) ?? sql`true`

/** One holds; false of none. */
export const oneHolds = (parts: Parts): SQL => joined(parts, sql`) or (`) ?? sql`false`

function joined(parts: Parts, word: SQL): SQL | undefined {
  const given = parts.filter((part) => part !== undefined)
  return given.length > 1 ? sql`((${sql.join(given, word)}))` : given[0]
}
