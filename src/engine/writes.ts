// Create, update, delete: one transaction each, the policy before and after, and the row read back as the client asked.
import type { Database, RunOptions, Session, Transaction } from '../db/database.ts'
import { emptyLayout } from '../db/plan/build-read.ts'
import type { PlanCache } from '../db/plan/cache.ts'
import { type Condition, FALSE, type Level, type ReadRequest, TRUE } from '../db/plan/read-request.ts'
import { judgeProposed } from '../db/plan/propose.ts'
import { read } from '../db/plan/read.ts'
import { hasAfterTriggers } from '../db/triggers.ts'
import { type Assignment, deleteRow, hasOwnSql, insertAndSee, type InsertedRow, insertRow, lockRow, planInsert, updateRow, type WriteRequest, type WrittenRow } from '../db/plan/write.ts'
import { toConstraintViolation } from '../db/sqlstate.ts'
import { Problem } from '../errors.ts'
import type { Field, ForeignKey, Relation, Resource, StandardOperation } from '../schema/model.ts'
import { type Asking, refusal, refuse, slotOf, throwRefused } from './asking.ts'
import { readCell } from './cells.ts'
import { decide, mayRead, toCondition } from './decide.ts'
import { foreignKeyProblem, nameFields } from './constraints.ts'
import { allOf, anyOf } from './filter.ts'
import { buildLevel, type LevelContext } from './level.ts'
import { createKey, fillSlots, isForCaller, type PreparedCreate, toPreparedCreate } from './prepared-create.ts'
import type { ProfileOf } from './profile.ts'
import type { EngineResult } from './result.ts'
import { invalid, type ParsedRequest } from './shape.ts'

export interface WriteContext extends LevelContext {
  readonly database: Database
  readonly plans: PlanCache
  /** Creates that were met before: see prepared-create.ts. */
  readonly prepared: PlanCache
  readonly profileOf: ProfileOf
  readonly operation: StandardOperation
  readonly parsed: ParsedRequest
  readonly signal?: AbortSignal
}

/** What every write knows before it begins: who may, on which row, and how it is read back. */
interface Prepared {
  readonly context: WriteContext
  readonly resource: Resource
  readonly allowed: Condition
  readonly set: readonly Assignment[]
  readonly foreignKeys: readonly { readonly foreignKey: ForeignKey, readonly check: Condition }[]
  readonly back: { readonly request: ReadRequest, readonly keySlots: readonly number[], readonly visible: Condition } | null
}

export async function write(context: WriteContext): Promise<EngineResult> {
  const { operation: { standard, resource }, database, signal } = context
  const options = signal === undefined ? {} : { signal }
  const known = standard === 'create' ? findCreate(context) : null
  let judged = known === null ? prepare(context) : null
  try {
    const alone = known !== null ? await runCreate(context, known, options) : standard === 'create' && judged !== null ? await createAlone(judged, options) : null
    if (alone !== null) return alone
    const prepared = judged ??= prepare(context)
    const work = works[standard as keyof typeof works] // get and list are not writes
    return await database.transaction((tx) => work(prepared, tx), options)
  } catch (error) {
    await judgeConflict(judged ?? prepare(context), error)
    throw nameFields(error, resource)
  }
}

/** A create like this one, which was judged and planned before. */
function findCreate(context: WriteContext): PreparedCreate | null {
  const key = keyOfCreate(context)
  const known = key === null ? undefined : context.prepared.find<PreparedCreate>(key)
  return known !== undefined && context.parsed.invalid.length === 0 && isForCaller(known, context.asking.caller) ? known : null
}

const keyOfCreate = ({ profileOf, operation, parsed, denied, asking: { caller } }: WriteContext): string | null =>
  createKey(profileOf, { name: operation.name, parsed, denied, caller })

async function runCreate({ database, parsed, asking }: WriteContext, known: PreparedCreate, options: RunOptions): Promise<EngineResult | null> {
  const values = fillSlots(known, (parsed.input ?? {}) as Readonly<Record<string, unknown>>, asking.caller) // an object by its schema
  return toCreated(await insertAndSee(database, known.plan, values, options))
}

const toCreated = (inserted: InsertedRow | null): EngineResult | null =>
  inserted === null ? null : { type: 'row', layout: inserted.layout, row: inserted.visible ? inserted.row : null }

/**
 * A constraint speaks before the policy does, and of rows that the caller may not see: only who may write the row that
 * was asked for is told what it collides with.
 */
async function judgeConflict(prepared: Prepared, error: unknown): Promise<void> {
  const { context: { asking, database, operation, parsed }, resource } = prepared
  const state = toConstraintViolation(error)?.sqlstate
  const isOpen = prepared.allowed === TRUE && prepared.foreignKeys.length === 0
  if (isOpen || operation.standard === 'delete' || state === undefined || !conflictStates.has(state)) return
  const key = parsed.key ?? {}
  const where = operation.standard === 'create' ? null : keyIs(resource, resource.primaryKey.fields.map((field) => slotOf(asking, key[field.name])))
  const checks = await judgeProposed(database, writeRequest(prepared, where, rowChecks(prepared)))
  if (checks !== null) judgeWritten(prepared, checks)
}

/** Unique keys, foreign keys and exclusions: broken or not by what other rows hold. */
const conflictStates: ReadonlySet<string> = new Set(['23505', '23503', '23P01'])

/** Judges everything that can be judged before the row is touched. */
function prepare(context: WriteContext): Prepared {
  const { asking, operation, parsed } = context
  const { resource } = operation
  const verb = operation.standard as 'create' | 'update' | 'delete' // the dispatcher sends nothing else
  const decision = decide(asking, resource.access[verb], resource)
  if (decision === false) throw refusal(asking.caller, `You may not ${verb} ${resource.plural}.`)
  const input = (parsed.input ?? {}) as Readonly<Record<string, unknown>> // an object by its schema
  const set = assignments(asking, resource, input)
  const foreignKeys = verb === 'delete' ? [] : foreignKeyChecks(asking, resource, input)
  const back = prepareReadBack(context)
  throwRefused(asking)
  if (parsed.invalid.length > 0) throw invalid(parsed.invalid)
  return { context, resource, allowed: toCondition(decision), set, foreignKeys, back }
}

/** Each given field with its slot; one that this caller may not write is refused at its path. */
function assignments(asking: Asking, resource: Resource, input: Readonly<Record<string, unknown>>): readonly Assignment[] {
  return Object.entries(input).filter(([, value]) => value !== undefined).map(([name, value]) => {
    const field = resource.fields.get(name)
    if (field === undefined) throw new Error(`The input of ${resource.key} names ${name}, which its schema has let through.`)
    if (field.write !== null && decide(asking, field.write, null) !== true) refuse(asking, 'input', [name], `${name} in an input`)
    return { field, slot: slotOf(asking, value, { leaf: name }) }
  })
}

/** A row that the caller may not read counts as absent, so a foreign key to it is checked like any other. */
function foreignKeyChecks(asking: Asking, resource: Resource, input: Readonly<Record<string, unknown>>): Prepared['foreignKeys'] {
  return resource.foreignKeys.flatMap((foreignKey) => {
    const target = foreignKey.target === null ? undefined : asking.model.resources.get(foreignKey.target)
    const given = foreignKey.fields.some((field) => input[field.name] !== undefined && input[field.name] !== null)
    if (target === undefined || !given) return []
    const visible = mayRead(asking, target)
    if (visible === true) return []
    return [{ foreignKey, check: anyOf([...unset(foreignKey), visible === false ? FALSE : referredRow(foreignKey, target, visible)]) }]
  })
}

/** A foreign key with a null in it refers to nothing. */
const unset = ({ fields }: ForeignKey): readonly Condition[] => fields.filter((field) => field.nullable)
  .map((field) => ({ type: 'compare', field, operator: 'isNull', slot: -1 }))

const referredRow = (foreignKey: ForeignKey, target: Resource, visible: Condition): Condition => ({
  type: 'related',
  relation: {
    name: foreignKey.constraint, many: false, target: target.key, nullable: true, served: false, through: null, first: false,
    where: null, whereOnSource: false,
    from: foreignKey.fields.map(columnOf),
    to: foreignKey.targetColumns,
  },
  target, visible, quantifier: 'is', of: TRUE, through: TRUE,
})

function columnOf(field: Field) {
  if ('sql' in field.source) throw new Error(`${field.name} is computed; no foreign key has it.`)
  return field.source.column
}

/** The read of the written row, its key still open; null when nothing is answered or the caller may not read at all. */
function prepareReadBack(context: WriteContext): Prepared['back'] {
  const { asking, operation: { resource }, parsed } = context
  const visible = mayRead(asking, resource)
  if (parsed.selection === null || visible === false) return null
  const keySlots = resource.primaryKey.fields.map(() => slotOf(asking, null))
  const where = allOf([keyIs(resource, keySlots), toCondition(visible)])
  const level = buildLevel(context, resource, parsed.selection, { where, path: [] })
  return { keySlots, visible: toCondition(visible), request: { level, page: null, rows: true, total: false, values: asking.values } }
}

const keyIs = (resource: Resource, slots: readonly number[]): Condition =>
  allOf(resource.primaryKey.fields.map((field, i) => ({ type: 'compare', field, operator: 'eq', slot: slots[i] ?? -1 })))

async function readBack({ context, resource, back }: Prepared, session: Session, written: WrittenRow): Promise<EngineResult> {
  if (back === null) return { type: 'row', layout: emptyLayout(resource), row: null }
  const { asking, plans } = context
  for (const [i, slot] of back.keySlots.entries()) asking.values[slot] = keyValue(resource, written, i)
  const { layout, rows } = await read(session, plans, back.request)
  return { type: 'row', layout, row: rows[0] ?? null }
}

/** A cell of the written row's key as the value that its filter takes. */
function keyValue({ primaryKey }: Resource, { key }: WrittenRow, index: number): unknown {
  const field = primaryKey.fields[index]
  if (field === undefined) throw new Error('A written row answers every field of its key.')
  return readCell(field)(key[index] ?? null)
}

const works = { create, update, delete: remove }

/** One statement where it can say everything; null where the steps of a transaction have to. */
async function createAlone(prepared: Prepared, options: RunOptions): Promise<EngineResult | null> {
  const { context: { asking, database, plans }, resource, back } = prepared
  const checks = rowChecks(prepared)
  if (back === null || !isSeenAlone(resource, [...checks, back.visible], back.request.level)) return null
  if (await hasAfterTriggers(database, resource)) return null
  const request = { ...writeRequest(prepared, null, checks), level: { ...back.request.level, where: TRUE }, visible: back.visible }
  const { plan, filled } = planInsert(plans, request)
  const key = keyOfCreate(prepared.context)
  if (key !== null && !hasOwnSql(filled)) prepared.context.prepared.keep(key, toPreparedCreate(asking, plan, filled.set))
  return toCreated(await insertAndSee(database, plan, filled.values, options))
}

/**
 * Whether a statement that inserts a row can judge and see it: it sees no other row of its own table that it writes, and
 * what a computed field looks at is not known.
 */
function isSeenAlone(resource: Resource, conditions: readonly Condition[], { fields, ones, manys }: Level): boolean {
  return ones.length === 0 && manys.length === 0 && fields.every(({ field }) => 'column' in field.source)
    && [...conditions, ...fields.map(({ visible }) => visible)].every((condition) => isApart(resource, condition))
}

/** Drizzle's own `where` of a relation, which may look at anything; where there is none it is a symbol. */
const isFiltered = ({ where }: Relation): boolean => typeof where === 'object' && where !== null

/** Whether a condition looks at columns of the row and at other tables only. */
function isApart(resource: Resource, condition: Condition): boolean {
  switch (condition.type) {
    case 'constant': return true
    case 'and':
    case 'or': return condition.of.every((part) => isApart(resource, part))
    case 'not': return isApart(resource, condition.of)
    case 'compare': return 'column' in condition.field.source
    case 'related': {
      const { relation, target, visible, of, through } = condition
      return target.table !== resource.table && relation.through?.table !== resource.table && !isFiltered(relation)
        && [visible, of, through].every((part) => isApart(resource, part))
    }
  }
}

async function create(prepared: Prepared, tx: Transaction): Promise<EngineResult> {
  const written = await insertRow(tx, prepared.context.plans, writeRequest(prepared, null, rowChecks(prepared)))
  if (written === null) throw new Error('An insert answered no row.')
  judgeWritten(prepared, written.checks)
  return readBack(prepared, tx, written)
}

async function update(prepared: Prepared, tx: Transaction): Promise<EngineResult> {
  const { where } = await lock(prepared, tx)
  const written = await updateRow(tx, prepared.context.plans, writeRequest(prepared, where, rowChecks(prepared)))
  if (written === null) throw new Error('A locked row was not there to be updated.')
  judgeWritten(prepared, written.checks)
  return readBack(prepared, tx, written)
}

async function remove(prepared: Prepared, tx: Transaction): Promise<EngineResult> {
  const { where, locked } = await lock(prepared, tx)
  const before = await readBack(prepared, tx, locked)
  await deleteRow(tx, prepared.context.plans, writeRequest(prepared, where, []))
  return before
}

/** Finds the row for a write: hidden is absent, visible but not the caller's to write is forbidden. */
async function lock(prepared: Prepared, tx: Transaction): Promise<{ readonly where: Condition, readonly locked: WrittenRow }> {
  const { context: { asking, parsed, plans }, resource, allowed } = prepared
  const key = parsed.key ?? {}
  const where = keyIs(resource, resource.primaryKey.fields.map((field) => slotOf(asking, key[field.name])))
  const visible = mayRead(asking, resource)
  const locked = visible === false ? null
    : await lockRow(tx, plans, writeRequest(prepared, allOf([where, toCondition(visible)]), [allowed]))
  if (locked === null) throw new Problem('NOT_FOUND', `There is no ${resource.type} with this key.`)
  if (locked.checks[0] !== true) throw refusal(asking.caller, `You may not write this ${resource.type}.`)
  return { where, locked }
}

const rowChecks = ({ allowed, foreignKeys }: Prepared): readonly Condition[] => [allowed, ...foreignKeys.map(({ check }) => check)]

const writeRequest = ({ context, resource, set }: Prepared, where: Condition | null, checks: readonly Condition[]): WriteRequest =>
  ({ resource, where, set, checks, values: context.asking.values })

/** The policy on the row as it now stands, and its foreign keys as the caller sees them. */
function judgeWritten({ context, resource, foreignKeys }: Prepared, checks: readonly boolean[]): void {
  const [allowed, ...references] = checks
  const absent = foreignKeys.find((_, i) => references[i] !== true)
  if (absent !== undefined) throw foreignKeyProblem(absent.foreignKey)
  if (allowed !== true) throw refusal(context.asking.caller, `This ${resource.type} would become one that you may not write.`)
}
