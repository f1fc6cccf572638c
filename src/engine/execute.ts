// The one pipeline: from either face to the rows. Shape, then access, then validators, then the row.
import { read } from '../db/plan/read.ts'
import type { Condition, PageRequest } from '../db/plan/read-request.ts'
import type { Resource, StandardOperation } from '../schema/model.ts'
import { type Asking, refusal, refuse, slotOf, startAsking, throwRefused } from './asking.ts'
import { runCustom } from './custom.ts'
import { mayRead, mayReadField, toCondition } from './decide.ts'
import type { Engine, Running } from './engine.ts'
import { allOf } from './filter.ts'
import { buildLevel, filteredRows } from './level.ts'
import { authorizePage } from './list.ts'
import { toPage } from './page.ts'
import type { EngineRequest } from './request.ts'
import type { EngineResult } from './result.ts'
import { checkShape } from './shape.ts'
import { write } from './writes.ts'

/**
 * Runs one operation for one caller.
 * @throws Problem whatever is wrong, in the order of contract.md, Judging
 */
export async function execute(engine: Engine, request: EngineRequest): Promise<EngineResult> {
  const { operation } = request
  const parsed = checkShape(engine, operation, request.input, request.selection)
  const asking = startAsking(engine.model, engine.inner, request.caller)
  if (operation.standard === null) return runCustom(engine, { asking, request, operation, parsed })
  if (operation.standard === 'get') return readOne(engine, { asking, request, operation, parsed })
  if (operation.standard === 'list') return readList(engine, { asking, request, operation, parsed })
  const { database, plans } = engine
  return write({ database, plans, asking, operation, parsed, denied: request.denied, ...withSignal(request) })
}

const withSignal = ({ signal }: EngineRequest) => signal === undefined ? {} : { signal }

/** The rows a caller may read, or the refusal when that is none whatever the row. */
function readableRows(asking: Asking, resource: Resource): Condition {
  const decision = mayRead(asking, resource)
  if (decision === false) throw refusal(asking.caller, `You may not read ${resource.plural}.`)
  return toCondition(decision)
}

async function readOne(engine: Engine, { asking, request, operation, parsed }: Running<StandardOperation>): Promise<EngineResult> {
  const { resource } = operation
  const readable = readableRows(asking, resource)
  const key = parsed.key ?? {}
  const keyed = (operation.by ?? resource.primaryKey).fields.map((field): Condition => {
    // finding a row by a value tells the value: a key is as good as a filter
    if (mayReadField(asking, resource, field) !== true) refuse(asking, 'key', [field.name], `${field.name} in a key`)
    return { type: 'compare', field, operator: 'eq', slot: slotOf(asking, key[field.name]) }
  })
  const selection = parsed.selection ?? { fields: [], relations: [] }
  const level = buildLevel({ asking, denied: request.denied }, resource, selection, { where: allOf([...keyed, readable]), path: [] })
  throwRefused(asking)
  const { layout, rows } = await read(engine.database, engine.plans,
    { level, page: null, rows: true, total: false, values: asking.values }, withSignal(request))
  return { type: 'row', layout, row: rows[0] ?? null }
}

async function readList(engine: Engine, { asking, request, operation, parsed }: Running<StandardOperation>): Promise<EngineResult> {
  const { resource } = operation
  const { list } = parsed
  if (list === null) throw new Error(`${operation.name} is a list without its arguments.`)
  const where = allOf([readableRows(asking, resource), filteredRows(asking, resource, list, [])])
  const page: PageRequest = authorizePage(asking, resource, list, [])
  const selection = parsed.selection ?? { fields: [], relations: [] }
  const level = buildLevel({ asking, denied: request.denied }, resource, selection, { where, path: [] })
  throwRefused(asking)
  const { layout, page: facts, rows, total } = await read(engine.database, engine.plans,
    { level, page, rows: request.rows ?? true, total: request.total ?? false, values: asking.values }, withSignal(request))
  if (facts === null) throw new Error(`${operation.name} is a list whose plan has no page.`)
  return { type: 'page', layout, page: toPage(layout, facts, rows, total) }
}
