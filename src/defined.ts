// Objects with optional members: TypeScript tells an absent member from one that is undefined.

/** Members that may be undefined become optional. */
type Defined<T> = {
  readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K]
} & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The object without its undefined members: `defined({ a, b })` for `...(a === undefined ? {} : { a })`. */
export function defined<T extends object>(members: T): Defined<T> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(members)) if (value !== undefined) kept[name] = value
  return kept as Defined<T> // the loop leaves out what the type makes optional
}
