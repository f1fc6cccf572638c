// Watches whether the database still has what the model declares. Where it lacks something, the rest is served.
import type { FastifyBaseLogger } from 'fastify'
import { findDrift } from '../db/catalog/drift.ts'
import type { Database } from '../db/database.ts'
import type { Model } from '../schema/model/model.ts'

export interface DriftWatch {
  /** Compares model and database now. Never rejects: a database that does not answer is readiness's to tell. */
  readonly look: () => Promise<void>
  /** The same where the last look is too old to be relied on. */
  readonly refresh: () => Promise<void>
  /** Whether the last look found that something is missing. */
  readonly isDegraded: () => boolean
  /** What the last look found missing, in sentences with the names of tables and columns. */
  readonly missing: () => readonly string[]
}

/** Milliseconds that a look is relied on: while all is well, and while something is missing. */
const GOOD_FOR_MS = 30_000
const BAD_FOR_MS = 1000

export function openDriftWatch(
  database: Database,
  model: Model,
  log: () => FastifyBaseLogger,
): DriftWatch {
  let lines: readonly string[] = []
  let isSuspected = true // until the first look
  let hasFailed = false // which is said once
  let lookedAt = 0
  let looking: Promise<void> | null = null

  const compare = async (): Promise<void> => {
    isSuspected = false
    const found = await findDrift(database, model)
    hasFailed = false
    if (found.lines.join() !== lines.join()) tell(log(), found.lines)
    lines = found.lines
    if (database.gate !== undefined) database.gate.refuses = refusal(found.mistyped)
  }
  const look = (): Promise<void> => {
    looking ??= compare()
      .catch((error: unknown) => {
        isSuspected = true
        if (!hasFailed)
          log().warn({ err: error }, 'the database could not be compared with the model')
        hasFailed = true
      })
      .finally(() => {
        lookedAt = performance.now()
        looking = null
      })
    return looking
  }
  const refresh = async (): Promise<void> => {
    const isBad = isSuspected || lines.length > 0
    if (lookedAt === 0 || performance.now() - lookedAt > (isBad ? BAD_FOR_MS : GOOD_FOR_MS))
      await look()
  }
  if (database.gate !== undefined)
    database.gate.onMissing = () => {
      isSuspected = true
      setImmediate(() => void refresh()) // outside of the transaction that has met it
    }
  return { look, refresh, isDegraded: () => lines.length > 0, missing: () => lines }
}

function tell(log: FastifyBaseLogger, drift: readonly string[]): void {
  if (drift.length === 0) return log.warn('the database has all that is declared again')
  log.warn({ drift }, 'the database lacks what is declared: it is not served')
}

/** Finds statements about tables with columns of other types, which would not fail and would write wrong values. */
function refusal(tables: readonly string[]): ((text: string) => boolean) | null {
  if (tables.length === 0) return null
  const uses = tables.flatMap((name) => CLAUSES.map((clause) => `${clause} ${name} `))
  return (text) => uses.some((use) => text.includes(use))
}

/** What stands before a table in the statements of plans. */
const CLAUSES = ['from', 'join', 'into', 'update', 'using']
