// Plans by shape: bounded by count and by bytes of text. What was not used since it was last looked at goes first.

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

interface Entry {
  readonly plan: Kept
  /** Used since it came to the end of the line: it is let go one round later. Moving it at each use would make a new table of the map every few uses. */
  used: boolean
}

export function createPlanCache(limits: PlanCacheLimits = defaults): PlanCache {
  const plans = new Map<string, Entry>()
  let bytes = 0
  const weight = (key: string, plan: Kept) => key.length + plan.text.length
  const remove = (key: string, { plan }: Entry): void => {
    plans.delete(key)
    bytes -= weight(key, plan)
  }
  const evict = () => {
    for (const [key, entry] of plans) {
      if (plans.size <= limits.plans && bytes <= limits.bytes) return
      if (entry.used) {
        plans.delete(key)
        plans.set(key, { plan: entry.plan, used: false })
      } else remove(key, entry)
    }
  }
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- see the interface
  const find = <T extends Kept>(key: string): T | undefined => {
    const entry = plans.get(key)
    if (entry === undefined) return undefined
    entry.used = true
    return entry.plan as T // see the interface
  }
  const keep = (key: string, plan: Kept): void => {
    const before = plans.get(key)
    if (before !== undefined) remove(key, before)
    plans.set(key, { plan, used: false })
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
