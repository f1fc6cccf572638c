// One transaction around a write; an error of the database is told in the words of the model.
import type { Transaction } from '../../db/database.ts'
import type { WriteContext } from '../authorize/authorize-write.ts'
import { describeConstraintError } from '../diagnose/constraint-errors.ts'
import { withSignal } from '../request.ts'

/**
 * Runs the work in a transaction of its own, or in the one that the request has already.
 * @param judge throws what the caller has to be told before the database's own error
 */
export async function inTransaction<T>(
  context: WriteContext,
  work: (tx: Transaction) => Promise<T>,
  judge: (error: unknown) => Promise<void>,
): Promise<T> {
  try {
    return await context.database.transaction(work, withSignal(context))
  } catch (error) {
    await judge(error)
    throw await describeConstraintError(context.database, error, context.operation.resource)
  }
}
