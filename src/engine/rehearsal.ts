// An engine that gets as far as the database and no further: it finds out what a request is refused for in a caller's own model.
import { openBudget } from '../cache-budget.ts'
import type { Database } from '../db/database.ts'
import { createPlanCache } from '../db/plan/cache.ts'
import type { Engine } from './engine.ts'
import type { CallerView } from './names/open-names.ts'

/** Thrown where a request would be run: nothing is wrong with its names. */
export class WouldRun extends Error {
  override readonly name = 'WouldRun'
}

const stop = (): Promise<never> => Promise.reject(new WouldRun('A rehearsal runs nothing.'))

/** Few plans are kept: they are made for requests that are refused. */
const CACHE_BYTES = 256 * 1024

const known = new WeakMap<CallerView, Engine>()

/** Opened once for each view. */
export function rehearsalOf(engine: Engine, view: CallerView): Engine {
  const before = known.get(view)
  if (before !== undefined) return before
  const budget = openBudget(CACHE_BYTES)
  const { kind } = engine.database
  const database: Database = {
    kind,
    drizzle: undefined,
    read: stop,
    write: stop,
    query: stop,
    transaction: stop,
    openCursor: stop,
    probe: stop,
    close: () => Promise.resolve(),
  }
  const opened: Engine = Object.freeze({
    ...engine,
    model: view.model,
    inputSchemas: view.inputSchemas,
    database,
    names: null,
    budget: null,
    plans: createPlanCache({ budget }),
    prepared: createPlanCache({ budget }),
    cacheBudget: budget,
  })
  known.set(view, opened)
  return opened
}
