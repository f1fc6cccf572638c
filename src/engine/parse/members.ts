// The members of objects in a request: those that are given a value.

type Members = Readonly<Record<string, unknown>>

export const hasMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** None where the value is no object. */
export const givenMembers = (value: unknown): readonly (readonly [string, unknown])[] =>
  hasMembers(value) ? Object.entries(value).filter(([, member]) => member !== undefined) : []

/** The one member of an object that has passed `exactlyOneKey` (schema/inputs). */
export function onlyMember(value: unknown): readonly [string, unknown] {
  const [member] = givenMembers(value)
  if (member === undefined) throw new Error('An object without a member passed its schema.')
  return member
}
