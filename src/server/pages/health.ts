// Health: is this process alive, and should it get traffic?
import type { FastifyBaseLogger, FastifyInstance, FastifyReply } from 'fastify'
import type { Database } from '../../db/database.ts'
import { Problem } from '../../errors.ts'
import { type ReadinessState, unreadyReasons } from '../admin/heartbeat.ts'
import type { DriftWatch } from '../drift.ts'
import { sendProblem } from '../http/error-handler.ts'

/** What is true of the process as a whole; lifecycle.ts turns it when it is told to stop. */
export interface ServerState {
  stopping: boolean
  /** Whether the database was not there at the start, and has not been checked since. */
  waiting?: boolean
  /** Absent where no one watches. */
  drift?: Pick<DriftWatch, 'refresh' | 'isDegraded' | 'missing'>
}

const PROBE_TIMEOUT_MS = 1000
/** Probes within this time share one look at the database, so that a flood of them is no load. */
const PROBE_FRESH_MS = 1000

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the process should get traffic. Never rejects. */
    readiness: () => Promise<ReadinessState>
  }
}

/** Probes have no line in the log; the log says when readiness is lost and when it comes back. */
export function serveHealth(
  app: FastifyInstance,
  database: Pick<Database, 'probe'>,
  state: Readonly<ServerState>,
): void {
  const readiness = openReadiness(database, state, () => app.log)
  app.decorate('readiness', readiness)
  app.get('/healthz', { config: { quiet: true } }, async (_request, reply) =>
    notStored(reply).send({ status: 'ok' }),
  )
  app.get('/readyz', { config: { quiet: true } }, async (request, reply) => {
    const found = await readiness()
    return found === 'ready' || found === 'degraded'
      ? notStored(reply).send({ status: found })
      : sendProblem(new Problem('UNAVAILABLE', unreadyReasons[found]), request, reply)
  })
}

const notStored = (reply: FastifyReply): FastifyReply => reply.header('cache-control', 'no-store')

function openReadiness(
  database: Pick<Database, 'probe'>,
  state: Readonly<ServerState>,
  log: () => FastifyBaseLogger,
): () => Promise<ReadinessState> {
  let latest: { readonly at: number; readonly answer: Promise<ReadinessState> } | undefined
  let isReady = true
  const look = async (): Promise<ReadinessState> => {
    const fault = await findFault(database)
    if (isReady && fault !== null) log().warn({ err: fault }, 'not ready')
    if (!isReady && fault === null) log().warn('ready again')
    isReady = fault === null
    if (!isReady) return 'database'
    await state.drift?.refresh()
    return state.drift?.isDegraded() === true ? 'degraded' : 'ready'
  }
  return async () => {
    if (state.stopping) return 'stopping'
    if (state.waiting === true) return 'waiting'
    const now = performance.now() // monotonic: the wall clock may be set back
    if (latest === undefined || now - latest.at > PROBE_FRESH_MS)
      latest = { at: now, answer: look() }
    return latest.answer
  }
}

/** What the database failed with; null where it answers. */
async function findFault(database: Pick<Database, 'probe'>): Promise<unknown> {
  try {
    await database.probe({ signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
    return null
  } catch (error) {
    return error
  }
}
