// Whether the database answers, for readiness.
import type { RunOptions, Session } from '../database.ts'
import type { Connections } from '../run/connection.ts'
import { toDatabaseProblem } from '../sqlstate.ts'

/** A pool that is merely busy is no reason to send traffic elsewhere. */
export async function probe(
  connections: Connections,
  session: Session,
  options: RunOptions | undefined,
): Promise<void> {
  const knock = (): Promise<void> =>
    connections.knock().catch((error: unknown) => {
      throw toDatabaseProblem(error)
    })
  if (connections.isBusy()) return knock()
  try {
    await session.query({ text: 'select 1', values: [] }, options)
  } catch (error) {
    if (!connections.isBusy()) throw error
    await knock() // it has become busy meanwhile
  }
}
