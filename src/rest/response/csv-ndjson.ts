// Exports, a row a line, in UTF-8: NDJSON with the same JSON as in the list, and CSV (RFC 4180).
import type { Lines } from '../../engine/read/run-export.ts'
import type { Layout, ManyLayout } from '../../engine/result.ts'
import type { Part } from '../../engine/render/template.ts'
import type { KindName } from '../../schema/values/kinds.ts'
import type { Field } from '../../schema/model/model.ts'
import { fieldsIn, pageOfRelation, rowParts, textPart, type ToCell } from './row-template.ts'

/** One row's JSON on each line. */
export const toNdjson = (layout: Layout): Lines => ({
  head: '',
  row: [...rowParts(layout, oneLine), textPart('\n')],
})

/** PostgreSQL keeps the line breaks of a json value; between its parts they mean the same as blanks. */
const oneLine: ToCell = (field, index) => {
  const cell: Part = { type: 'cell', field, index }
  return field.kind.name === 'json'
    ? { type: 'wrapped', of: [cell], make: (json) => json.replaceAll(/[\r\n]/g, ' ') }
    : cell
}

/** A header line with the names of fields, those of to-one relations behind a dot; to-many relations, lists and JSON are JSON. */
export function toCsv(layout: Layout): Lines {
  const columns = columnsOf(layout, '')
  const isOnly = columns.length === 1
  return {
    head: `${columns.map(({ name }) => name).join(',')}\r\n`,
    row: [
      ...columns
        .flatMap(({ part, make }): readonly Part[] => [
          textPart(','),
          { type: 'wrapped', of: [part], make: isOnly ? neverEmpty(make) : make },
        ])
        .slice(1),
      textPart('\r\n'),
    ],
  }
}

/** Of a file with one column: an empty line is no row. */
const neverEmpty =
  (make: Column['make']): Column['make'] =>
  (json) =>
    make(json) || '""'

interface Column {
  readonly name: string
  /** Renders its JSON. */
  readonly part: Part
  /** From JSON to the text in the file. */
  readonly make: (json: string) => string
}

function columnsOf(layout: Layout, at: string): readonly Column[] {
  return [
    ...fieldsIn(layout).map(({ field, index }): Column => ({
      name: at + field.name,
      part: { type: 'cell', field, index },
      make: makerOf(field),
    })),
    ...layout.toOne.flatMap(({ id, present, layout: below }) =>
      columnsOf(below, `${at}${id}.`).map((column): Column => ({
        ...column,
        part: { type: 'one', present, of: [column.part] },
      })),
    ),
    ...layout.toMany.map((many: ManyLayout): Column => ({
      name: at + many.id,
      part: pageOfRelation(many),
      make: asJson,
    })),
  ]
}

/** Kinds whose values people write, and a spreadsheet may take for a formula. Numbers, dates and base64 begin with - or + too, but are no formulas. */
const written: ReadonlySet<KindName> = new Set(['text', 'enum', 'other'])

function makerOf({ kind, list }: Field): Column['make'] {
  if (list || kind.name === 'json') return asJson
  if (written.has(kind.name))
    return (json) => (json === 'null' ? '' : quoted(harmless(String(JSON.parse(json)))))
  return (json) => (json === 'null' ? '' : json.replaceAll('"', '')) // numbers, booleans and dates have nothing to quote
}

const asJson = (json: string): string => (json === 'null' ? '' : quoted(json))

/** With an apostrophe before it, a spreadsheet shows a formula as text. */
const harmless = (value: string): string =>
  /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/.test(value) ? `'${value}` : value

/** Two quotes are the empty text; nothing is null. */
const quoted = (value: string): string =>
  value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
