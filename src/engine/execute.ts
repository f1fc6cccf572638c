// The one pipeline: from either face to the rows. Shape, then access, then validators, then the row.
import { read } from '../db/plan/read.ts'
import type { StandardOperation } from '../schema/model/model.ts'
import { runAggregate } from './read/run-aggregate.ts'
import { startAsking, type Running } from './authorize/authorization.ts'
import { runCustom } from './write/custom-operation.ts'
import type { Engine } from './engine.ts'
import { judgeRead } from './authorize/authorize-read.ts'
import type { WriteContext } from './authorize/authorize-write.ts'
import { toPage } from './render/page.ts'
import { type EngineRequest, withSignal } from './request.ts'
import type { EngineResult } from './result.ts'
import { checkShape } from './parse/parse-request.ts'
import { nameUnfit } from './diagnose/cast-errors.ts'
import { upsert } from './write/upsert.ts'
import { createMany } from './write/create-many.ts'
import { writeFiltered } from './write/by-filter.ts'
import { write } from './write/run-write.ts'

/**
 * Runs one operation for one caller.
 * @throws Problem whatever is wrong, in the order of docs/concepts.md, Request
 */
export async function execute(engine: Engine, request: EngineRequest): Promise<EngineResult> {
  try {
    return await run(engine, request)
  } catch (error) {
    throw await nameUnfit(engine, () => request, error)
  }
}

async function run(engine: Engine, request: EngineRequest): Promise<EngineResult> {
  const { operation } = request
  const parsed = checkShape(engine, operation, request.input, request.selection)
  const asking = startAsking(engine.model, engine.inner, request.caller)
  if (operation.standard === null) return runCustom(engine, { asking, request, operation, parsed })
  if (operation.standard === 'get' || operation.standard === 'list') return runRead(engine, { asking, request, operation, parsed })
  if (operation.standard === 'aggregate') return { type: 'value', value: await runAggregate(engine, { asking, request, operation, parsed }, withSignal(request)) }
  const { database, plans, prepared, profileOf, limits } = engine
  const context: WriteContext = { database, plans, prepared, profileOf, limits, asking, operation, parsed, denied: request.denied, ...withSignal(request) }
  switch (operation.standard) {
    case 'createMany': return createMany(context)
    case 'updateMany':
    case 'deleteMany': return writeFiltered(context)
    case 'upsert': return upsert(context)
    default: return write(context)
  }
}

async function runRead(engine: Engine, running: Running<StandardOperation>): Promise<EngineResult> {
  const { layout, page, rows, total } = await read(engine.database, engine.plans, judgeRead(running), withSignal(running.request))
  if (page === null) return { type: 'row', layout, row: rows[0] ?? null }
  return { type: 'page', layout, page: toPage(layout, page, rows, total) }
}
