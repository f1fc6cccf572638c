// Several creates at once, all of them or none: one statement for all rows, and where it fails, one for each row, to say
// which of them is wrong.
import type { RunOptions, Transaction } from '../../db/database.ts'
import { type Condition, TRUE } from '../../db/plan/read-request.ts'
import { insertRows, lookAtRows } from '../../db/plan/write-many.ts'
import { sqlstateOf } from '../../db/sqlstate.ts'
import { type Issue, Problem, withIssues } from '../../errors.ts'
import type { ForeignKey } from '../../schema/model/model.ts'
import { refusal, throwRefused } from '../authorize/authorization.ts'
import { nameBrokenRule } from '../diagnose/constraint-errors.ts'
import { decide, toCondition } from '../authorize/evaluate-policy.ts'
import { assignments, foreignKeyChecks, type Judged, judgeReadBack, type WriteContext, writeRequest } from '../authorize/authorize-write.ts'
import type { EngineResult } from '../result.ts'
import { hasNested, writeNestedRows } from './nested-create.ts'
import { fillOwn } from '../authorize/owner-columns.ts'
import { invalid } from '../parse/parse-request.ts'
import { type KeyCells, readRows, rowsOfKeys } from './read-back.ts'
import { insert, judgeConflict, judgeWritten } from './row-steps.ts'

/** What holds of all rows, and each of them as a create of its own. */
interface JudgedRows {
  readonly all: Judged
  readonly rows: readonly Judged[]
}

export async function createMany(context: WriteContext): Promise<EngineResult> {
  const options: RunOptions = context.signal === undefined ? {} : { signal: context.signal }
  if (hasNested(context)) return writeNestedRows(context, options)
  const judged = judgeRows(context)
  try {
    return await context.database.transaction((tx) => createTogether(judged, tx), options)
  } catch (error) {
    if (!isAboutRow(error)) throw error
    return createEach(judged, options)
  }
}

/** A value that does not fit, a broken constraint, a trigger's no: of which row, the database does not say. */
const isAboutRow = (error: unknown): boolean => /^(2[23]|P0001)/.test(sqlstateOf(error) ?? '')

function judgeRows(context: WriteContext): JudgedRows {
  const { asking, operation: { resource }, parsed } = context
  const decision = decide(asking, resource.access.create, resource)
  if (decision === false) throw refusal(asking.caller, `You may not create ${resource.plural}.`)
  const inputs = parsed.input as readonly Readonly<Record<string, unknown>>[] // a list by its schema
  const filled = inputs.map((input, i) => fillOwn(asking, resource, { input, decision, at: [i] }))
  const missing = filled.flatMap((row) => row.missing)
  if (missing.length > 0) throw invalid(missing)
  const given = inputs.map((input, i) => ({
    set: [...assignments(asking, resource, input, [i]), ...filled[i]?.set ?? []], foreignKeys: foreignKeyChecks(asking, resource, filled[i]?.input ?? input),
  }))
  const all: Judged = { context, resource, allowed: toCondition(decision), set: [], linked: [], foreignKeys: [], back: judgeReadBack(context) }
  throwRefused(asking)
  if (parsed.invalid.length > 0) throw invalid(parsed.invalid)
  return { all, rows: given.map((row) => ({ ...all, ...row })) }
}

async function createTogether({ all, rows }: JudgedRows, tx: Transaction): Promise<EngineResult> {
  const { plans } = all.context
  const written = await insertRows(tx, plans, writeRequest(all, null, []), rows.map(({ set }) => set))
  const keys = written.map(({ key }) => key)
  await judgeAll({ all, rows }, tx, keys)
  return readRows(all, tx, keys)
}

/** The policy and the foreign keys of each row, once all of them are there: rows may refer to each other. */
async function judgeAll({ all, rows }: JudgedRows, tx: Transaction, keys: readonly KeyCells[]): Promise<void> {
  const { context: { asking, plans }, resource } = all
  const references = new Map(rows.flatMap(({ foreignKeys }) => foreignKeys.map(({ foreignKey, check }) => [foreignKey, check] as const)))
  if ((all.allowed === TRUE && references.size === 0) || keys.length === 0) return
  const checks: readonly Condition[] = [all.allowed, ...references.values()]
  const order = [...references.keys()]
  const seen = await lookAtRows(tx, plans, writeRequest(all, rowsOfKeys(asking, resource, keys), checks))
  const byKey = new Map(seen.map((row) => [JSON.stringify(row.key), row.checks]))
  for (const [i, row] of rows.entries()) {
    const answers = byKey.get(JSON.stringify(keys[i])) ?? []
    const holds = (foreignKey: ForeignKey): boolean => answers[1 + order.indexOf(foreignKey)] === true
    await inRow(i, () => judgeWritten(row, [answers[0] === true, ...row.foreignKeys.map(({ foreignKey }) => holds(foreignKey))]))
  }
}

/** Row by row: what the one statement for all of them did not say. Where it is right after all, it is written. */
async function createEach({ all, rows }: JudgedRows, options: RunOptions): Promise<EngineResult> {
  let at: number | null = null
  try {
    return await all.context.database.transaction(async (tx) => {
      const keys: KeyCells[] = []
      for (const [i, row] of rows.entries()) {
        at = i
        keys.push((await insert(row, tx)).key)
      }
      at = null
      return readRows(all, tx, keys)
    }, options)
  } catch (error) {
    const row = at === null ? undefined : rows[at]
    if (at === null || row === undefined) throw await nameBrokenRule(all.context.database, error, all.resource)
    return inRow(at, async () => {
      await judgeConflict(row, null, error)
      throw await nameBrokenRule(row.context.database, error, row.resource)
    })
  }
}

/** What is wrong with a row, at its place in the list. */
async function inRow<T>(index: number, judge: () => T | Promise<T>): Promise<T> {
  try {
    return await judge()
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error // that is no row's fault
    const { code, message } = error
    const whole: Issue = { in: 'input', path: [], code: code.toLowerCase(), message }
    throw withIssues(error, (error.issues.length === 0 ? [whole] : error.issues).map((issue): Issue => ({ ...issue, path: [index, ...issue.path] })))
  }
}
