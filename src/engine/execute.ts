// The contents page of the engine: run an operation, answer a read as JSON, open an export, in the order of a request.
// charge -> parse -> authorize -> read or write -> render; where the database refuses a value, diagnose.
import type { CustomOperation, Operation, StandardOperation } from '../schema/model/model.ts'
import type { WriteContext } from './authorize/write-context.ts'
import { charged } from './charge/charge.ts'
import { estimate, estimateRead } from './charge/estimate.ts'
import { openBill } from './charge/bill.ts'
import { estimateExport, openPaying, type PayRows } from './charge/export-cost.ts'
import { diagnosed } from './diagnose/cast-errors.ts'
import type { Engine } from './engine.ts'
import { openRequest, prepareRead, type RequestOf } from './prepare-request.ts'
import { answerReadQuery } from './read/prepare-read.ts'
import { type ReadQueryRequest, toEngineRequest } from './read/read-query.ts'
import { runAggregate } from './read/run-aggregate.ts'
import { readPage, readRows } from './read/run-read.ts'
import { type ExportRequest, type Lines, startExport } from './read/run-export.ts'
import type { Rendered } from './render/render-json.ts'
import { type EngineRequest, runOptions } from './request.ts'
import type { EngineResult, Layout } from './result.ts'
import { writeByFilter } from './write/by-filter.ts'
import { createMany } from './write/create-many.ts'
import { inTurn, runCustom } from './write/custom-operation.ts'
import { write } from './write/run-write.ts'
import { upsert } from './write/upsert.ts'

/**
 * Runs one operation for one caller; its result keeps the rows as the database's bytes.
 * @throws Problem in the order of docs/concepts.md, Request
 */
export const execute = (engine: Engine, request: EngineRequest): Promise<EngineResult> =>
  observed(engine, request.operation, () =>
    diagnosed(
      engine,
      () => request,
      () =>
        charged(
          engine,
          request,
          () => estimate(engine.model, request),
          () => run(engine, request),
        ),
    ),
  )

/**
 * Runs a get or a list and writes its answer as JSON, by a plan and a renderer that requests of one fingerprint share.
 * Null if the caller may not see a part of the answer: call `execute` then, which reports the denied parts.
 * @throws Problem as `execute` does; MissingValue
 */
export const answer = (engine: Engine, request: ReadQueryRequest): Promise<Rendered | null> =>
  observed(engine, request.form.operation, () =>
    diagnosed(
      engine,
      () => toEngineRequest(engine.model, request),
      () =>
        charged(
          engine,
          request,
          () => estimateRead(engine.model, request),
          () => answerReadQuery(engine, request),
        ),
    ),
  )

/**
 * Begins an export: the first rows are there, and everything that may be refused has been. An error later ends the stream.
 * Null if the export is of a relation, and the row that has the relation does not exist.
 * @throws Problem as `execute` does
 */
export const openExport = (
  engine: Engine,
  request: ExportRequest,
  toLines: (layout: Layout) => Lines,
): Promise<AsyncGenerator<Buffer> | null> =>
  observed(engine, request.form.operation, () =>
    diagnosed(
      engine,
      () => toEngineRequest(engine.model, { ...request, rows: true, total: false }),
      () =>
        chargedByPage(engine, request, (payRows) =>
          startExport(engine, request, { toLines, payRows }),
        ),
    ),
  )

function chargedByPage<T>(
  engine: Engine,
  request: ExportRequest,
  work: (payRows: PayRows) => Promise<T>,
): Promise<T> {
  const bill = request.bill ?? openBill(engine, request.caller)
  const estimated = estimateExport(engine.model, request)
  return charged(
    engine,
    { ...request, bill },
    () => estimated.first,
    () => work(openPaying(engine, bill, estimated)),
  )
}

/** Runs the work of one operation before the engine's observer. */
const observed = <T>(
  { observe }: Engine,
  operation: Operation,
  work: () => Promise<T>,
): Promise<T> => (observe === null ? work() : observe(operation, work))

function run(engine: Engine, request: EngineRequest): Promise<EngineResult> {
  const { operation } = request
  if (operation.standard === null) return runOwn(engine, { ...request, operation })
  switch (operation.standard) {
    case 'get':
    case 'list':
      return runRead(engine, { ...request, operation })
    case 'aggregate':
      return runGroups(engine, { ...request, operation })
    default:
      return runWrite(engine, { ...request, operation })
  }
}

async function runRead(
  engine: Engine,
  request: RequestOf<StandardOperation>,
): Promise<EngineResult> {
  const { database: session, plans } = engine
  const { read } = prepareRead(engine, request)
  const reader = { session, plans, options: runOptions(request) }
  if (read.page !== null) return { type: 'page', ...(await readPage(reader, read)) }
  const { layout, rows } = await readRows(reader, read)
  return { type: 'row', layout, row: rows[0] ?? null }
}

async function runGroups(
  engine: Engine,
  request: RequestOf<StandardOperation>,
): Promise<EngineResult> {
  const running = openRequest(engine, request)
  return { type: 'value', value: await runAggregate(engine, running, runOptions(request)) }
}

async function runOwn(engine: Engine, request: RequestOf<CustomOperation>): Promise<EngineResult> {
  return inTurn(request.bill, () => runCustom(engine, openRequest(engine, request)))
}

async function runWrite(
  engine: Engine,
  request: RequestOf<StandardOperation>,
): Promise<EngineResult> {
  const { authorization, operation, parsed } = openRequest(engine, request)
  const { database, plans, prepared, profileOf, limits } = engine
  const context: WriteContext = {
    database,
    plans,
    prepared,
    profileOf,
    limits,
    authorization,
    request,
    operation,
    parsed,
    denied: request.denied,
    ...runOptions(request),
  }
  switch (operation.standard) {
    case 'createMany':
      return createMany(context)
    case 'updateMany':
    case 'deleteMany':
      return writeByFilter(context)
    case 'upsert':
      return upsert(context)
    default:
      return write(context)
  }
}
