// Parts of an answer, checked to have the shape that the contract promises.
import { isObject, type JsonObject } from '../objects.ts'
import { UnreadableAnswer } from './outcome.ts'

/** @throws UnreadableAnswer where the part is no object */
export function asObject(part: unknown): JsonObject {
  if (isObject(part)) return part
  throw new UnreadableAnswer(`An answer has ${JSON.stringify(part)} in place of an object.`)
}

/** @throws UnreadableAnswer where the part is no list */
export function asList(part: unknown): readonly unknown[] {
  if (Array.isArray(part)) return part
  throw new UnreadableAnswer(`An answer has ${JSON.stringify(part)} in place of a list.`)
}

/** The text; null where there is none. */
export const asText = (part: unknown): string | null => (typeof part === 'string' ? part : null)
