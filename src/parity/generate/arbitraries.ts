// Combinators over fast-check that all generators share.
import * as fc from 'fast-check'
import { defined } from '../../defined.ts'

type Option<T> = readonly [weight: number, of: fc.Arbitrary<T> | null]

/**
 * One of the options, by weight. An option that is null is left out.
 * @throws Error where every option is null
 */
export function weighted<T>(...options: readonly Option<T>[]): fc.Arbitrary<T> {
  const given = options.flatMap(([weight, arbitrary]) =>
    arbitrary === null ? [] : [{ weight, arbitrary }],
  )
  const [only, ...others] = given
  if (only === undefined) throw new Error('No option is left to choose from.')
  return others.length === 0 ? only.arbitrary : fc.oneof(...given)
}

/** One of the values; null where there are none. */
export const among = <T>(values: readonly T[]): fc.Arbitrary<T> | null =>
  values.length === 0 ? null : fc.constantFrom(...values)

/** The value, or undefined once in `freq` times. */
export const maybe = <T>(of: fc.Arbitrary<T>, freq?: number): fc.Arbitrary<T | undefined> =>
  fc.option(of, { nil: undefined, ...defined({ freq }) })

/** True once in eight times. */
export const seldom: fc.Arbitrary<boolean> = fc.integer({ min: 0, max: 7 }).map((n) => n === 7)
