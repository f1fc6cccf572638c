// Rows of several keys: as the condition that finds them, and read back as the client asked, in the order of the keys.
import type { Session } from '../../db/database.ts'
import { emptyLayout } from '../../db/plan/build-read.ts'
import type { Condition } from '../../db/plan/read-request.ts'
import type { Field, Resource } from '../../schema/model/model.ts'
import { type Authorization, slotOf } from '../authorize/authorization.ts'
import { readRows } from '../read/run-read.ts'
import { cellText } from '../render/row-reader.ts'
import { readCell } from '../value-codec.ts'
import { allOf, anyOf } from '../authorize/filter-condition.ts'
import type { WriteFrame } from '../authorize/write-context.ts'
import type { EngineResult } from '../result.ts'

/** Cells of a row's key, as a read has them. */
export type KeyCells = readonly (string | null)[]

export function rowsOfKeys(
  authorization: Authorization,
  { primaryKey: { fields } }: Resource,
  keys: readonly KeyCells[],
): Condition {
  const value = (field: Field, key: KeyCells, i: number): unknown => readCell(field)(key[i] ?? null)
  const [single, ...others] = fields
  if (single !== undefined && others.length === 0) {
    return {
      type: 'compare',
      field: single,
      operator: 'in',
      slot: slotOf(
        authorization,
        keys.map((key) => value(single, key, 0)),
      ),
    }
  }
  return anyOf(
    keys.map((key) =>
      allOf(
        fields.map((field, i): Condition => ({
          type: 'compare',
          field,
          operator: 'eq',
          slot: slotOf(authorization, value(field, key, i)),
        })),
      ),
    ),
  )
}

/** Null stands for a row that the caller may not read; `rows` is null where the policy lets them read none at all. */
export async function readBackRows(
  { context, resource, back }: WriteFrame,
  session: Session,
  keys: readonly KeyCells[],
): Promise<EngineResult> {
  if (back === null || keys.length === 0)
    return { type: 'rows', layout: emptyLayout(resource), rows: back === null ? null : [] }
  const { authorization, plans } = context
  const where = allOf([rowsOfKeys(authorization, resource, keys), back.visible])
  const { layout, rows } = await readRows(
    { session, plans, options: {} },
    { ...back.request, level: { ...back.request.level, where } },
  )
  const byKey = new Map(
    rows.map((row) => [JSON.stringify(layout.key.map((index) => cellText(row, index))), row]),
  )
  return { type: 'rows', layout, rows: keys.map((key) => byKey.get(JSON.stringify(key)) ?? null) }
}
