// The size of values as they came: the characters of their texts and names, and one for each member of a list.

/** Sizes of lists and objects: a variable is measured once, however often a document uses it. */
const sizes = new WeakMap<object, number>()

/** About as many as the characters of its JSON, without numbers. */
export function textSize(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  const known = sizes.get(value)
  if (known !== undefined) return known
  let size = 0
  for (const [name, member] of Object.entries(value))
    size += (Array.isArray(value) ? 1 : name.length) + textSize(member)
  sizes.set(value, size)
  return size
}
