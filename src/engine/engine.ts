// What requests run on: the model, the database and the plans, opened once and shared by both faces.
import { type Budget as CacheBudget, heapOfText, openBudget } from '../cache-budget.ts'
import type { Database } from '../db/database.ts'
import { createPlanCache, type PlanCache } from '../db/plan/cache.ts'
import type { Model } from '../schema/model/model.ts'
import { buildInputSchemas, type InputSchemas } from '../schema/inputs/input-schemas.ts'
import type { Observer } from './observer.ts'
import type { Budget } from './charge/budget.ts'
import { defaultLimits, type Limits } from './parse/limits.ts'
import {
  defaultExportSettings,
  type ExportPlaces,
  type ExportSettings,
  openExportPlaces,
} from './charge/export-places.ts'
import { type Names, openNames } from './names/open-names.ts'
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
  /** Bounds all caches of what requests asked for, on both faces, by their estimated bytes; it has their figures too. */
  readonly cacheBudget: CacheBudget
  readonly profileOf: ProfileOf
  /** Null where the names of the model are no secret. */
  readonly names: Names | null
  readonly limits: Limits
  /** Watches every operation; null where nothing does. */
  readonly observe: Observer | null
  readonly exports: ExportPlaces
  /** What requests are charged to; null: their points are limited, but taken from no account. */
  readonly budget: Budget | null
}

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024

/** What is kept of a request for the next one of its fingerprint. */
export interface KeptRequest {
  /** The text of its statement. */
  readonly text: string
  /** Parts of the template of a read's answer; absent of a write, whose rows have their template elsewhere. */
  readonly parts?: number
}

/** The memory of it: of places and checks of values, and of what writes each part of an answer. */
const BYTES_PER_REQUEST = 500
const BYTES_PER_TEMPLATE = 500
const BYTES_PER_PART = 370

const weighPrepared = (key: string, { parts }: KeptRequest): number =>
  BYTES_PER_REQUEST +
  heapOfText(key) +
  (parts === undefined ? 0 : BYTES_PER_TEMPLATE + parts * BYTES_PER_PART)

export interface EngineOptions {
  readonly model: Model
  readonly database: Database
  readonly limits?: Partial<Limits>
  /** Whether names that a caller is denied for every row are as unknown to them: where introspection is off. */
  readonly hideNames?: boolean
  /** The bytes of all caches together. */
  readonly cacheBytes?: number
  readonly exports?: Partial<ExportSettings>
  readonly budget?: Budget | null
}

export function openEngine({
  model,
  database,
  limits,
  hideNames = false,
  cacheBytes = DEFAULT_CACHE_BYTES,
  exports,
  budget = null,
}: EngineOptions): Engine {
  const cacheBudget = openBudget(cacheBytes)
  const inner = buildInputSchemas(model, 'inner')
  const bounded: Limits = { ...defaultLimits, ...limits }
  return Object.freeze({
    model,
    database,
    cacheBudget,
    budget,
    inputSchemas: buildInputSchemas(model),
    inner,
    plans: createPlanCache({ budget: cacheBudget }),
    prepared: createPlanCache({
      name: 'prepared requests',
      budget: cacheBudget,
      weigh: weighPrepared,
    }),
    profileOf: openProfiles(model),
    observe: null,
    limits: bounded,
    names: hideNames ? openNames({ model, inner, limits: bounded }) : null,
    exports: openExportPlaces({ ...defaultExportSettings, ...exports }),
  })
}

/** What an engine is given on the server. */
type Equipment = Pick<Engine, 'observe' | 'budget'>

/** The same engine on one face: each has its own observer, as the engine does not know the face of a request. */
export const equip = (engine: Engine, equipment: Equipment): Engine =>
  Object.freeze({ ...engine, ...equipment })
