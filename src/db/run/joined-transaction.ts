// The database as seen from inside a transaction: a transaction on it is a part of that one.
import type { Database, Transaction } from '../database.ts'
import { toFailure } from '../sqlstate.ts'

/**
 * Everything runs on `tx`; a transaction in it is a savepoint, so that one that fails leaves the connection usable and
 * leaves nothing written. Statements that are sent together still run one after the other.
 */
export function joinTransaction({ kind }: Database, tx: Transaction): Database {
  return {
    kind,
    joined: true,
    openCursor: null, // the connection is the transaction's
    read: (statement, take, options) => tx.read(statement, take, options),
    write: (statement, take, options) => tx.write(statement, take, options),
    query: (statement, options) => tx.query(statement, options),
    get drizzle() {
      return tx.drizzle
    },
    async transaction(work) {
      await tx.query(SAVE)
      try {
        const result = await work(tx)
        await tx.query(RELEASE)
        return result
      } catch (error) {
        await tx
          .query(ROLL_BACK)
          .then(() => tx.query(RELEASE))
          .catch(() => {}) // the connection is lost: the first error is about that
        throw toFailure(error) // as the end of a transaction does
      }
    },
    close: async () => {},
  }
}

/** Each hides the one around it until it is released. */
const SAVE = { text: 'SAVEPOINT bifrons', values: [] }
const RELEASE = { text: 'RELEASE SAVEPOINT bifrons', values: [] }
const ROLL_BACK = { text: 'ROLLBACK TO SAVEPOINT bifrons', values: [] }
