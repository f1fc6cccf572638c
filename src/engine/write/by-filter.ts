// Updates and deletes of the rows that a filter finds: all of them or none, and no more than the caller expects.
import type { Transaction } from '../../db/database.ts'
import type { Condition } from '../../db/plan/read-request.ts'
import { countMatching, deleteRows, lockRows, updateRows } from '../../db/plan/write-many.ts'
import { Problem } from '../../errors.ts'
import { refusal, slotOf } from '../authorize/authorization.ts'
import { readableRows } from '../authorize/authorize-read.ts'
import { allOf } from '../authorize/filter-condition.ts'
import { authorizeChanges } from '../authorize/authorize-changes.ts'
import { authorizeFrame, authorizeVerb } from '../authorize/authorize-write.ts'
import { rowChecks, writeRequest } from '../authorize/row-conditions.ts'
import {
  type AuthorizedWrite,
  NO_CHANGES,
  rowOf,
  type WriteContext,
} from '../authorize/write-context.ts'
import { filteredRows } from '../authorize/authorize-selection.ts'
import type { EngineResult } from '../result.ts'
import { inTransaction } from './in-transaction.ts'
import { type KeyCells, readBackRows, rowsOfKeys } from './read-back.ts'
import { checkConflict, checkWrittenRow } from './row-steps.ts'

interface AuthorizedFilter {
  readonly authorized: AuthorizedWrite
  readonly where: Condition
}

export async function writeByFilter(context: WriteContext): Promise<EngineResult> {
  const {
    operation: { standard, resource },
  } = context
  const filtered = authorizeByFilter(context)
  const { authorized } = filtered
  let keys: readonly KeyCells[] = []
  return inTransaction(
    context,
    async (tx) => {
      keys = await lockMatching(filtered, tx)
      return standard === 'updateMany' ? update(authorized, tx, keys) : remove(authorized, tx, keys)
    },
    async (error) => {
      if (standard === 'updateMany' && keys.length > 0)
        await checkConflict(
          authorized,
          ({ authorization }) => rowsOfKeys(authorization, resource, keys),
          error,
        )
    },
  )
}

function authorizeByFilter(context: WriteContext): AuthorizedFilter {
  const {
    authorization,
    operation: { standard, resource },
    parsed,
  } = context
  const verb = standard === 'updateMany' ? 'update' : 'delete'
  const decision = authorizeVerb(context, verb)
  const readable = readableRows(authorization, resource)
  if (parsed.list === null) throw new Error('A write by filter came without its filter.')
  const where = allOf([readable, filteredRows(authorization, resource, parsed.list, [])])
  const [changes = NO_CHANGES] = authorizeChanges(context, { verb, decision }, [
    { values: rowOf(context).values, path: [], links: [] },
  ])
  return { where, authorized: { ...authorizeFrame(context, decision), ...changes } }
}

/** The keys of the rows that are to be written: all that match, if they are not too many and all the caller's to write. */
async function lockMatching(
  { authorized, where }: AuthorizedFilter,
  tx: Transaction,
): Promise<readonly KeyCells[]> {
  const {
    context: {
      authorization,
      plans,
      parsed: { atMost },
    },
    resource: { plural },
    allowed,
  } = authorized
  const request = writeRequest(authorized, where, [allowed])
  const locked = await lockRows(tx, plans, request, slotOf(authorization, atMost + 1))
  if (locked.length > atMost) {
    const message = `${await countMatching(tx, request)} ${plural} match, and at most ${atMost} may be written; none was.`
    throw new Problem('CONFLICT', message, {
      issues: [{ in: 'page', path: ['atMost'], code: 'too_many', message }],
    })
  }
  const refused = locked.filter(({ checks }) => checks[0] !== true).length
  if (refused > 0)
    throw refusal(
      authorization.caller,
      `You may not write ${refused} of the ${locked.length} ${plural} that match; none was written.`,
    )
  return locked.map(({ key }) => key)
}

async function update(
  authorized: AuthorizedWrite,
  tx: Transaction,
  keys: readonly KeyCells[],
): Promise<EngineResult> {
  const {
    context: { authorization, plans },
    resource,
  } = authorized
  if (keys.length === 0) return readBackRows(authorized, tx, keys)
  const rows = rowsOfKeys(authorization, resource, keys)
  const request = writeRequest(authorized, rows, rowChecks(authorized))
  const written = await updateRows(tx, plans, request)
  if (written.length !== keys.length) throw new Error('A locked row was not there to be updated.')
  for (const { checks } of written) checkWrittenRow(authorized, checks)
  return readBackRows(authorized, tx, keys)
}

async function remove(
  authorized: AuthorizedWrite,
  tx: Transaction,
  keys: readonly KeyCells[],
): Promise<EngineResult> {
  const {
    context: { authorization, plans },
    resource,
  } = authorized
  const before = await readBackRows(authorized, tx, keys)
  if (keys.length > 0)
    await deleteRows(tx, plans, {
      ...writeRequest(authorized, rowsOfKeys(authorization, resource, keys), []),
      set: [],
    })
  return before
}
