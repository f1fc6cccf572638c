// Plans by shape: bounded by count and by bytes of text, the least recently used goes first.

export interface PlanCache {
  /** The plan of a key, built on its first use. */
  get<T extends { readonly text: string }>(key: string, build: () => T): T
  readonly size: number
  readonly bytes: number
}

export interface PlanCacheLimits {
  readonly plans: number
  readonly bytes: number
}

/** 1,000 plans of a typical 2 KB are 2 MB; the bytes bound the untypical. */
const defaults: PlanCacheLimits = { plans: 1000, bytes: 8 * 1024 * 1024 }

export function createPlanCache(limits: PlanCacheLimits = defaults): PlanCache {
  const plans = new Map<string, { readonly text: string }>()
  let bytes = 0
  const weight = (key: string, plan: { readonly text: string }) => key.length + plan.text.length
  const evict = () => {
    for (const [key, plan] of plans) {
      if (plans.size <= limits.plans && bytes <= limits.bytes) return
      plans.delete(key)
      bytes -= weight(key, plan)
    }
  }
  return {
    get size() { return plans.size },
    get bytes() { return bytes },
    get<T extends { readonly text: string }>(key: string, build: () => T): T {
      const known = plans.get(key)
      const plan = known ?? build()
      plans.delete(key)
      plans.set(key, plan)
      if (known === undefined) {
        bytes += weight(key, plan)
        evict()
      }
      return plan as T // a key's prefix names the kind of plan, so one key has one type
    },
  }
}
