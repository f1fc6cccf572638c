// The database as seen from inside a transaction: a transaction on it is a part of that one.
import type { Database, Transaction } from '../database.ts'
import { toFailure } from '../sqlstate.ts'

/**
 * Everything runs on `tx`; a transaction in it is a savepoint, so that one that fails leaves the connection usable and
 * leaves nothing written, and so is a statement that writes. Statements that are sent together still run one after the other.
 * @param onUse called each time that something is asked of the database
 */
export function joinTransaction(
  database: Database,
  tx: Transaction,
  onUse: () => void = () => {},
): Database {
  const inSavepoint = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
    onUse()
    tx.defer(SAVE)
    try {
      const result = await work(tx)
      tx.defer(RELEASE)
      return result
    } catch (error) {
      tx.defer(ROLL_BACK)
      tx.defer(RELEASE)
      throw toFailure(error) // as the end of a transaction does
    }
  }
  return {
    kind: database.kind,
    joined: database,
    openCursor: null, // the connection is the transaction's
    read(statement, take, options) {
      onUse()
      return tx.read(statement, take, options)
    },
    write: (statement, take, options) => inSavepoint(() => tx.write(statement, take, options)),
    query(statement, options) {
      onUse()
      return tx.query(statement, options)
    },
    get drizzle() {
      onUse()
      return tx.drizzle
    },
    transaction: (work) => inSavepoint(work),
    probe: () => database.probe(),
    close: async () => {},
  }
}

/** Each hides the one around it until it is released. */
const SAVE = { text: 'SAVEPOINT bifrons', values: [] }
const RELEASE = { text: 'RELEASE SAVEPOINT bifrons', values: [] }
const ROLL_BACK = { text: 'ROLLBACK TO SAVEPOINT bifrons', values: [] }
