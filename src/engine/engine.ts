// What requests run on: the model, the database and the plans, opened once and shared by both faces.
import type { Database } from '../db/database.ts'
import { createPlanCache, type PlanCache, type PlanCacheLimits } from '../db/plan/cache.ts'
import type { Model } from '../schema/model/model.ts'
import { buildShapes, type Shapes } from '../schema/inputs/standard-inputs.ts'
import { defaultLimits, type Limits } from './parse/limits.ts'
import { openProfiles, type ProfileOf } from './authorize/caller-profile.ts'

/** Everything a request runs on: built once, shared by both faces. */
export interface Engine {
  readonly model: Model
  readonly shapes: Shapes
  /** Schemas of policies' filters. */
  readonly inner: Shapes
  readonly database: Database
  readonly plans: PlanCache
  /** Reads whose form and shape were met before: see prepared.ts. */
  readonly prepared: PlanCache
  readonly profileOf: ProfileOf
  readonly limits: Limits
}

export interface EngineOptions {
  readonly model: Model
  readonly database: Database
  readonly limits?: Partial<Limits>
  readonly planCache?: PlanCacheLimits
}

export function openEngine({ model, database, limits, planCache }: EngineOptions): Engine {
  return Object.freeze({
    model, database,
    shapes: buildShapes(model),
    inner: buildShapes(model, 'inner'),
    plans: createPlanCache(planCache),
    prepared: createPlanCache(planCache),
    profileOf: openProfiles(model),
    limits: { ...defaultLimits, ...limits },
  })
}
