// Answers about texts that come again and again, such as headers and addresses: worked out once and kept, a bounded number of them.

/** Longer texts come from nobody who sends them again and again. */
const LONGEST = 512

/** Past `most` texts all are forgotten, so that a flood of new ones costs what not remembering would. */
export function remembered<Value extends {} | null>(most: number, toValue: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    if (text.length > LONGEST) return toValue(text)
    const own = Buffer.from(text).toString() // a part of a header would keep all of it
    const value = toValue(own)
    if (known.size >= most) known.clear()
    known.set(own, value)
    return value
  }
}
