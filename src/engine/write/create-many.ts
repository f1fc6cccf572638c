// Several creates at once, all of them or none: one statement for all rows, and where it fails, one for each row, to say
// which of them is wrong.
import type { Transaction } from '../../db/database.ts'
import { type Condition, TRUE } from '../../db/plan/read-request.ts'
import { insertRows, lookAtRows } from '../../db/plan/write-many.ts'
import { sqlstateOf } from '../../db/sqlstate.ts'
import { type Issue, Problem, withIssues } from '../../errors.ts'
import type { ForeignKey } from '../../schema/model/model.ts'
import { describeConstraintError } from '../diagnose/constraint-errors.ts'
import { authorizeFrame, authorizeRows } from '../authorize/authorize-write.ts'
import { writeRequest } from '../authorize/row-conditions.ts'
import {
  type AuthorizedWrite,
  NO_CHANGES,
  type WriteContext,
  type WriteFrame,
} from '../authorize/write-context.ts'
import { runOptions } from '../request.ts'
import type { EngineResult } from '../result.ts'
import { hasNested, writeNestedRows } from './nested-create.ts'
import { inTransaction } from './in-transaction.ts'
import { type KeyCells, readBackRows, rowsOfKeys } from './read-back.ts'
import { insert, checkConflict, checkWrittenRow } from './row-steps.ts'

/** What holds of all rows, and each of them as a create of its own. */
interface AuthorizedCreates {
  readonly frame: WriteFrame
  readonly rows: readonly AuthorizedWrite[]
}

export async function createMany(context: WriteContext): Promise<EngineResult> {
  if (hasNested(context)) return writeNestedRows(context)
  const authorized = authorizeCreates(context)
  try {
    return await context.database.transaction(
      (tx) => createTogether(authorized, tx),
      runOptions(context),
    )
  } catch (error) {
    if (!isAboutRow(error)) throw error
    return createEach(authorized)
  }
}

/** A value that does not fit, a broken constraint, a trigger's no: of which row, the database does not say. */
const isAboutRow = (error: unknown): boolean => /^(2[23]|P0001)/.test(sqlstateOf(error) ?? '')

function authorizeCreates(context: WriteContext): AuthorizedCreates {
  const rows = authorizeRows(
    context,
    'create',
    context.parsed.rows.map(({ values }, i) => ({ values, path: [i], links: [] })),
  )
  return { frame: rows[0] ?? authorizeFrame(context, true), rows }
}

async function createTogether(
  authorized: AuthorizedCreates,
  tx: Transaction,
): Promise<EngineResult> {
  const { frame, rows } = authorized
  const written = await insertRows(
    tx,
    frame.context.plans,
    writeRequest({ ...frame, ...NO_CHANGES }, null, []),
    rows.map(({ set }) => set),
  )
  const keys = written.map(({ key }) => key)
  await checkWrittenRows(authorized, tx, keys)
  return readBackRows(frame, tx, keys)
}

/** The policy and the foreign keys of each row, once all of them are there: rows may refer to each other. */
async function checkWrittenRows(
  { frame, rows }: AuthorizedCreates,
  tx: Transaction,
  keys: readonly KeyCells[],
): Promise<void> {
  const {
    context: { authorization, plans },
    resource,
    allowed,
  } = frame
  const references = new Map(
    rows.flatMap(({ foreignKeys }) =>
      foreignKeys.map(({ foreignKey, check }) => [foreignKey, check] as const),
    ),
  )
  if ((allowed === TRUE && references.size === 0) || keys.length === 0) return
  const checks: readonly Condition[] = [allowed, ...references.values()]
  const order = [...references.keys()]
  const seen = await lookAtRows(
    tx,
    plans,
    writeRequest({ ...frame, ...NO_CHANGES }, rowsOfKeys(authorization, resource, keys), checks),
  )
  const byKey = new Map(seen.map((row) => [JSON.stringify(row.key), row.checks]))
  for (const [i, row] of rows.entries()) {
    const answers = byKey.get(JSON.stringify(keys[i])) ?? []
    const holds = (foreignKey: ForeignKey): boolean =>
      answers[1 + order.indexOf(foreignKey)] === true
    await inRow(i, () =>
      checkWrittenRow(row, [
        answers[0] === true,
        ...row.foreignKeys.map(({ foreignKey }) => holds(foreignKey)),
      ]),
    )
  }
}

/** Row by row: what the one statement for all of them did not say. Where it is right after all, it is written. */
async function createEach({ frame, rows }: AuthorizedCreates): Promise<EngineResult> {
  let at: number | null = null
  return inTransaction(
    frame.context,
    async (tx) => {
      const keys: KeyCells[] = []
      for (const [i, row] of rows.entries()) {
        at = i
        keys.push((await insert(row, tx)).key)
      }
      at = null
      return readBackRows(frame, tx, keys)
    },
    async (error) => {
      const row = at === null ? undefined : rows[at]
      if (at === null || row === undefined) return
      await inRow(at, async () => {
        await checkConflict(row, null, error)
        throw await describeConstraintError(row.context.database, error, row.resource)
      })
    },
  )
}

/** What is wrong with a row, at its place in the list. */
async function inRow<T>(index: number, judge: () => T | Promise<T>): Promise<T> {
  try {
    return await judge()
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error // that is no row's fault
    const { code, message } = error
    const whole: Issue = { in: 'input', path: [], code: code.toLowerCase(), message }
    throw withIssues(
      error,
      (error.issues.length === 0 ? [whole] : error.issues).map((issue): Issue => ({
        ...issue,
        path: [index, ...issue.path],
      })),
    )
  }
}
