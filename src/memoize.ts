// Answers about texts that come again and again, such as headers and addresses: worked out once and kept, a bounded number of them.
import { type BoundedMapOptions, openBoundedMap } from './bounded-map.ts'

/** Longer texts come from nobody who sends them again and again. */
const LONGEST = 512

type Weighing = Pick<BoundedMapOptions<string, unknown>, 'budget' | 'name' | 'weigh'>

/** At most `maxTexts` are kept; those that come again survive a flood of new ones. */
export function memoize<Value extends {} | null>(
  maxTexts: number,
  toValue: (text: string) => Value,
  weighing: Weighing = {},
): (text: string) => Value {
  const known = openBoundedMap<string, Value>({ maxEntries: maxTexts, ...weighing })
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    if (text.length > LONGEST) return toValue(text)
    const own = Buffer.from(text).toString() // a part of a header would keep all of it
    const value = toValue(own)
    known.set(own, value)
    return value
  }
}
