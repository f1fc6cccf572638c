// Upsert: the row of a key is changed if it is there, and created if it is not, also when others do the same at this time.
import type { Transaction } from '../../db/database.ts'
import type { Condition } from '../../db/plan/read-request.ts'
import { insertRow, type WrittenRow } from '../../db/plan/write.ts'
import { lookAtRows } from '../../db/plan/write-many.ts'
import { Problem } from '../../errors.ts'
import type { Field } from '../../schema/model/model.ts'
import { refuse, toCondition } from '../authorize/authorization.ts'
import { mayRead, mayReadField } from '../authorize/evaluate-policy.ts'
import { authorizeChanges } from '../authorize/authorize-changes.ts'
import { authorizeFrame, authorizeVerb } from '../authorize/authorize-write.ts'
import { foreignKeyChecks } from '../authorize/foreign-key-checks.ts'
import { rowChecks, rowOfKey, writeRequest } from '../authorize/row-conditions.ts'
import {
  type AuthorizedWrite,
  NO_CHANGES,
  rowOf,
  type WriteContext,
} from '../authorize/write-context.ts'
import type { EngineResult } from '../result.ts'
import { inTransaction } from './in-transaction.ts'
import {
  changeLocked,
  findLocked,
  checkConflict,
  checkWrittenRow,
  readBack,
  type RowResult,
} from './row-steps.ts'

/** How often we look for a row that others create and remove meanwhile. */
const ATTEMPTS = 10

interface AuthorizedUpsert {
  readonly created: AuthorizedWrite
  readonly updated: AuthorizedWrite
  /** Columns of the primary key that are given beside the key: they can be those of the row, and cannot be changed. */
  readonly fixed: readonly { readonly field: Field; readonly check: Condition }[]
}

export async function upsert(context: WriteContext): Promise<EngineResult> {
  const authorized = authorizeUpsert(context)
  let found = false
  const work = async (tx: Transaction): Promise<EngineResult> => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      found = true
      const updated = await update(authorized, tx)
      if (updated !== null) return { ...updated, created: false }
      found = false
      // A row that is there and not for this caller is met by a create, which says no more of it than it does otherwise.
      const written =
        (await create(authorized, tx, true)) ??
        ((await isHidden(authorized, tx)) ? await create(authorized, tx, false) : null)
      if (written !== null)
        return { ...(await readBack(authorized.created, tx, written)), created: true }
    }
    throw new Problem('UNAVAILABLE', 'Too many writers are at the same row just now. Try again.', {
      headers: { 'retry-after': '1' },
    })
  }
  return inTransaction(context, work, (error) =>
    checkConflict(found ? authorized.updated : authorized.created, found ? rowOfKey : null, error),
  )
}

/** An upsert needs the right to create and to update: which of them it will do is not known before. */
function authorizeUpsert(context: WriteContext): AuthorizedUpsert {
  const {
    authorization,
    operation: { resource, by },
  } = context
  const mayCreate = authorizeVerb(context, 'create')
  const mayUpdate = authorizeVerb(context, 'update')
  const { values } = rowOf(context)
  const key = (by ?? resource.primaryKey).fields
  for (const field of key) {
    // finding a row by a value tells the value
    if (mayReadField(authorization, resource, field) !== true)
      refuse(authorization, 'input', [field.name], `${field.name} in a key`)
  }
  const [created = NO_CHANGES] = authorizeChanges(
    context,
    { verb: 'create', decision: mayCreate },
    [{ values, path: [], links: [] }],
  )
  const given = created.set.filter(({ field }) => values.has(field))
  const changed = given.filter(({ field }) => field.update !== 'never' && !key.includes(field))
  const changes = new Map(changed.map(({ field }) => [field, values.get(field)]))
  const changedReferences = foreignKeyChecks(authorization, resource, changes)
  const frame = authorizeFrame(context, mayCreate)
  return {
    created: { ...frame, ...created },
    updated: {
      ...frame,
      allowed: toCondition(mayUpdate),
      set: changed,
      linked: [],
      foreignKeys: changedReferences,
    },
    fixed: given
      .filter(({ field }) => field.update === 'never' && !key.includes(field))
      .map(({ field, slot }) => ({
        field,
        check: { type: 'compare', field, operator: 'eq', slot },
      })),
  }
}

/** Null where the caller sees no row of this key. */
async function update(
  { updated, fixed }: AuthorizedUpsert,
  tx: Transaction,
): Promise<RowResult | null> {
  const found = await findLocked(
    updated,
    tx,
    fixed.map(({ check }) => check),
  )
  if (found === null) return null
  const { where, locked } = found
  const other = fixed.find((_, i) => locked.checks[1 + i] !== true)
  if (other !== undefined) throw fixedProblem(updated, other.field)
  return updated.set.length === 0 ? readBack(updated, tx, locked) : changeLocked(updated, where, tx)
}

function fixedProblem({ resource }: AuthorizedWrite, { name }: Field): Problem {
  const message = `The ${resource.type} that is there has another ${name}, and a primary key is not changed.`
  return new Problem('CONFLICT', message, {
    issues: [{ in: 'input', path: [name], code: 'not_changeable', message }],
  })
}

/** @param quietly answers null where a row has the key already, in place of the conflict */
async function create(
  { created }: AuthorizedUpsert,
  tx: Transaction,
  quietly: boolean,
): Promise<WrittenRow | null> {
  const {
    context: {
      plans,
      operation: { by },
    },
    resource,
  } = created
  const unless = quietly ? { unless: (by ?? resource.primaryKey).fields } : {}
  const written = await insertRow(tx, plans, {
    ...writeRequest(created, null, rowChecks(created)),
    ...unless,
  })
  if (written !== null) checkWrittenRow(created, written.checks)
  return written
}

async function isHidden({ updated }: AuthorizedUpsert, tx: Transaction): Promise<boolean> {
  const { context, resource } = updated
  const visible = mayRead(context.authorization, resource)
  if (visible === true) return false
  const [row] = await lookAtRows(
    tx,
    context.plans,
    writeRequest(updated, rowOfKey(context), [toCondition(visible)]),
  )
  return row !== undefined && row.checks[0] !== true
}
