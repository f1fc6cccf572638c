// What one request asked of the database: how many statements were sent for it, and the time until their answers.

/** The count of one request, for its line in the log. */
export interface RequestStatements {
  /** Statements that were sent, each time that they were. Those that go ahead of another one (BEGIN, SAVEPOINT) count with it. */
  sent: number
  /** Milliseconds from sending each to its answer, summed: of statements that run side by side it is more than the time that has passed. */
  ms: number
}

const count = Symbol('bifrons.statements')

/** Each request has a signal of its own, which all of its statements have already: the count goes with it. */
type CountingSignal = AbortSignal & { [count]?: RequestStatements }

/** Counts the statements of the request of a signal from now on. */
export function countStatements(signal: CountingSignal): RequestStatements {
  const statements = { sent: 0, ms: 0 }
  signal[count] = statements
  return statements
}

/** Null where nothing counts. */
export const statementsOf = (signal: CountingSignal | undefined): RequestStatements | null =>
  signal?.[count] ?? null
