// The result of a comparison: a difference in words, or the rules that allow what differs.
import type { RuleName } from './rules.ts'

export interface ComparisonResult {
  /** The difference in words; null if the answers agree. */
  readonly difference: string | null
  /** The rules that explain what differs by design. */
  readonly rules: readonly RuleName[]
}

export const same: ComparisonResult = { difference: null, rules: [] }

export const differ = (difference: string): ComparisonResult => ({ difference, rules: [] })

/** Different by design. */
export const byRule = (...rules: readonly RuleName[]): ComparisonResult => ({
  difference: null,
  rules,
})
