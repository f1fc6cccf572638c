// What requests run on: the model, the database and the plans, opened once and shared by both faces.
import { type Budget, openBudget } from '../bounded-map.ts'
import type { Database } from '../db/database.ts'
import {
  createPlanCache,
  defaultPlanLimits,
  type PlanCache,
  type PlanCacheLimits,
} from '../db/plan/cache.ts'
import type { Model } from '../schema/model/model.ts'
import { buildInputSchemas, type InputSchemas } from '../schema/inputs/input-schemas.ts'
import { defaultLimits, type Limits } from './parse/limits.ts'
import {
  defaultExportSettings,
  type ExportPlaces,
  type ExportSettings,
  openExportPlaces,
} from './charge/export-places.ts'
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
  readonly cacheBudget: Budget
  readonly profileOf: ProfileOf
  readonly limits: Limits
  readonly exports: ExportPlaces
}

/** Plans and prepared reads, 8 MiB each; GraphQL documents, 60 MiB. Read queries and query strings of REST share the rest. */
const CACHE_BUDGET_BYTES = 76 * 1024 * 1024

export interface EngineOptions {
  readonly model: Model
  readonly database: Database
  readonly limits?: Partial<Limits>
  readonly planCache?: PlanCacheLimits
  readonly exports?: Partial<ExportSettings>
}

export function openEngine({
  model,
  database,
  limits,
  planCache = defaultPlanLimits,
  exports,
}: EngineOptions): Engine {
  const cacheBudget = openBudget(CACHE_BUDGET_BYTES)
  const bounds = { ...planCache, budget: cacheBudget }
  return Object.freeze({
    model,
    database,
    cacheBudget,
    inputSchemas: buildInputSchemas(model),
    inner: buildInputSchemas(model, 'inner'),
    plans: createPlanCache(bounds),
    prepared: createPlanCache(bounds),
    profileOf: openProfiles(model),
    limits: { ...defaultLimits, ...limits },
    exports: openExportPlaces({ ...defaultExportSettings, ...exports }),
  })
}
