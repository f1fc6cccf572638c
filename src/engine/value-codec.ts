// Values of cells: PostgreSQL's text to JSON text, and to JavaScript where code has to look (docs/concepts.md, Values).
import type { CellForm, KindName } from '../schema/values/kinds.ts'
import type { Field } from '../schema/model/model.ts'

/** JSON text of a cell. Decided once per field; a row costs one call per cell. */
export function writeCell(field: Field): (text: string | null) => string {
  const write = field.list ? listWriter(field) : writers[field.kind.form]
  return (text) => (text === null ? 'null' : write(text))
}

/** Lists come as JSON; PostgreSQL writes the numbers of floats otherwise than JavaScript. */
const listWriter = (field: Field): ((text: string) => string) =>
  field.kind.form === 'float' ? (text) => JSON.stringify(JSON.parse(text)) : raw

/** The JavaScript value of a cell, for code that has to look at it; JSON keeps the digits of its numbers. */
export function readCell(field: Field): (text: string | null) => unknown {
  const read = field.list
    ? field.kind.form === 'float'
      ? JSON.parse
      : parseLossless
    : readers[field.kind.form]
  return (text) => (text === null ? null : read(text))
}

const raw = (text: string): string => text

/** NaN and infinities have no JSON; PostgreSQL's `1e+20` is written with the digits JavaScript writes, as on GraphQL. */
const float = (text: string): number | null => {
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}

/** `t` from the protocol, `true` from a cast to text. */
const boolean = (text: string): boolean => text.startsWith('t')

/** ISO 8601 with a T; infinities and dates BC stay as PostgreSQL writes them. */
const timestamp = (text: string): string => (text.endsWith('C') ? text : text.replace(' ', 'T'))

const timestamptz = (text: string): string => {
  if (text.endsWith('y')) return text
  return text.endsWith(' BC') ? `${text.slice(0, -3)}+00:00 BC` : `${text.replace(' ', 'T')}+00:00`
}

const writers: Readonly<Record<CellForm, (text: string) => string>> = {
  raw,
  string: (text) => JSON.stringify(text),
  float: (text) => JSON.stringify(float(text)),
  floats: (text) => JSON.stringify(JSON.parse(text)),
  boolean: (text) => (boolean(text) ? 'true' : 'false'),
  timestamp: (text) => `"${timestamp(text)}"`,
  timestamptz: (text) => `"${timestamptz(text)}"`,
}

const readers: Readonly<Record<CellForm, (text: string) => unknown>> = {
  raw: parseLossless,
  string: raw,
  float,
  floats: JSON.parse,
  boolean,
  timestamp,
  timestamptz,
}

/** Whether a text can be a cell of the field: what is in a cursor and cannot, did not come from us. */
export function isCellOf(field: Field): (text: string | null) => boolean {
  const read = readCell(field)
  const special = specialCells[field.kind.name]
  const mayBeNull = field.nullable || 'sql' in field.source
  return (text) => {
    if (text === null) return mayBeNull
    if (special !== undefined && !special(text, field)) return false
    return (
      field.kind.form === 'float' ||
      (isJson(text, field) && field.wire.safeParse(read(text)).success)
    )
  }
}

const isJson = (text: string, field: Field): boolean =>
  field.kind.form !== 'raw' || /^-?(0|[1-9]\d*)$/.test(text)

/** What the wire's own form does not say of a cell. */
const specialCells: Readonly<Partial<Record<KindName, (text: string, field: Field) => boolean>>> = {
  smallint: (text) => Math.abs(Number(text) + 0.5) < 32_768,
  boolean: (text) => /^(t|f|true|false)$/.test(text),
  float: (text, field) =>
    /^(NaN|-?Infinity)$/.test(text) ||
    isFloat(text, 'column' in field.source && field.source.column.getSQLType() === 'real'),
}

/** A number neither too large nor too small for 32 or 64 bits. */
export function isFloat(text: string, single: boolean): boolean {
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) return false
  const value = single ? Math.fround(Number(text)) : Number(text)
  return Number.isFinite(value) && (value !== 0 || !/[1-9]/.test(text.replace(/e.*/, '')))
}

/** JSON with its numbers kept as text, so that writing it again gives the same digits. */
function parseLossless(text: string): unknown {
  const simple = Number(text)
  if (Number.isSafeInteger(simple) && String(simple) === text) return simple
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source
      ? json.rawJSON(source)
      : value,
  )
}

/** ES2025's JSON, which TypeScript's libraries do not know yet: the source of a number, and text as a number. */
const json = JSON as unknown as {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown
  rawJSON(source: string): unknown
}
