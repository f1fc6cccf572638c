// The steps of writes in a transaction: the policy holds before and after, and the row is read back as the client asked.
import type { Session, Transaction } from '../../db/database.ts'
import { emptyLayout } from '../../db/plan/build-read.ts'
import { type Condition, TRUE } from '../../db/plan/read-request.ts'
import { checkProposedRow } from '../../db/plan/check-proposed-row.ts'
import { deleteRow, insertRow, lockRow, updateRow, type WrittenRow } from '../../db/plan/write.ts'
import { toConstraintViolation } from '../../db/sqlstate.ts'
import { Problem } from '../../errors.ts'
import type { Resource } from '../../schema/model/model.ts'
import { refusal, toCondition } from '../authorize/authorization.ts'
import { readRows } from '../read/run-read.ts'
import { readCell } from '../value-codec.ts'
import { foreignKeyProblem } from '../diagnose/constraint-errors.ts'
import { mayRead } from '../authorize/evaluate-policy.ts'
import { versionPassed } from '../row-version.ts'
import { allOf } from '../authorize/filter-condition.ts'
import { rowChecks, rowIsOfVersion, rowOfKey, writeRequest } from '../authorize/row-conditions.ts'
import type { AuthorizedWrite, WriteContext } from '../authorize/write-context.ts'
import type { EngineResult } from '../result.ts'

/**
 * PostgreSQL checks constraints before we check the policy, also against rows that the caller may not see. So a caller
 * learns of the conflict only if the policy allows the row that the request asks for.
 * @param rowsOf which rows were to be changed; null for a new one
 */
export async function checkConflict(
  authorized: AuthorizedWrite,
  rowsOf: ((context: WriteContext) => Condition) | null,
  error: unknown,
): Promise<void> {
  const { context } = authorized
  const state = toConstraintViolation(error)?.sqlstate
  const isOpen = authorized.allowed === TRUE && authorized.foreignKeys.length === 0
  if (isOpen || state === undefined || !conflictStates.has(state)) return
  const proposed = await checkProposedRow(
    context.database,
    writeRequest(authorized, rowsOf?.(context) ?? null, rowChecks(authorized)),
  )
  for (const checks of proposed) checkWrittenRow(authorized, checks)
}

/** The same of a write of one row by its key. */
export async function checkOwnConflict(authorized: AuthorizedWrite, error: unknown): Promise<void> {
  const { standard } = authorized.context.operation
  if (standard !== 'delete')
    await checkConflict(authorized, standard === 'create' ? null : rowOfKey, error)
}

/** One row, as it is seen. */
export type RowResult = Extract<EngineResult, { readonly type: 'row' }>

/** Unique keys, foreign keys and exclusions: broken or not by what other rows hold. */
const conflictStates: ReadonlySet<string> = new Set(['23505', '23503', '23P01'])

export async function readBack(
  { context, resource, back }: AuthorizedWrite,
  session: Session,
  written: WrittenRow,
): Promise<RowResult> {
  if (back === null) return { type: 'row', layout: emptyLayout(resource), row: null }
  const { authorization, plans } = context
  for (const [i, slot] of back.keySlots.entries())
    authorization.values[slot] = keyValue(resource, written, i)
  const { layout, rows } = await readRows({ session, plans, options: {} }, back.request)
  return { type: 'row', layout, row: rows[0] ?? null }
}

/** A cell of a written row's key as the value that its filter takes. */
export function keyValue({ primaryKey }: Resource, { key }: WrittenRow, index: number): unknown {
  const field = primaryKey.fields[index]
  if (field === undefined) throw new Error('A written row answers every field of its key.')
  return readCell(field)(key[index] ?? null)
}

/** Inserts the row and checks it as it then stands. */
export async function insert(authorized: AuthorizedWrite, tx: Transaction): Promise<WrittenRow> {
  const written = await insertRow(
    tx,
    authorized.context.plans,
    writeRequest(authorized, null, rowChecks(authorized)),
  )
  if (written === null) throw new Error('An insert answered no row.')
  checkWrittenRow(authorized, written.checks)
  return written
}

const create = async (authorized: AuthorizedWrite, tx: Transaction): Promise<EngineResult> =>
  readBack(authorized, tx, await insert(authorized, tx))

async function update(authorized: AuthorizedWrite, tx: Transaction): Promise<EngineResult> {
  const { where } = await lock(authorized, tx)
  return changeLocked(authorized, where, tx)
}

export async function changeLocked(
  authorized: AuthorizedWrite,
  where: Condition,
  tx: Transaction,
): Promise<RowResult> {
  const written = await updateRow(
    tx,
    authorized.context.plans,
    writeRequest(authorized, where, rowChecks(authorized)),
  )
  if (written === null) throw new Error('A locked row was not there to be updated.')
  checkWrittenRow(authorized, written.checks)
  return readBack(authorized, tx, written)
}

async function remove(authorized: AuthorizedWrite, tx: Transaction): Promise<EngineResult> {
  const { where, locked } = await lock(authorized, tx)
  const before = await readBack(authorized, tx, locked)
  await deleteRow(tx, authorized.context.plans, writeRequest(authorized, where, []))
  return before
}

interface Locked {
  readonly where: Condition
  readonly locked: WrittenRow
}

async function lock(authorized: AuthorizedWrite, tx: Transaction): Promise<Locked> {
  const found = await findLocked(authorized, tx, [rowIsOfVersion(authorized.context)])
  if (found === null)
    throw new Problem('NOT_FOUND', `There is no ${authorized.resource.type} with this key.`)
  if (found.locked.checks[1] !== true) throw versionPassed(authorized.resource)
  return found
}

/**
 * Finds the row for a write: hidden is absent, visible but not the caller's to write is forbidden.
 * @param asked what else is to be known of the row: its checks are answered behind that of the policy
 */
export async function findLocked(
  authorized: AuthorizedWrite,
  tx: Transaction,
  asked: readonly Condition[],
): Promise<Locked | null> {
  const { context, resource, allowed } = authorized
  const { authorization, plans } = context
  const where = rowOfKey(context)
  const visible = mayRead(authorization, resource)
  if (visible === false) return null
  const seen = allOf([where, toCondition(visible)])
  const locked = await lockRow(tx, plans, writeRequest(authorized, seen, [allowed, ...asked]))
  if (locked === null) return null
  if (locked.checks[0] !== true)
    throw refusal(authorization.caller, `You may not write this ${resource.type}.`)
  return { where, locked }
}

/** The policy on the row as it now stands, and its foreign keys as the caller sees them. */
export function checkWrittenRow(
  { context, resource, foreignKeys }: AuthorizedWrite,
  checks: readonly boolean[],
): void {
  const [allowed, ...references] = checks
  const absent = foreignKeys.find((_, i) => references[i] !== true)
  if (absent !== undefined) throw foreignKeyProblem(absent.foreignKey)
  if (allowed !== true)
    throw refusal(
      context.authorization.caller,
      `This ${resource.type} would become one that you may not write.`,
    )
}

/** Each of them in the transaction that it is given. */
export const works = { create, update, delete: remove }
