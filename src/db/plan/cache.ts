// Plans by fingerprint: bounded by count and by the memory that they hold.
import { openBoundedMap } from '../../bounded-map.ts'
import { type Budget, heapOfText } from '../../cache-budget.ts'

/** What is kept: a statement, with everything that was built for it. */
export interface Kept {
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

export interface PlanCacheOptions {
  readonly name?: string
  readonly plans?: number
  readonly budget?: Budget
  readonly weigh?: (key: string, plan: Kept) => number
}

const MAX_PLANS = 10_000

/** The memory of a statement with its bindings and its layout: a fixed part, and a part for its text. */
const BYTES_PER_PLAN = 1200
const BYTES_PER_CHARACTER = 3.4

export const weighPlan = (key: string, { text }: Kept): number =>
  BYTES_PER_PLAN + heapOfText(key) + text.length * BYTES_PER_CHARACTER

export function createPlanCache({
  name = 'plans',
  plans: maxEntries = MAX_PLANS,
  budget,
  weigh = weighPlan,
}: PlanCacheOptions = {}): PlanCache {
  const plans = openBoundedMap<string, Kept>({
    name,
    maxEntries,
    weigh,
    ...(budget === undefined ? {} : { budget }),
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
