// Exports: every row of a list, written a few at a time in constant memory. Where there is a connection to spare, the rows are
// those of one moment, from a cursor; else they are read page by page, so that other requests run in between.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isBounded } from '../../db/plan/estimate.ts'
import { layoutFor, planRowByRow } from '../../db/plan/read.ts'
import type { Level, PageRequest, ReadRequest } from '../../db/plan/read-request.ts'
import { Problem } from '../../errors.ts'
import type { Caller } from '../../schema/declare/caller.ts'
import { authorizeExport } from './authorize-export.ts'
import type { PayRows } from '../charge/export-cost.ts'
import type { Engine } from '../engine.ts'
import { type CountPage, openRowCount, rowsWithOne } from './export-rows.ts'
import { type ReadQueryRequest, toEngineRequest } from './read-query.ts'
import type { Layout } from '../result.ts'
import { isNull, keepRows, type RowSet, textAt } from '../render/row-reader.ts'
import { prepareRead } from '../prepare-request.ts'
import type { Part } from '../render/template.ts'
import { openRowsRenderer } from '../render/render-json.ts'

/** What a face writes: what stands before all rows, then each row with the end of its line. */
export interface Lines {
  readonly head: string
  readonly row: readonly Part[]
}

export type ExportRequest = Pick<
  ReadQueryRequest,
  'form' | 'key' | 'lists' | 'caller' | 'signal' | 'bill' | 'isCharged'
>

/** Bytes of a batch, and of a chunk of the answer; with what is on its way, an export has a few of each in memory. */
const BATCH_BYTES = 64 * 1024
const CHUNK_BYTES = 64 * 1024
const FIRST_BATCH = 50
/** So that a batch is small even where long rows follow short ones. Pages are sorted anew each time, and larger for that. */
const MAX_BATCH_ROWS = { cursor: 250, pages: 1000 } as const
/** Rows of the first batch and of any batch, where each row includes as many as it may. */
const INCLUDED_ROWS = { first: 1000, most: 10_000 } as const
/** Milliseconds of one turn of the event loop, after which others have theirs. */
const TIME_SLICE_MS = 4

export interface Exporting {
  readonly toLines: (layout: Layout) => Lines
  readonly payRows: PayRows
}

/** Begins an export, up to its first rows. Null where it is of a relation whose row does not exist. */
export async function startExport(
  engine: Engine,
  asked: ExportRequest,
  { toLines, payRows }: Exporting,
): Promise<AsyncGenerator<Buffer> | null> {
  const { operation } = asked.form
  const request = {
    ...toEngineRequest(engine.model, { ...asked, rows: true, total: false }),
    operation,
  }
  const { read, running } = prepareRead(engine, request, {
    whole: operation.standard === 'list' ? 0 : 1,
  })
  if (isBounded(read)) throw notCounted()
  const source = toSource(engine, read, asked.signal)
  authorizeExport(running.authorization, source.level)
  const lines = toLines(source.layout)
  const batches = await openInPlace(engine, source, asked.caller)
  const chunks = writeChunks(batches, source, { ...lines, payRows })
  const { done } = await chunks.next()
  return done === true ? null : chunks
}

/** Opens the batches in a place of the caller's, which they give back with their end. */
async function openInPlace(engine: Engine, source: Source, caller: Caller): Promise<Batches> {
  const giveBack = engine.exports.take(caller)
  try {
    const { next, close } = await openBatches(engine, source)
    return { next, close: () => close().finally(giveBack) }
  } catch (error) {
    giveBack()
    throw error
  }
}

/** What is estimated takes a statement more for each list, which a stream has no place for. */
function notCounted(): Problem {
  const message =
    'An export has no estimated totals; ask for exact ones of the lists that it includes, or for none.'
  return new Problem('BAD_REQUEST', message, {
    issues: [{ in: 'document', path: ['count'], code: 'conflict', message }],
  })
}

/** The rows of an export: their request, and their layout in the rows of the statement. */
interface Source {
  readonly request: ReadRequest
  readonly page: PageRequest
  readonly level: Level
  readonly layout: Layout
  /** Where rows are those of a relation: the cell that is null when there are none. */
  readonly absent: number | null
  readonly signal: AbortSignal
}

function toSource({ plans }: Engine, request: ReadRequest, signal: AbortSignal): Source {
  const layout = layoutFor(planRowByRow(plans, request).layout, request.level)
  const { level, page } = request
  if (page !== null) return { request, signal, layout, level, page, absent: null }
  const [many] = request.level.toMany
  const [rows] = layout.toMany
  if (many === undefined || rows === undefined)
    throw new Error('An export is of a list, or of one relation.')
  return {
    request,
    signal,
    layout: rows.layout,
    level: many.level,
    page: many.page,
    absent: rows.layout.key[0] ?? 0,
  }
}

/** Rows as they come, and null when there are no more. */
interface Batches {
  next(): Promise<RowSet | null>
  close(): Promise<void>
}

async function openBatches({ database, plans }: Engine, source: Source): Promise<Batches> {
  if (database.openCursor === null) return openPages({ database, plans }, source)
  const { request, page, signal } = source
  const statement = planRowByRow(plans, request).bind(limited(request, page, page.limit))
  const cursor = await database.openCursor(statement, { signal })
  const { first, most } = batchSizes(source, MAX_BATCH_ROWS.cursor)
  let size = first
  let ended = false
  return {
    async next() {
      if (ended) return null
      const set = await cursor.fetch(size, keepRows)
      ended = set.count < size
      size = nextSize(set, size, most)
      return set.count === 0 ? null : set
    },
    close: cursor.close,
  }
}

/** Pages by cursor until there are no more rows. A row that does not change is exported once, also while others change. */
function openPages(
  { database, plans }: Pick<Engine, 'database' | 'plans'>,
  source: Source,
): Batches {
  const { page, signal } = source
  let { request } = source
  let left = page.limit
  const { first, most } = batchSizes(source, MAX_BATCH_ROWS.pages)
  let size = first
  let ended = false
  return {
    async next() {
      if (ended) return null
      const count = Math.min(size, left)
      const statement = planRowByRow(plans, request).bind(limited(request, page, count))
      const set = await database.read(statement, keepRows, { signal })
      left -= count
      ended = set.count < count || left === 0
      if (set.count === 0) return null
      size = nextSize(set, size, most)
      request = behind(source, set)
      return set
    },
    close: () => Promise.resolve(),
  }
}

/** The values with another limit; every plan asks the database for one row more than that. */
const limited = (
  { values }: ReadRequest,
  { limitSlot }: PageRequest,
  limit: number,
): readonly unknown[] => values.with(limitSlot, limit - 1)

/** The rows of the first batch and the most of any: fewer where each of them may include many. */
function batchSizes({ level }: Source, rows: number) {
  const each = rowsWithOne(level)
  const fitting = (most: number): number => Math.max(1, Math.floor(most / each))
  return {
    first: Math.min(FIRST_BATCH, fitting(INCLUDED_ROWS.first)),
    most: Math.min(rows, fitting(INCLUDED_ROWS.most)),
  }
}

/** As many rows as fit into a batch, going by the last one. */
function nextSize(set: RowSet, size: number, most: number): number {
  const fitting = Math.floor((set.count * BATCH_BYTES) / Math.max(1, set.bytes.length))
  return Math.max(1, Math.min(fitting, 2 * size, most))
}

/** The request for the rows after the last of these. */
function behind({ request, page, layout }: Source, set: RowSet): ReadRequest {
  const cells = layout.cursor.map((index) => textAt(set, set.count - 1, index))
  const start = cells.map((cell, i) => (cell === null ? null : request.values.length + i))
  const next: PageRequest = { ...page, start, offsetSlot: null, continued: true }
  const values = [...request.values, ...cells]
  if (request.page !== null) return { ...request, values, page: next }
  const toMany = request.level.toMany.map((many) => ({ ...many, page: next })) // one: see toSource
  return { ...request, values, level: { ...request.level, toMany } }
}

const nothing = Buffer.alloc(0)

/** The first chunk is nothing, and says that the first rows are there. */
async function* writeChunks(
  batches: Batches,
  { absent, level }: Source,
  { head, row, payRows }: Lines & Pick<Exporting, 'payRows'>,
): AsyncGenerator<Buffer> {
  const countPage = openRowCount(level.resource)
  const write = openWriter(row, countPage)
  const counted = async (set: RowSet | null): Promise<RowSet | null> => {
    if (set === null || isAlone(set, absent)) return set
    countPage(set.count)
    await payRows(set.count)
    return set
  }
  try {
    let set = await counted(await batches.next())
    if (set === null && absent !== null) return
    yield nothing
    if (head !== '') yield Buffer.from(head)
    for (; set !== null && !isAlone(set, absent); set = await counted(await batches.next()))
      yield* writeSet(write, set)
  } finally {
    await batches.close()
  }
}

/** A row without related rows comes beside nulls; so it does after their last page. */
const isAlone = (set: RowSet, absent: Source['absent']): boolean =>
  absent !== null && isNull(set, 0, absent)

/** Writes rows; those that they include are known, and counted, when they are written. */
function openWriter(row: readonly Part[], countPage: CountPage): WriteRows {
  let included = 0
  const write = openRowsRenderer(row, (rows) => {
    included += rows
  })
  return (...from) => {
    included = 0
    const written = write(...from)
    countPage(included)
    return written
  }
}

type WriteRows = ReturnType<typeof openRowsRenderer>

async function* writeSet(write: WriteRows, set: RowSet): AsyncGenerator<Buffer> {
  let turn = performance.now()
  for (let at = 0; at < set.count;) {
    const { bytes, next } = write(set, at, CHUNK_BYTES)
    at = next
    yield bytes
    if (performance.now() - turn < TIME_SLICE_MS) continue
    await nextTurn()
    turn = performance.now()
  }
}
