// Health: is this process alive, and should it get traffic?
import type { FastifyInstance } from 'fastify'
import type { Database } from '../../db/database.ts'
import { Problem } from '../../errors.ts'

/** What is true of the process as a whole; lifecycle.ts turns it when it is told to stop. */
export interface ServerState {
  stopping: boolean
  /** Whether the database was not there at the start, and has not been checked since. */
  waiting?: boolean
}

const PROBE_TIMEOUT_MS = 1000
/** Probes within this time share one look at the database, so that a flood of them is no load. */
const PROBE_FRESH_MS = 1000

export function serveHealth(
  app: FastifyInstance,
  database: Pick<Database, 'probe'>,
  state: ServerState,
): void {
  const probe = buildProbe(database)
  app.get('/healthz', { config: { quiet: true } }, async (_request, reply) => {
    reply.header('cache-control', 'no-store')
    return { status: 'ok' }
  })
  app.get('/readyz', { config: { quiet: true } }, async (_request, reply) => {
    reply.header('cache-control', 'no-store')
    if (state.stopping) throw new Problem('UNAVAILABLE', 'This process is shutting down.')
    if (state.waiting === true)
      throw new Problem('UNAVAILABLE', 'This process waits for its database.')
    await probe()
    return { status: 'ready' }
  })
}

function buildProbe(database: Pick<Database, 'probe'>): () => Promise<void> {
  let latest: { readonly at: number; readonly answer: Promise<void> } | undefined
  return () => {
    const now = performance.now() // monotonic: the wall clock may be set back
    if (latest === undefined || now - latest.at > PROBE_FRESH_MS)
      latest = { at: now, answer: look(database) }
    return latest.answer
  }
}

async function look(database: Pick<Database, 'probe'>): Promise<void> {
  try {
    await database.probe({ signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
  } catch (error) {
    throw new Problem('UNAVAILABLE', 'The database does not answer.', { cause: error })
  }
}
