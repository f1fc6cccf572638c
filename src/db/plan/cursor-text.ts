// Whether a text can be PostgreSQL's own text of a field's value: a cursor that holds anything else is no cursor of ours.
import type { KindName } from '../../schema/kinds.ts'
import type { Field } from '../../schema/model.ts'

const number = /^(-?\d+(\.\d+)?(e[+-]\d+)?|NaN|-?Infinity)$/
const moment = /^(-?infinity|[\d:. +-]+( BC)?)$/

const patterns: Readonly<Partial<Record<KindName, RegExp>>> = {
  smallint: /^-?\d{1,5}$/, integer: /^-?\d{1,10}$/, bigint: /^-?\d{1,19}$/, decimal: number, float: number,
  boolean: /^(t|f|true|false)$/, uuid: /^[0-9a-f-]{36}$/, date: moment, time: /^[\d:.]+$/, localDateTime: moment, dateTime: moment,
  bytes: /^\\x[0-9a-f]*$/,
}

export function isOwnCursorText(field: Field): (text: string) => boolean {
  if (field.enum !== null) {
    const labels = new Set(field.enum.values.map((value) => value.label))
    return (text) => labels.has(text)
  }
  const pattern = patterns[field.kind.name]
  return pattern === undefined ? () => true : (text) => pattern.test(text)
}
