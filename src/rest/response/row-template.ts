// How REST writes rows and pages: templates that the engine renders.
import type { Layout, ManyLayout, Row } from '../../engine/result.ts'
import type { PageFacts, PageView, Part, Template } from '../../engine/render/template.ts'
import type { Field } from '../../schema/model/model.ts'
import { openResultRenderer, type ResultRenderer } from '../../engine/render/render-json.ts'
import { representationOf } from '../request/preconditions.ts'
import { linksOf } from './links.ts'

/** A row, or a page where the result is one. */
export function toTemplate(layout: Layout, page: PageFacts | null): Template {
  if (page !== null) return { parts: pageParts(layout) }
  const { version: index } = layout
  const parts = rowParts(layout)
  if (index === undefined) return { parts }
  return { parts, version: { index, representation: representationIn(layout) } }
}

/** The relation that was asked for, in place of its row. */
export function toRelatedTemplate(layout: Layout): Template {
  const [many] = layout.toMany
  if (many !== undefined) return { parts: [pageOfRelation(many)], page: many }
  const [one] = layout.toOne
  return one === undefined ? { parts: [] } : { parts: rowParts(one.layout), found: one.present }
}

export const textPart = (written: string): Part => ({ type: 'text', text: written })

/** How the JSON of a cell is written. */
export type ToCell = (field: Field, index: number) => Part

const asItIs: ToCell = (field, index) => ({ type: 'cell', field, index })

/** Own fields in the order of the model. */
export function fieldsIn({ resource, fields }: Layout): Layout['fields'] {
  const order = [...resource.fields.keys()]
  return fields.toSorted((a, b) => order.indexOf(a.field.name) - order.indexOf(b.field.name))
}

const representations = new WeakMap<Layout, string>()

/** Names the own fields that a layout shows. */
export function representationIn(layout: Layout): string {
  const known =
    representations.get(layout) ?? representationOf(fieldsIn(layout).map(({ field }) => field.name))
  representations.set(layout, known)
  return known
}

/** A row: own fields, then relations. */
export function rowParts(layout: Layout, toCell = asItIs): readonly Part[] {
  const members: (readonly [string, Part])[] = [
    ...fieldsIn(layout).map(({ field, index }) => [field.name, toCell(field, index)] as const),
    ...layout.toOne.map(
      ({ id, present, layout: below }) =>
        [id, { type: 'one', present, of: rowParts(below, toCell) }] as const,
    ),
    ...layout.toMany.map((many) => [many.id, pageOfRelation(many, toCell)] as const),
  ]
  if (members.length === 0) return [textPart('{}')]
  return [
    ...members.flatMap(([name, part], i) => [
      textPart(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`),
      part,
    ]),
    textPart('}'),
  ]
}

export const pageOfRelation = (many: ManyLayout, toCell = asItIs): Part => ({
  type: 'page',
  many,
  of: pageParts(many.layout, toCell),
})

/** `{ "data": […], "page": { "next", "previous", "total"? } }`: every list, included ones too. */
const pageParts = (layout: Layout, toCell = asItIs): readonly Part[] => [
  textPart('{"data":['),
  { type: 'rows', of: rowParts(layout, toCell) },
  textPart('],"page":'),
  { type: 'fact', make: writeFacts },
  textPart('}'),
]

function writeFacts(page: PageView): string {
  const links = linksOf(page)
  const { total } = page
  return JSON.stringify(total === null ? links : { ...links, total })
}

const renderers = new WeakMap<Layout, ResultRenderer>()

function rendererOf(layout: Layout): ResultRenderer {
  const known = renderers.get(layout)
  if (known !== undefined) return known
  const renderer = openResultRenderer(() => rowParts(layout))
  renderers.set(layout, renderer)
  return renderer
}

/** JSON of a row that a write or a handler answers. */
export const writeRow = (layout: Layout, row: Row): Buffer => rendererOf(layout).row(row)

/** `{ "data": […] }` of such rows. */
export const writeRows = (layout: Layout, rows: readonly (Row | null)[]): Buffer =>
  rendererOf(layout).rows(rows, '{"data":', '}')
