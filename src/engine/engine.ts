// What requests run on: the model, the database and the plans, opened once and shared by both faces.
import { type Budget as CacheBudget, openBudget } from '../bounded-map.ts'
import type { Database } from '../db/database.ts'
import {
  createPlanCache,
  defaultPlanLimits,
  type PlanCache,
  type PlanCacheLimits,
} from '../db/plan/cache.ts'
import type { Model } from '../schema/model/model.ts'
import { buildInputSchemas, type InputSchemas } from '../schema/inputs/input-schemas.ts'
import type { Budget } from './charge/budget.ts'
import { defaultLimits, type Limits } from './parse/limits.ts'
import { openProfiles, type ProfileOf } from './authorize/caller-profile.ts'

/** Everything a request runs on: built once, shared by both faces. */
export interface Engine {
  readonly model: Model
  readonly inputSchemas: InputSchemas
  /** Schemas of policies' filters. */
  readonly inner: InputSchemas
  readonly database: Database
  readonly plans: PlanCache
  /** Reads and writes by their fingerprints: see prepare-read.ts and prepared-write.ts. */
  readonly prepared: PlanCache
  /** Bounds all caches of what requests asked for, on both faces, by their estimated bytes. */
  readonly cacheBudget: CacheBudget
  readonly profileOf: ProfileOf
  readonly limits: Limits
  /** What requests are charged to; null: their points are limited, and nobody pays. */
  readonly budget: Budget | null
}

/** Plans and prepared reads, 8 MiB each; GraphQL documents, 60 MiB. Read queries and query strings of REST share the rest. */
const CACHE_BUDGET_BYTES = 76 * 1024 * 1024

export interface EngineOptions {
  readonly model: Model
  readonly database: Database
  readonly limits?: Partial<Limits>
  readonly planCache?: PlanCacheLimits
  readonly budget?: Budget | null
}

export function openEngine({
  model,
  database,
  limits,
  planCache = defaultPlanLimits,
  budget = null,
}: EngineOptions): Engine {
  const cacheBudget = openBudget(CACHE_BUDGET_BYTES)
  const bounds = { ...planCache, budget: cacheBudget }
  return Object.freeze({
    model,
    database,
    cacheBudget,
    budget,
    inputSchemas: buildInputSchemas(model),
    inner: buildInputSchemas(model, 'inner'),
    plans: createPlanCache(bounds),
    prepared: createPlanCache(bounds),
    profileOf: openProfiles(model),
    limits: { ...defaultLimits, ...limits },
  })
}
