// JSON objects whose shape is not known: the guard, and what the suite does with their members.

export type JsonMembers = Readonly<Record<string, unknown>>

export const isJsonObject = (value: unknown): value is JsonMembers =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const json = JSON as JSON & { isRawJSON(value: unknown): boolean } // ES2025, which TypeScript's libraries do not know yet

/** Whether a value is a number that was read with all its digits. */
export const isRawNumber = (value: unknown): boolean => json.isRawJSON(value)

/** The object with its members changed; any other value as it is. */
export const mapMembers = (
  value: unknown,
  change: (name: string, member: unknown) => unknown,
): unknown => (isJsonObject(value) ? mapObject(value, change) : value)

/** The object with its members changed. */
export const mapObject = (
  value: JsonMembers,
  change: (name: string, member: unknown) => unknown,
): JsonMembers =>
  Object.fromEntries(Object.entries(value).map(([name, member]) => [name, change(name, member)]))

/** The list with its elements changed; any other value as it is. */
export const mapElements = (value: unknown, change: (element: unknown) => unknown): unknown =>
  Array.isArray(value) ? value.map((element) => change(element)) : value

/** The value at a path of objects: `['author', 'name']` gives `{ author: { name: value } }`. */
export const atPath = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight((inner, name) => ({ [name]: inner }), value)
