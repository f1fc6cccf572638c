// Answers from templates: each part becomes a small function, made once, that copies from the rows' bytes to the answer's.
import type { Layout, ManyLayout } from '../../db/plan/layout.ts'
import type { RawRows } from '../../db/raw-rows.ts'
import type { AnswerBytes } from '../../answer-bytes.ts'
import { cellWriter } from './cell-json.ts'
import { versionTag } from '../row-version.ts'
import { type JsonBytes, textSource, writeBytes, writeRaw, writeText } from './json-buffer.ts'
import { type PageLayout, relatedPage, rootPage, type RowPage } from './page.ts'
import {
  cellAt,
  cellLength,
  endOfRow,
  isNull,
  type Row,
  type RowSet,
  textAt,
  toRowSet,
} from './row-reader.ts'
import { MissingValue, type PageView, type Part, type Template } from './template.ts'

/** Where a part is written: a row, and the page around it. */
interface Place extends Row {
  readonly page: RowPage | null
  readonly limits: ListLimits
}

/** The limit of each list of the request, by its number; those of the plan where there are none. */
type ListLimits = readonly number[] | null

type Write = (out: JsonBytes, place: Place) => void

export interface Rendered {
  readonly bytes: Buffer
  /** Whether there is a row at all. */
  readonly found: boolean
  /** The row's version with the name of what is shown of it, where the template asks for it. */
  readonly tag?: string
  /** The page that the answer is about, with the cursors that lead on from it. */
  readonly page: PageView | null
  /** Where rows of several keys were asked for: the answer of each, by the text of its key. */
  readonly each?: ReadonlyMap<string, Buffer>
}

/** @param count bounds the bytes of the answer; null for no bound */
export type RenderAnswer = (
  rows: RawRows,
  limits: ListLimits,
  count: AnswerBytes | null,
) => Rendered

/** Writes one row. */
export function openRowRenderer(template: Template): RenderAnswer {
  const { found, page, version } = template
  const write = writeAll(template.parts)
  const readPage = page === undefined ? null : pageReader(page)
  return (rows, limits, count) => {
    const set = toRowSet(rows)
    if (set.count === 0 || (found !== undefined && isNull(set, 0, found))) return nothing
    const place = { set, row: 0, end: set.count, page: null, limits }
    const tag =
      version === undefined
        ? {}
        : { tag: versionTag(textAt(set, 0, version.index) ?? '', version.representation) }
    return {
      bytes: writeBytes((out) => write(out, place), count),
      found: true,
      page: readPage === null ? null : toView(readPage(place)),
      ...tag,
    }
  }
}

export interface ResultRenderer {
  row(row: Row): Buffer
  /** A JSON list between two texts; null stands for a row that the caller may not see. */
  rows(rows: readonly (Row | null)[], before: string, after: string): Buffer
}

/**
 * Writes rows of a result that the engine gave back.
 * @param toParts the parts of one row, asked for when the first is written
 */
export function openResultRenderer(toParts: () => readonly Part[]): ResultRenderer {
  let write: Write | null = null
  const writeRow = (out: JsonBytes, { set, row, end }: Row): void => {
    write ??= writeAll(toParts())
    write(out, { set, row, end, page: null, limits: null })
  }
  return {
    row: (row) => writeBytes((out) => writeRow(out, row)),
    rows: (rows, before, after) =>
      writeBytes((out) => {
        writeText(out, `${before}[`)
        for (const [i, row] of rows.entries()) {
          if (i > 0) writeRaw(out, COMMA, 0, 1)
          if (row === null) writeRaw(out, NULL, 0, NULL.bytes.length)
          else writeRow(out, row)
        }
        writeText(out, `]${after}`)
      }),
  }
}

/** Writes the row of each key. */
export function openEachRenderer(template: Template, layout: Layout): RenderAnswer {
  const write = writeAll(template.parts)
  const [key = 0] = layout.key
  return (rows, limits, count) => {
    const set = toRowSet(rows)
    const each = new Map<string, Buffer>()
    for (let row = 0; row < set.count;) {
      const end = endOfRow(set, layout, row, set.count)
      const place = { set, row, end, page: null, limits }
      each.set(
        textAt(set, row, key) ?? '',
        writeBytes((out) => write(out, place), count),
      )
      row = end
    }
    return { ...nothing, each }
  }
}

/** A page without its rows, which are gone; with a cursor on each side where there are more. */
const toView = (page: RowPage): PageView => ({
  hasNext: page.hasNext,
  hasPrevious: page.hasPrevious,
  total: page.total,
  start: page.hasPrevious ? page.start : null,
  end: page.hasNext ? page.end : null,
})

const nothing: Rendered = Object.freeze({ bytes: Buffer.alloc(0), found: false, page: null })

/** Writes a page of rows. */
export function openPageRenderer(template: Template, layout: PageLayout): RenderAnswer {
  const write = writeAll(template.parts)
  return (rows, limits, count) => {
    const page = rootPage(toRowSet(rows), layout, limits?.[layout.facts.at])
    const { set } = page
    return {
      bytes: writeBytes((out) => write(out, { set, row: 0, end: set.count, page, limits }), count),
      found: true,
      page: toView(page),
    }
  }
}

/** Writes rows one after another, from one of them on, until there are `size` bytes; says where to go on. */
export function openRowsRenderer(
  row: readonly Part[],
): (set: RowSet, from: number, size: number) => { readonly bytes: Buffer; readonly next: number } {
  const write = writeAll(row)
  return (set, from, size) => {
    let next = from
    const bytes = writeBytes((out) => {
      for (; next < set.count && out.at - out.start < size; next += 1)
        write(out, { set, row: next, end: next + 1, page: null, limits: null })
    })
    return { bytes, next }
  }
}

function writeAll(parts: readonly Part[]): Write {
  const writes = fused(parts)
  return (out, place) => {
    for (let i = 0; i < writes.length; i += 1) writes[i]?.(out, place)
  }
}

/** A name and the cell after it are written by one function, which halves the calls of a row. */
function fused(parts: readonly Part[]): readonly Write[] {
  const writes: Write[] = []
  for (let i = 0; i < parts.length; i += 1) {
    const [part, next] = [parts[i], parts[i + 1]]
    if (part === undefined) continue
    if (part.type === 'text' && next?.type === 'cell') {
      writes.push(cellPart(next, part.text))
      i += 1
    } else writes.push(toWrite(part))
  }
  return writes
}

function toWrite(part: Part): Write {
  switch (part.type) {
    case 'text': {
      const text = textSource(part.text)
      return (out) => writeRaw(out, text, 0, text.bytes.length)
    }
    case 'cell':
      return cellPart(part, '')
    case 'wrapped':
      return wrappedPart(part)
    case 'made':
      return madePart(part)
    case 'one':
      return onePart(part)
    case 'page':
      return pagePart(part.many, writeAll(part.of))
    case 'rows':
      return rowsPart(writeAll(part.of))
    case 'fact':
      return (out, { page }) => {
        if (page === null) throw new Error('A fact about a page stands outside of one.')
        writeText(out, part.make(page))
      }
  }
}

const NULL = textSource('null')

const writeNull = (out: JsonBytes, required: boolean | undefined): void => {
  if (required === true) throw new MissingValue()
  writeRaw(out, NULL, 0, NULL.bytes.length)
}

function cellPart(
  { index, field, required, labels }: Extract<Part, { type: 'cell' }>,
  before: string,
): Write {
  const name = textSource(before)
  const size = name.bytes.length
  const write = cellWriter(field, labels)
  return (out, { set, row }) => {
    writeRaw(out, name, 0, size)
    const at = cellAt(set, row, index)
    const length = cellLength(set, at)
    if (length < 0) writeNull(out, required)
    else write(out, set, at, at + length)
  }
}

/** The text is taken back out of the answer: offsets, as writing may have moved it. */
function wrappedPart({ of, make }: Extract<Part, { type: 'wrapped' }>): Write {
  const write = writeAll(of)
  return (out, place) => {
    const before = out.at - out.start
    write(out, place)
    const written = out.bytes.toString('utf8', out.start + before, out.at)
    out.at = out.start + before
    writeText(out, make(written))
  }
}

const madePart =
  ({ indexes, make }: Extract<Part, { type: 'made' }>): Write =>
  (out, { set, row }) =>
    writeText(out, make(indexes.map((index) => textAt(set, row, index))))

function onePart({ present, of, required }: Extract<Part, { type: 'one' }>): Write {
  const write = writeAll(of)
  return (out, place) => {
    if (isNull(place.set, place.row, present)) writeNull(out, required)
    else write(out, place)
  }
}

const pageReader =
  (many: ManyLayout) =>
  (place: Place): RowPage =>
    relatedPage(place, many, place.limits?.[many.page.at])

function pagePart(many: ManyLayout, write: Write): Write {
  const read = pageReader(many)
  return (out, place) => {
    const page = read(place)
    write(out, { ...place, set: page.set, page })
  }
}

const COMMA = textSource(',')

function rowsPart(write: Write): Write {
  return (out, { page, limits }) => {
    if (page === null) throw new Error('Rows of a page stand outside of one.')
    for (const [i, row] of page.begins.entries()) {
      if (i > 0) writeRaw(out, COMMA, 0, 1)
      write(out, { set: page.set, row, end: page.ends[i] ?? row, page, limits })
    }
  }
}
