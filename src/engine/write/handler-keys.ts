// Puts rows into the order of the keys that a handler answered: the database returns them in any order.
import type { Layout } from '../../db/plan/layout.ts'
import type { Field } from '../../schema/model/model.ts'
import { cellText, type Row } from '../render/row-reader.ts'
import { readCell } from '../value-codec.ts'

/** A row's key as a handler writes it: by the names of its fields. */
export type KeyValues = Readonly<Record<string, unknown>>

/** Keys whose rows are not there, or not the caller's to see, are left out. */
export function inOrderOf(
  keys: readonly KeyValues[],
  layout: Layout,
  rows: readonly Row[],
): readonly Row[] {
  const { fields } = layout.resource.primaryKey
  const readers = fields.map(readCell)
  const textOf = (values: readonly unknown[]): string =>
    JSON.stringify(fields.map((field, i) => keyText(field, values[i])))
  const byKey = new Map(
    rows.map((row) => [
      textOf(layout.key.map((index, i) => readers[i]?.(cellText(row, index)))),
      row,
    ]),
  )
  const found = keys
    .map((key) => byKey.get(textOf(fields.map((field) => key[field.name]))))
    .filter((row): row is Row => row !== undefined)
  if (new Set(found).size < rows.length)
    throw new Error(
      `A handler answered keys of ${layout.resource.plural} that are written otherwise than a read gives them.`,
    )
  return found
}

/** Text that is equal where PostgreSQL's values are, however a handler writes them: any case of a uuid, dates as objects. */
function keyText({ kind }: Field, value: unknown): string {
  switch (kind.name) {
    case 'uuid':
      return String(value).toLowerCase()
    case 'decimal':
      return withoutZeros(String(value))
    case 'dateTime':
      return instant(value)
    default:
      return String(value)
  }
}

/** Milliseconds, and the digits that a Date does not hold. */
function instant(value: unknown): string {
  const text = value instanceof Date ? value.toISOString() : String(value)
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds)
    ? text
    : `${milliseconds}${withoutZeros(/\.\d{3}(\d+)/.exec(text)?.[1] ?? '', true)}`
}

/** A number without the zeros at the end of its fraction; of a fraction alone, without its point, as well. */
function withoutZeros(text: string, isFraction = text.includes('.')): string {
  if (!isFraction) return text
  let end = text.length
  while (text.endsWith('0', end)) end -= 1
  return text.slice(0, text.endsWith('.', end) ? end - 1 : end)
}
