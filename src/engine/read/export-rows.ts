// The rows of an export: how many may come with one row, and how many the whole may have.
import type { Level } from '../../db/plan/read-request.ts'
import { Problem } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'

/**
 * Counts a page of an export: its rows, and those of the lists that they include. Every row of an export passes here once, when
 * it is read or written.
 * @throws Problem TOO_COMPLEX with the first row too many
 */
export type CountPage = (rows: number) => void

export function openRowCount({ plural, export: { rows: most } }: Resource): CountPage {
  let counted = 0
  return (rows) => {
    counted += rows
    if (counted > most) throw tooMany(plural, most)
  }
}

function tooMany(plural: string, most: number): Problem {
  const message = `An export of ${plural} has at most ${most} rows, with those of the lists that it includes. Filter them, or ask for them in parts by limit and after.`
  return new Problem('TOO_COMPLEX', message, {
    issues: [{ in: 'page', path: ['limit'], code: 'too_big', message }],
  })
}

/** The most rows that come with one row of a level, itself among them. */
export const rowsWithOne = (level: Level): number =>
  level.toMany.reduce(
    (sum, many) => sum + (many.rows ? many.page.limit * rowsWithOne(many.level) : 0),
    level.toOne.reduce((sum, one) => sum + rowsWithOne(one.level) - 1, 1),
  )
