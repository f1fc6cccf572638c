// Several operations, all or nothing: they share one transaction.
import type { TransactionOptions } from '../../db/database.ts'
import { joinTransaction } from '../../db/run/joined-transaction.ts'
import { Problem } from '../../errors.ts'
import type { Engine } from '../engine.ts'

/**
 * Runs work whose operations share one transaction: those that run on the engine that it is given. When it throws, nothing
 * of them is left; it runs again when the database asks for that, so it has no effect outside.
 * @param count how many operations there are
 * @throws Problem TOO_COMPLEX, before anything was done
 */
export async function runTogether<T>(
  engine: Engine,
  count: number,
  work: (engine: Engine) => Promise<T>,
  options?: TransactionOptions,
): Promise<T> {
  const { database, limits } = engine
  if (count > limits.together)
    throw new Problem(
      'TOO_COMPLEX',
      `The request holds ${count} operations; at most ${limits.together} are done together.`,
    )
  return database.transaction(
    (tx) => work({ ...engine, database: joinTransaction(database, tx) }),
    options,
  )
}
