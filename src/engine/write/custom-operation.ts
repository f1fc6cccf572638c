// The team's own operations: the handler in one transaction, its answer read back as the client asked.
import { checkWritten } from '../../answer-bytes.ts'
import type { Transaction } from '../../db/database.ts'
import { recordEntry, recordRun } from '../../db/plan/audit.ts'
import { emptyLayout } from '../../db/plan/build-read.ts'
import type { Condition } from '../../db/plan/read-request.ts'
import { toOwnFailure } from '../../db/sqlstate.ts'
import type { AuditEntry } from '../../schema/declare/audit-entry.ts'
import { toFail } from '../../schema/declare/declared-errors.ts'
import type { CustomOperation, Resource } from '../../schema/model/model.ts'
import {
  type Authorization,
  policyFault,
  refusal,
  type OpenedRequest,
  slotOf,
  throwRefused,
  toCondition,
} from '../authorize/authorization.ts'
import { evaluatePolicy, mayRead } from '../authorize/evaluate-policy.ts'
import { chargeBill, openBill } from '../charge/bill.ts'
import { estimateMoreRows } from '../charge/estimate.ts'
import type { Engine } from '../engine.ts'
import { allOf } from '../authorize/filter-condition.ts'
import { inOrderOf, type KeyValues } from './handler-keys.ts'
import { authorizeLevel } from '../authorize/authorize-selection.ts'
import { readRows } from '../read/run-read.ts'
import type { Bill, EngineRequest } from '../request.ts'
import type { EngineResult } from '../result.ts'
import { invalid, NO_SELECTION, type ParsedSelection } from '../parse/parse-request.ts'

export async function runCustom(
  engine: Engine,
  { authorization, request, operation, parsed }: OpenedRequest<CustomOperation>,
): Promise<EngineResult> {
  const decision = evaluatePolicy(authorization, operation.access, {
    place: `operations.${operation.name}.access`,
  })
  if (decision !== true)
    throw refusal(
      authorization.caller,
      `You may not do ${operation.name}.`,
      policyFault(authorization),
    )
  const selection = parsed.selection ?? NO_SELECTION
  authorizeSelection(authorization, request, operation, selection)
  if (parsed.invalid.length > 0) throw invalid(parsed.invalid)
  const signal = request.signal ?? new AbortController().signal
  const fail = toFail(operation.name, operation.errors)
  return engine.database.transaction(
    async (tx) => {
      const answer = await handled(operation, {
        input: parsed.input,
        caller: authorization.caller,
        tx: tx.drizzle,
        audit: (entry: AuditEntry) => recordEntry(tx, request, entry),
        signal,
        fail,
      })
      if (operation.audit) await recordRun(tx, request)
      return toResult(engine, { authorization, request, operation, selection, tx, signal }, answer)
    },
    { signal },
  )
}

async function handled(operation: CustomOperation, given: object): Promise<unknown> {
  try {
    return await operation.handle(given as never) // the declaration's types; here they are erased
  } catch (error) {
    throw toOwnFailure(error)
  }
}

interface Answering {
  readonly authorization: Authorization
  readonly request: EngineRequest
  readonly operation: CustomOperation
  readonly selection: ParsedSelection
  readonly tx: Transaction
  readonly signal: AbortSignal
}

/** What the client may not see is refused before the handler runs, not after. */
function authorizeSelection(
  authorization: Authorization,
  request: EngineRequest,
  operation: CustomOperation,
  selection: ParsedSelection,
): void {
  if (operation.output.type === 'value') return
  const { resource } = operation.output
  const trial: Authorization = { ...authorization, values: [], sources: [] }
  if (mayRead(trial, resource) !== false) {
    authorizeLevel({ authorization: trial, denied: request.denied }, resource, selection, {
      where: { type: 'constant', value: true },
      path: [],
    })
  }
  throwRefused(authorization)
  authorization.readDecisions.clear() // the trial's conditions hold the trial's slots
}

async function toResult(
  engine: Engine,
  answering: Answering,
  answer: unknown,
): Promise<EngineResult> {
  const { output, name } = answering.operation
  if (output.type === 'value') {
    const parsed = await output.schema.safeParseAsync(answer)
    if (!parsed.success)
      throw new Error(
        `${name} answered what its output does not allow: ${parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
      )
    if (answering.operation.kind === 'mutation')
      // while it can be rolled back
      checkWritten(answering.signal, JSON.stringify(parsed.data))
    return { type: 'value', value: parsed.data }
  }
  const keys = (
    output.type === 'rows' ? answer : answer === null ? [] : [answer]
  ) as readonly KeyValues[] // as HandlerResult types it
  await chargeMoreRows(engine, answering, output.resource, keys.length)
  const { layout, rows } = await readByKeys(engine, answering, output.resource, keys)
  return output.type === 'rows'
    ? { type: 'rows', layout, rows }
    : { type: 'row', layout, row: rows[0] ?? null }
}

/** A handler may answer more rows than a page has, which its estimate knows nothing of. */
async function chargeMoreRows(
  engine: Engine,
  { request }: Answering,
  resource: Resource,
  rows: number,
): Promise<void> {
  const more = rows - resource.page.max
  if (more <= 0) return
  const bill = request.bill ?? openBill(engine, request.caller)
  await chargeBill(engine, bill, [estimateMoreRows(engine.model, resource, request, more)])
}

/** Rows by their keys, in the handler's order; those that the caller may not read are left out. */
async function readByKeys(
  engine: Engine,
  { authorization, request, selection, tx }: Answering,
  resource: Resource,
  keys: readonly KeyValues[],
) {
  const readable = mayRead(authorization, resource)
  if (readable === false || keys.length === 0) return { layout: emptyLayout(resource), rows: [] }
  const { fields } = resource.primaryKey
  const one = (key: KeyValues): Condition =>
    allOf(
      fields.map((field) => {
        const value = key[field.name]
        if (value === undefined)
          throw new Error(
            `An operation answered a ${resource.type} without ${field.name}, which its key has.`,
          )
        return {
          type: 'compare',
          field,
          operator: 'eq',
          slot: slotOf(authorization, value instanceof Date ? value.toISOString() : value),
        }
      }),
    )
  const where = allOf([toCondition(readable), { type: 'or', of: keys.map(one) }])
  const level = authorizeLevel({ authorization, denied: request.denied }, resource, selection, {
    where,
    path: [],
  })
  const { layout, rows } = await readRows(
    { session: tx, plans: engine.plans, options: {} },
    { level, page: null, rows: true, total: false, values: authorization.values },
  )
  return { layout, rows: keys.length === 1 ? rows : inOrderOf(keys, layout, rows) }
}

/** Handlers of one HTTP request that run at a time: each may hold a connection for as long as it likes. */
const MAX_HANDLERS = 2

/** The last handlers of each HTTP request, which has one bill, and how many it had. */
const requests = new WeakMap<Bill, { readonly last: Promise<unknown>[]; count: number }>()

/** Runs a handler at once or in its turn; without a bill it is the only one. */
export function inTurn<T>(bill: Bill | undefined, handle: () => Promise<T>): Promise<T> {
  if (bill === undefined) return handle()
  const request = requests.get(bill) ?? { last: [], count: 0 }
  requests.set(bill, request)
  const lane = request.count % MAX_HANDLERS
  request.count += 1
  const before = request.last[lane]
  const done = before === undefined ? handle() : before.then(handle)
  request.last[lane] = done.catch(() => {}) // the caller of this one hears of it
  return done
}
