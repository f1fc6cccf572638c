// A list as lines, for exports: NDJSON, the same JSON as in the list, and CSV (RFC 4180), both in UTF-8.
import type { Lines } from '../../engine/read/run-export.ts'
import type { Layout, ManyLayout } from '../../engine/result.ts'
import type { Part } from '../../engine/render/template.ts'
import type { KindName } from '../../schema/values/kinds.ts'
import type { Field } from '../../schema/model/model.ts'
import { fieldsIn, pageOfRelation, rowParts, text, type ToCell } from './row-template.ts'

/** One row's JSON on each line. */
export const toNdjson = (layout: Layout): Lines => ({
  head: '',
  row: [...rowParts(layout, oneLine), text('\n')],
})

/** A column of the type json is stored with the line breaks that it was written with; they are blanks between its parts. */
const oneLine: ToCell = (field, index) => {
  const cell: Part = { type: 'cell', field, index }
  return field.kind.name === 'json'
    ? { type: 'wrapped', of: [cell], make: (json) => json.replaceAll(/[\r\n]/g, ' ') }
    : cell
}

/** A header line with the names of fields, those of to-one relations behind a dot; to-many relations, lists and JSON are JSON. */
export function toCsv(layout: Layout): Lines {
  const columns = columnsOf(layout, '')
  const alone = columns.length === 1
  return {
    head: `${columns.map(({ name }) => name).join(',')}\r\n`,
    row: [
      ...columns.flatMap(({ part, make }, i): readonly Part[] => [
        ...(i === 0 ? [] : [text(',')]),
        { type: 'wrapped', of: [part], make: alone ? (json) => make(json) || '""' : make }, // an empty line would be no row
      ]),
      text('\r\n'),
    ],
  }
}

interface Column {
  readonly name: string
  /** Writes its JSON. */
  readonly part: Part
  /** From JSON to what stands in the file. */
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

/** Text of people, which a spreadsheet might run; numbers and dates have a minus of their own, and base64 a plus, with no sign of a formula behind it. */
const written: ReadonlySet<KindName> = new Set(['text', 'enum', 'other'])

function makerOf({ kind, list }: Field): Column['make'] {
  if (list || kind.name === 'json') return asJson
  if (written.has(kind.name))
    return (json) => (json === 'null' ? '' : quoted(harmless(JSON.parse(json) as string))) // the JSON of a text
  return (json) => (json === 'null' ? '' : json.replaceAll('"', '')) // numbers, true and false, dates: nothing to quote in them
}

const asJson = (json: string): string => (json === 'null' ? '' : quoted(json))

/** An apostrophe makes a spreadsheet show a text that it would take for a formula. */
const harmless = (value: string): string =>
  /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/.test(value) ? `'${value}` : value

/** Nothing is null, two quotes are a text without letters. */
const quoted = (value: string): string =>
  value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
