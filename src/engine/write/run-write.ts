// Create, update, delete: one statement where it can say everything, else the steps of a transaction.
import { nameBrokenRule } from '../diagnose/constraint-errors.ts'
import { judgeWrite, type WriteContext } from '../authorize/authorize-write.ts'
import { hasNested, writeNested } from './nested-create.ts'
import { withSignal } from '../request.ts'
import type { EngineResult } from '../result.ts'
import { findWrite, runAlone, runPrepared } from './single-statement.ts'
import { judgeOwnConflict, works } from './row-steps.ts'

export async function write(context: WriteContext): Promise<EngineResult> {
  const {
    operation: { standard, resource },
    database,
  } = context
  const options = withSignal(context)
  if (hasNested(context)) return writeNested(context)
  const known = database.joined ? null : findWrite(context)
  let judged = known === null ? judgeWrite(context) : null
  try {
    const alone =
      judged === null
        ? known !== null && (await runPrepared(context, known, options))
        : !database.joined && (await runAlone(judged, options))
    if (alone !== false) return alone
    const asked = (judged ??= judgeWrite(context))
    const work = works[standard as keyof typeof works] // the dispatcher sends no others
    return await database.transaction((tx) => work(asked, tx), options)
  } catch (error) {
    await judgeOwnConflict(judged ?? judgeWrite(context), error)
    throw await nameBrokenRule(database, error, resource)
  }
}
