// Cursors: opaque, exact, and bound to the order they were made for. One cursor works on both faces.

/** The cell of each value of the order, the key included. */
export type CursorValues = readonly (string | null)[]

export const encodeCursor = (order: string, values: CursorValues): string =>
  Buffer.from(JSON.stringify([order, ...values])).toString('base64url')

export type DecodedCursor =
  | { readonly ok: true; readonly values: CursorValues }
  | { readonly ok: false; readonly reason: string }

/** @param valid for each value of the order, whether a text can be a cell of its field */
export function decodeCursor(
  cursor: string,
  order: string,
  valid: readonly ((text: string | null) => boolean)[],
): DecodedCursor {
  const parts = readCursor(cursor)
  if (parts === null)
    return { ok: false, reason: 'This is no cursor of ours; take one from a page.' }
  const [made, ...values] = parts
  if (made !== order)
    return {
      ok: false,
      reason: 'This cursor was made for another list or order; take one from a page in this order.',
    }
  const exact =
    values.length === valid.length && values.every((value, i) => valid[i]?.(value) === true)
  return exact
    ? { ok: true, values }
    : { ok: false, reason: 'This is no cursor of ours; take one from a page.' }
}

/** What a cursor holds: the name of its order, then its values; null for what no cursor is. */
export function readCursor(cursor: string): readonly (string | null)[] | null {
  if (!/^[\w-]+$/.test(cursor)) return null
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    const isText = (part: unknown): part is string | null =>
      part === null || (typeof part === 'string' && part.isWellFormed() && !part.includes('\0'))
    return Array.isArray(parts) && parts.every(isText) ? parts : null
  } catch {
    return null // not JSON: not ours
  }
}
