// A database whose statements have spans: what kind they are, never their text or values.
import type { Database, Session, Statement, Transaction } from '../../db/database.ts'

type InSpan = <T>(
  name: string,
  attributes: Readonly<Record<string, string>>,
  work: () => Promise<T>,
) => Promise<T>

export function traceStatements(database: Database, inSpan: InSpan): Database {
  return Object.freeze({
    ...database,
    ...traceSession(database, inSpan),
    transaction: <T>(work: (tx: Transaction) => Promise<T>, options?: object) =>
      inSpan('transaction', {}, () =>
        database.transaction((tx) => work(traceTransaction(tx, inSpan)), options),
      ),
  })
}

/** A view of it, as its handle for Drizzle is built on first use. */
const traceTransaction = (tx: Transaction, inSpan: InSpan): Transaction =>
  Object.defineProperties(
    Object.create(tx) as Transaction,
    Object.getOwnPropertyDescriptors(traceSession(tx, inSpan)),
  )

const traceSession = (session: Session, inSpan: InSpan): Session => ({
  read: (statement, take, options) =>
    around(inSpan, statement, () => session.read(statement, take, options)),
  write: (statement, take, options) =>
    around(inSpan, statement, () => session.write(statement, take, options)),
  query: (statement, options) => around(inSpan, statement, () => session.query(statement, options)),
})

function around<T>(inSpan: InSpan, { text, name }: Statement, work: () => Promise<T>): Promise<T> {
  const verb = /^\w+/.exec(text.trimStart())?.[0].toUpperCase() ?? 'STATEMENT'
  const plan = name === undefined ? {} : { 'bifrons.plan': name }
  return inSpan(verb, { 'db.operation.name': verb, ...plan }, work)
}
