// Upsert: the row of a key is changed if it is there, and created if it is not, whoever else does the same at this time.
import type { RunOptions, Transaction } from '../../db/database.ts'
import type { Condition } from '../../db/plan/read-request.ts'
import { insertRow, type WrittenRow } from '../../db/plan/write.ts'
import { lookAtRows } from '../../db/plan/write-many.ts'
import { Problem } from '../../errors.ts'
import type { Field } from '../../schema/model/model.ts'
import { type Decision, refusal, refuse, throwRefused } from '../authorize/authorization.ts'
import { nameBrokenRule } from '../diagnose/constraint-errors.ts'
import { decide, mayRead, mayReadField, toCondition } from '../authorize/evaluate-policy.ts'
import { assignments, foreignKeyChecks, type Judged, judgeReadBack, rowChecks, rowOfKey, type WriteContext, writeRequest } from '../authorize/authorize-write.ts'
import type { EngineResult } from '../result.ts'
import { fillOwn } from '../authorize/owner-columns.ts'
import { invalid } from '../parse/parse-request.ts'
import { changeLocked, findLocked, judgeConflict, judgeWritten, readBack, type RowResult } from './row-steps.ts'

/** A row that others create and remove between our looks at it is looked for this often. */
const ATTEMPTS = 10

interface JudgedUpsert {
  readonly created: Judged
  readonly updated: Judged
  /** Columns of the primary key that are given beside the key: they can be those of the row, and cannot be changed. */
  readonly fixed: readonly { readonly field: Field, readonly check: Condition }[]
}

export async function upsert(context: WriteContext): Promise<EngineResult> {
  const { database, signal, operation: { resource } } = context
  const judged = judgeUpsert(context)
  let found = false
  const work = async (tx: Transaction): Promise<EngineResult> => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      found = true
      const updated = await update(judged, tx)
      if (updated !== null) return { ...updated, created: false }
      found = false
      // A row that is there and not for this caller is met by a create, which says no more of it than it does otherwise.
      const written = await create(judged, tx, true) ?? (await isHidden(judged, tx) ? await create(judged, tx, false) : null)
      if (written !== null) return { ...await readBack(judged.created, tx, written), created: true }
    }
    throw new Problem('UNAVAILABLE', 'Too many writers are at the same row just now. Try again.', { headers: { 'retry-after': '1' } })
  }
  try {
    return await database.transaction(work, signal === undefined ? {} : { signal } satisfies RunOptions)
  } catch (error) {
    await judgeConflict(found ? judged.updated : judged.created, found ? rowOfKey : null, error)
    throw await nameBrokenRule(database, error, resource)
  }
}

/** Who may upsert is who may create and update: which of them it comes to is not known before. */
function judgeUpsert(context: WriteContext): JudgedUpsert {
  const { asking, operation: { resource, by }, parsed } = context
  const { caller } = asking
  const decided = (['create', 'update'] as const).map((verb) => {
    const decision = decide(asking, resource.access[verb], resource)
    if (decision === false) throw refusal(caller, `You may not ${verb} ${resource.plural}.`)
    return decision
  })
  const [mayCreate, mayUpdate] = decided as [Decision, Decision] // of the two verbs
  const input = parsed.input as Readonly<Record<string, unknown>> // an object by its schema
  const key = (by ?? resource.primaryKey).fields
  for (const field of key) { // finding a row by a value tells the value
    if (mayReadField(asking, resource, field) !== true) refuse(asking, 'input', [field.name], `${field.name} in a key`)
  }
  const own = fillOwn(asking, resource, { input, decision: mayCreate })
  if (own.missing.length > 0) throw invalid(own.missing)
  const set = assignments(asking, resource, input, [])
  const changed = set.filter(({ field }) => field.update !== 'never' && !key.includes(field))
  const changes = Object.fromEntries(changed.map(({ field: { name } }) => [name, input[name]]))
  const [references, changedReferences] = [foreignKeyChecks(asking, resource, own.input), foreignKeyChecks(asking, resource, changes)]
  const base = { context, resource, linked: [], back: judgeReadBack(context) }
  throwRefused(asking)
  if (parsed.invalid.length > 0) throw invalid(parsed.invalid)
  return {
    created: { ...base, allowed: toCondition(mayCreate), set: [...set, ...own.set], foreignKeys: references },
    updated: { ...base, allowed: toCondition(mayUpdate), set: changed, foreignKeys: changedReferences },
    fixed: set.filter(({ field }) => field.update === 'never' && !key.includes(field))
      .map(({ field, slot }) => ({ field, check: { type: 'compare', field, operator: 'eq', slot } })),
  }
}

/** Null where no row of this key is for the caller to see. */
async function update({ updated, fixed }: JudgedUpsert, tx: Transaction): Promise<RowResult | null> {
  const found = await findLocked(updated, tx, fixed.map(({ check }) => check))
  if (found === null) return null
  const { where, locked } = found
  const other = fixed.find((_, i) => locked.checks[1 + i] !== true)
  if (other !== undefined) throw fixedProblem(updated, other.field)
  return updated.set.length === 0 ? readBack(updated, tx, locked) : changeLocked(updated, where, tx)
}

function fixedProblem({ resource }: Judged, { name }: Field): Problem {
  const message = `The ${resource.type} that is there has another ${name}, and a primary key is not changed.`
  return new Problem('CONFLICT', message, { issues: [{ in: 'input', path: [name], code: 'not_changeable', message }] })
}

/** @param quietly answers null where a row has the key already, in place of the conflict */
async function create({ created }: JudgedUpsert, tx: Transaction, quietly: boolean): Promise<WrittenRow | null> {
  const { context: { plans, operation: { by } }, resource } = created
  const unless = quietly ? { unless: (by ?? resource.primaryKey).fields } : {}
  const written = await insertRow(tx, plans, { ...writeRequest(created, null, rowChecks(created)), ...unless })
  if (written !== null) judgeWritten(created, written.checks)
  return written
}

async function isHidden({ updated }: JudgedUpsert, tx: Transaction): Promise<boolean> {
  const { context, resource } = updated
  const visible = mayRead(context.asking, resource)
  if (visible === true) return false
  const [row] = await lookAtRows(tx, context.plans, writeRequest(updated, rowOfKey(context), [toCondition(visible)]))
  return row !== undefined && row.checks[0] !== true
}
