// Create, update, delete: one statement where one can express the write, else the steps of a transaction.
import { describeConstraintError } from '../diagnose/constraint-errors.ts'
import { authorizeWrite } from '../authorize/authorize-write.ts'
import type { WriteContext } from '../authorize/write-context.ts'
import { hasNested, writeNested } from './nested-create.ts'
import { runOptions } from '../request.ts'
import type { EngineResult } from '../result.ts'
import { findWrite, runSingleStatement, runPrepared } from './single-statement.ts'
import { checkOwnConflict, works } from './row-steps.ts'

export async function write(context: WriteContext): Promise<EngineResult> {
  const {
    operation: { standard, resource },
    database,
  } = context
  const options = runOptions(context)
  if (hasNested(context)) return writeNested(context)
  const known = findWrite(context)
  let authorized = known === null ? authorizeWrite(context) : null
  try {
    const alone =
      authorized === null
        ? known !== null && (await runPrepared(context, known, options))
        : await runSingleStatement(authorized, options)
    if (alone !== false) return alone
    const asked = (authorized ??= authorizeWrite(context))
    const work = works[standard as keyof typeof works] // the dispatcher sends no others
    return await database.transaction((tx) => work(asked, tx), options)
  } catch (error) {
    await checkOwnConflict(authorized ?? authorizeWrite(context), error)
    throw await describeConstraintError(database, error, resource)
  }
}
