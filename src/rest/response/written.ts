// What writes answer: the row or rows as they now are, where the caller may read and wants them.
import type { EngineResult } from '../../engine/result.ts'
import type { WriteOptions } from '../request/write-options.ts'
import { type Answer, tagOf, type ShownRow } from './answer.ts'
import { writeRow, writeRows } from './row-template.ts'

type RowResult = Extract<EngineResult, { readonly type: 'row' }>

/** @throws Error where the engine answers something else, which no request can bring about */
export function rowResult(result: EngineResult): RowResult {
  if (result.type !== 'row') throw new Error(`The engine answered one row with a ${result.type}.`)
  return result
}

/** Null where the caller may not read the row. */
export const writtenRow = ({ layout, row }: RowResult): ShownRow | null =>
  row === null ? null : { layout, row }

/** Body and tag of a row; a caller who may read it and wants no body gets the tag alone. */
export function showRow(
  written: ShownRow | null,
  { minimal }: WriteOptions,
): Pick<Answer, 'body' | 'tag'> {
  if (written === null) return { body: null }
  const tag = tagOf(written, !minimal)
  return { body: minimal ? null : writeRow(written.layout, written.row), tag }
}

/** The body of several rows; null where the caller may read none of them, or wants no body. */
export function rowsBody(result: EngineResult, { minimal }: WriteOptions): Buffer | null {
  if (result.type !== 'rows') throw new Error(`The engine answered rows with a ${result.type}.`)
  if (minimal || result.rows === null) return null
  return writeRows(result.layout, result.rows)
}

/** The status of a write that created nothing. */
export const statusOf = (body: Answer['body']): number => (body === null ? 204 : 200)
