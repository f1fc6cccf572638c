// One transaction around a write; an error of the database is described in the words of the model.
import type { Transaction } from '../../db/database.ts'
import type { WriteContext } from '../authorize/write-context.ts'
import { describeConstraintError } from '../diagnose/constraint-errors.ts'
import { runOptions } from '../request.ts'

/**
 * Runs the work in a transaction of its own, or in the one that the request has already.
 * @param checkError throws a problem that comes before the database's own error
 */
export async function inTransaction<T>(
  context: WriteContext,
  work: (tx: Transaction) => Promise<T>,
  checkError: (error: unknown) => Promise<void>,
): Promise<T> {
  try {
    return await context.database.transaction(work, runOptions(context))
  } catch (error) {
    await checkError(error)
    throw await describeConstraintError(context.database, error, context.operation.resource)
  }
}
