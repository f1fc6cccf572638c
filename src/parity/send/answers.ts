// Parts of an answer, checked to have the shape that the contract promises.
import { isJsonObject, type JsonMembers } from '../objects.ts'
import { UnreadableAnswer } from './outcome.ts'

/** @throws UnreadableAnswer where the part is no object */
export function objectIn(part: unknown): JsonMembers {
  if (isJsonObject(part)) return part
  throw new UnreadableAnswer(`An answer has ${JSON.stringify(part)} in place of an object.`)
}

/** @throws UnreadableAnswer where the part is no list */
export function listIn(part: unknown): readonly unknown[] {
  if (Array.isArray(part)) return part
  throw new UnreadableAnswer(`An answer has ${JSON.stringify(part)} in place of a list.`)
}

/** The text, or null. */
export const textIn = (part: unknown): string | null => (typeof part === 'string' ? part : null)
