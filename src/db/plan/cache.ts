// Plans by fingerprint: bounded by count and by bytes of text.
import { type Budget, openBoundedMap } from '../../bounded-map.ts'

/** What is kept: a statement, with everything that was built for it. */
interface Kept {
  readonly text: string
}

export interface PlanCache {
  /** The plan of a key, built on its first use. */
  get<T extends Kept>(key: string, build: () => T): T
  /** What is kept under a key, as what it was kept as: a key's prefix names the kind of plan, so one key has one type. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the key's type, which nothing else can say
  find<T extends Kept>(key: string): T | undefined
  keep(key: string, plan: Kept): void
  readonly size: number
  readonly bytes: number
}

export interface PlanCacheLimits {
  readonly plans: number
  readonly bytes: number
  readonly budget?: Budget
}

/** 1,000 plans of a typical 2 KB are 2 MB; the bytes bound the untypical. */
export const defaultPlanLimits: PlanCacheLimits = { plans: 1000, bytes: 8 * 1024 * 1024 }

export function createPlanCache(limits: PlanCacheLimits = defaultPlanLimits): PlanCache {
  const plans = openBoundedMap<string, Kept>({
    maxEntries: limits.plans,
    maxBytes: limits.bytes,
    ...(limits.budget === undefined ? {} : { budget: limits.budget }),
    weigh: (key, { text }) => key.length + text.length,
  })
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- see the interface
  const find = <T extends Kept>(key: string): T | undefined => plans.get(key) as T | undefined // see the interface
  return {
    get size() {
      return plans.size
    },
    get bytes() {
      return plans.bytes
    },
    find,
    keep: plans.set,
    get<T extends Kept>(key: string, build: () => T): T {
      const known = find<T>(key)
      if (known !== undefined) return known
      const plan = build()
      plans.set(key, plan)
      return plan
    },
  }
}
