// Rows on their way out: text cells to JSON text, by a writer that is built once for every layout.
import { writeCell } from '../engine/cells.ts'
import { pageOf } from '../engine/page.ts'
import type { Layout, Page, Row } from '../engine/result.ts'
import { linksOf } from './links.ts'

type Writer = (row: Row) => string

const writers = new WeakMap<Layout, Writer>()

/** JSON text of a row: own fields in the order of the model, then relations. */
export function writeRow(layout: Layout, row: Row): string {
  let writer = writers.get(layout)
  if (writer === undefined) {
    writer = buildWriter(layout)
    writers.set(layout, writer)
  }
  return writer(row)
}

function buildWriter(layout: Layout): Writer {
  const order = [...layout.resource.fields.keys()]
  const fields = layout.fields.toSorted((a, b) => order.indexOf(a.field.name) - order.indexOf(b.field.name))
  const members: Writer[] = [
    ...fields.map(({ field, index }): Writer => {
      const write = writeCell(field)
      const name = `${JSON.stringify(field.name)}:`
      return (row) => name + write(row[index] ?? null)
    }),
    ...layout.ones.map(({ id, present, layout: below }): Writer => {
      const name = `${JSON.stringify(id)}:`
      return (row) => name + ((row[present] ?? null) === null ? 'null' : writeRow(below, row))
    }),
    ...layout.manys.map((many): Writer => {
      const name = `${JSON.stringify(many.id)}:`
      return (row) => name + writePage(many.layout, pageOf(many, row))
    }),
  ]
  return (row) => `{${members.map((write) => write(row)).join(',')}}`
}

/** `{ "data": […], "page": { "next", "previous", "total"? } }`: every list, included ones too. */
export function writePage(layout: Layout, page: Page): string {
  const { next, previous } = linksOf(page)
  const facts = JSON.stringify(page.total === null ? { next, previous } : { next, previous, total: page.total })
  return `{"data":${writeRows(layout, page.rows)},"page":${facts}}`
}

export const writeRows = (layout: Layout, rows: readonly Row[]): string => `[${rows.map((row) => writeRow(layout, row)).join(',')}]`
