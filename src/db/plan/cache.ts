// Plans by shape: bounded by count and by bytes of text, the least recently used goes first.

/** What is kept: a statement, with whatever was built for it. */
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
}

/** 1,000 plans of a typical 2 KB are 2 MB; the bytes bound the untypical. */
const defaults: PlanCacheLimits = { plans: 1000, bytes: 8 * 1024 * 1024 }

export function createPlanCache(limits: PlanCacheLimits = defaults): PlanCache {
  const plans = new Map<string, Kept>()
  let bytes = 0
  const weight = (key: string, plan: Kept) => key.length + plan.text.length
  const evict = () => {
    for (const [key, plan] of plans) {
      if (plans.size <= limits.plans && bytes <= limits.bytes) return
      plans.delete(key)
      bytes -= weight(key, plan)
    }
  }
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- see the interface
  const find = <T extends Kept>(key: string): T | undefined => {
    const known = plans.get(key)
    if (known === undefined) return undefined
    plans.delete(key) // and in again, to the end
    plans.set(key, known)
    return known as T // see the interface
  }
  const keep = (key: string, plan: Kept): void => {
    const before = plans.get(key)
    if (before !== undefined) {
      plans.delete(key)
      bytes -= weight(key, before)
    }
    plans.set(key, plan)
    bytes += weight(key, plan)
    evict()
  }
  return {
    get size() { return plans.size },
    get bytes() { return bytes },
    find, keep,
    get<T extends Kept>(key: string, build: () => T): T {
      const known = find<T>(key)
      if (known !== undefined) return known
      const plan = build()
      keep(key, plan)
      return plan
    },
  }
}
